// The worker's process: one task, then it waits to be ended. Started by a `WorkerHost`.
import { perform } from './perform.ts';
import type { WorkerOrder } from './port.ts';
import { Questions } from './questions.ts';
import { failureOf } from './task-failure.ts';
import type { WorkerMessage } from './tasks.ts';

/** Electron's end of the connection, as far as it is used. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

const parentPort = (process as { readonly parentPort?: ParentPort }).parentPort;
const controller = new AbortController();
const questions = new Questions(controller.signal);

const send = (message: WorkerMessage): void => {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
};

function take(order: WorkerOrder): void {
  if (order.kind === 'stop') {
    controller.abort();
    return;
  }
  if (order.kind === 'ask') {
    questions.put(order.question);
    return;
  }
  perform(order, { signal: controller.signal, questions, tell: (news) => send({ kind: 'news', news }) }).then(
    (result) => send({ kind: 'done', result }),
    (error: unknown) => send({ kind: 'failed', failure: failureOf(error) }),
  );
}

// Our own process sends nothing else.
if (parentPort) parentPort.on('message', ({ data }) => take(data as WorkerOrder));
else process.on('message', (order) => take(order as WorkerOrder));
// The project is the parent's to write: without it nothing may be written any more.
process.on('disconnect', () => process.exit(1));
// Ctrl-C reaches the whole group of processes; the parent says what is to be done.
process.on('SIGINT', () => undefined);
