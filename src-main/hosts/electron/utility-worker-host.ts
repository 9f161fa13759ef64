import type { ForkOptions, UtilityProcess } from 'electron';
import { fileURLToPath } from 'node:url';
import type { WorkerExit, WorkerHandle, WorkerHost } from '../../worker/port.ts';
import type { WorkerMessage } from '../../worker/tasks.ts';

const ENTRY = fileURLToPath(new URL('../../worker/worker.js', import.meta.url));
/** What is kept of standard error, characters. */
const KEPT = 4000;

/** What is used of `utilityProcess.fork`. */
type Fork = (entry: string, args: string[], options: ForkOptions) => UtilityProcess;

/**
 * Workers as utility processes of Electron. The packed app cannot run itself as Node: that fuse is off, so a forked child process
 * would open the app a second time.
 */
export function utilityWorkerHost(fork: Fork): WorkerHost {
  return { fork: () => handleOf(fork(ENTRY, [], { stdio: ['ignore', 'ignore', 'pipe'], serviceName: 'UniA worker' })) };
}

function handleOf(child: UtilityProcess): WorkerHandle {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-KEPT)));
  return {
    get pid() {
      return child.pid;
    },
    post: (order) => child.postMessage(order),
    onMessage: (listener) => void child.on('message', (message) => listener(message as WorkerMessage)),
    onExit: (listener) => {
      let told = false;
      const tell = (exit: WorkerExit): void => {
        if (!told) listener(exit);
        told = true;
      };
      child.on('error', (type, location) => (said += `\n${type} at ${location}`));
      child.on('exit', (code) => tell({ code, signal: null, said }));
    },
    kill: () => void child.kill(),
  };
}
