// What the app's preload script gives the page. Named functions only; in a browser there is none, and a socket takes its place.
import type { Answer } from './call.ts';

export interface Bridge {
  call(name: string, params: unknown): Promise<Answer<unknown>>;
  /** Hears every event of the services. */
  listen(listener: (event: string, data: unknown) => void): void;
  /** The operating system's folder chooser; null where the person cancelled. */
  chooseFolder(title: string): Promise<string | null>;
  /** Shows a folder in the operating system's file manager. */
  revealFolder(path: string): Promise<void>;
  /** Path of a dropped file or folder. */
  pathOf(file: unknown): string;
}
