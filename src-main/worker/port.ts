// How the app's process talks to a worker: heavy work that may block, crash or be killed runs in a process of its own.
import type { TaskCall, WorkerMessage } from './tasks.ts';

/** What is sent to a worker. */
export type WorkerOrder =
  | TaskCall
  | { readonly kind: 'stop' }
  /** For tasks that answer questions, in their order, by news. */
  | { readonly kind: 'ask'; readonly question: unknown };

/** How a worker's process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last that it wrote to standard error. */
  readonly said: string;
}

/** A running worker. */
export interface WorkerHandle {
  /** Process id; undefined where the process did not start. */
  readonly pid: number | undefined;
  post(order: WorkerOrder): void;
  onMessage(listener: (message: WorkerMessage) => void): void;
  /** Called once, also where the process did not start. */
  onExit(listener: (exit: WorkerExit) => void): void;
  /** Ends the process at once. */
  kill(): void;
}

/** Starts workers. Electron and Node each have their own way. */
export interface WorkerHost {
  fork(): WorkerHandle;
}
