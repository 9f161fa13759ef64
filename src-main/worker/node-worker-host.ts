import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerExit, WorkerHandle, WorkerHost } from './port.ts';
import type { WorkerMessage } from './tasks.ts';

/** The program runs from its sources and, packed, from what they were built to. */
const ENTRY = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
/** What is kept of standard error, characters. */
const KEPT = 4000;

/** Workers as child processes of Node, for `serve` and the command line. */
export const nodeWorkerHost: WorkerHost = { fork: () => forkNode(ENTRY) };

/** Forks a module that speaks the worker's messages. */
export function forkNode(entry: string): WorkerHandle {
  const child = fork(entry, [], {
    execArgv: [],
    // Typed arrays stay what they are.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-KEPT)));
  return {
    pid: child.pid,
    // A worker that has gone already is told by its exit.
    post: (order) => void (child.connected && child.send(order, () => undefined)),
    onMessage: (listener) => void child.on('message', (message) => listener(message as WorkerMessage)),
    onExit(listener) {
      let told = false;
      const tell = (exit: WorkerExit): void => {
        if (!told) listener(exit);
        told = true;
      };
      child.on('error', ({ message }) => tell({ code: null, signal: null, said: message }));
      // `close` and not `exit`: by then all that was said has been heard.
      child.on('close', (code, signal) => tell({ code, signal, said }));
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
