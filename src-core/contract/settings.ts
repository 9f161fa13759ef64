// What a person has set for the program, whatever project is open.
import { z } from 'zod';
import { answers } from './call.ts';

export const SETTINGS = z.object({
  theme: z.enum(['dark', 'light', 'system']),
  language: z.enum(['en', 'de', 'zh']),
  annotator: z.string().max(80),
  /** Engine to train and predict on; `auto` measures all. */
  engine: z.string(),
  /** Stops every request that leaves the program. */
  offline: z.boolean(),
  /** Action → keys, where they differ from the defaults. */
  shortcuts: z.record(z.string(), z.string()),
  /** What screens remember of their own layout and habits. */
  view: z.record(z.string(), z.json()),
});

export type Settings = z.output<typeof SETTINGS>;

/** Settings to change; the others stay. */
const SETTINGS_CHANGES = SETTINGS.partial();
export type SettingsChanges = z.output<typeof SETTINGS_CHANGES>;

export const DEFAULT_SETTINGS: Settings = {
  theme: 'dark',
  language: 'en',
  annotator: '',
  engine: 'auto',
  offline: true,
  shortcuts: {},
  view: {},
};

/** What the screen has to know of where it runs. */
export interface HostFacts {
  readonly version: string;
  /** `serve`: a browser on loopback; `electron`: the app. */
  readonly host: 'serve' | 'electron';
  /** Where new projects are put unless told otherwise. */
  readonly projectsFolder: string;
}

/** What proves that nothing leaves the machine. */
export interface PrivacyFacts {
  /** Addresses that the page asked for and did not get, newest last; null where the browser keeps them from us. */
  readonly blocked: readonly string[] | null;
}

/** A folder as the folder chooser shows it. */
export interface FolderListing {
  readonly directory: string;
  readonly parent: string | null;
  readonly folders: readonly { readonly name: string; readonly holdsProject: boolean }[];
  readonly files: number;
  readonly holdsProject: boolean;
}

export const SETTINGS_CALLS = {
  'settings.read': answers<Settings>()(z.object({})),
  /** Changes the named ones and gives all. */
  'settings.write': answers<Settings>()(SETTINGS_CHANGES),
  'host.facts': answers<HostFacts>()(z.object({})),
  'host.privacy': answers<PrivacyFacts>()(z.object({})),
  /** Sub-folders of a folder of the machine that the services run on; the home folder when absent. */
  'host.folder': answers<FolderListing>()(z.object({ directory: z.string().optional() })),
};
