// The worker's process: one task, then it waits to be ended. Started by a `WorkerHost`.
import { errorText } from '../services/error-text.ts';
import { OutOfMemoryError } from '../services/memory-advice.ts';
import { ProjectError } from '../storage/project-error.ts';
import { perform } from './perform.ts';
import type { WorkerOrder } from './port.ts';
import type { TaskFailure, WorkerMessage } from './tasks.ts';

/** Electron's end of the connection, as far as it is used. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

const parentPort = (process as { readonly parentPort?: ParentPort }).parentPort;
const controller = new AbortController();

const send = (message: WorkerMessage): void => {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
};

function take(order: WorkerOrder): void {
  if (order.kind === 'stop') {
    controller.abort();
    return;
  }
  perform(order, { signal: controller.signal, tell: (news) => send({ kind: 'news', news }) }).then(
    (result) => send({ kind: 'done', result }),
    (error: unknown) => send({ kind: 'failed', failure: failureOf(error) }),
  );
}

function failureOf(error: unknown): TaskFailure {
  return {
    message: errorText(error),
    ...(error instanceof ProjectError && { problem: error.problem }),
    ...(error instanceof OutOfMemoryError && { settings: error.settings }),
  };
}

// Our own process sends nothing else.
if (parentPort) parentPort.on('message', ({ data }) => take(data as WorkerOrder));
else process.on('message', (order) => take(order as WorkerOrder));
// The project is the parent's to write: without it nothing may be written any more.
process.on('disconnect', () => process.exit(1));
// Ctrl-C reaches the whole group of processes; the parent says what is to be done.
process.on('SIGINT', () => undefined);
