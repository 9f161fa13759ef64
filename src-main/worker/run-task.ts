import type {
  NewsOfTask,
  ParamsOfTask,
  QuestionOfTask,
  ResultOfTask,
  TaskCall,
  TaskFailure,
  TaskName,
} from './tasks.ts';
import type { WorkerExit, WorkerHost } from './port.ts';

/** A task that a worker reports as failed. */
export class TaskError extends Error {
  readonly problem: string | undefined;
  readonly settings: Readonly<Record<string, string>> | undefined;

  constructor({ message, problem, settings }: TaskFailure) {
    super(message);
    this.name = 'TaskError';
    this.problem = problem;
    this.settings = settings;
  }
}

/** A worker's process that ended before its task did. */
export class WorkerDeath extends Error {
  readonly exit: WorkerExit;
  /** Whether it said that memory ran out. */
  readonly outOfMemory: boolean;

  constructor(exit: WorkerExit) {
    super(wordsOf(exit));
    this.name = 'WorkerDeath';
    this.exit = exit;
    this.outOfMemory = NO_MEMORY.test(exit.said);
  }
}

export interface TaskOptions<Name extends TaskName> {
  readonly signal?: AbortSignal | undefined;
  /** What an aborted signal does: `ask` lets the worker save and end, `kill` does not wait. */
  readonly onAbort?: 'ask' | 'kill';
  readonly onNews?: (news: NewsOfTask<Name>) => void;
  /** Told once there is a process, with the way to ask it. */
  readonly onStart?: (pid: number | undefined, ask: (question: QuestionOfTask<Name>) => void) => void;
}

/**
 * Runs a task in a worker of its own, which ends with it. Rejects with a `TaskError` in the worker's words, with a
 * `WorkerDeath` where its process ended on its own, and with the signal's reason where it was killed for it.
 */
export function runTask<Name extends TaskName>(
  host: WorkerHost,
  task: Name,
  params: ParamsOfTask<Name>,
  { signal, onAbort = 'ask', onNews, onStart }: TaskOptions<Name> = {},
): Promise<ResultOfTask<Name>> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = host.fork();
    let ended = false;
    const end = (settle: () => void): void => {
      if (ended) return;
      ended = true;
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const abort = (): void => {
      if (onAbort === 'ask') worker.post({ kind: 'stop' });
      else {
        worker.kill();
        end(() => reject(signal?.reason as Error)); // a signal aborts with a DOMException
      }
    };
    signal?.addEventListener('abort', abort, { once: true });
    worker.onMessage((message) => {
      // The worker is the same build: what it sends has the types of the task.
      if (message.kind === 'news') onNews?.(message.news as NewsOfTask<Name>);
      else if (message.kind === 'done') end(() => resolve(message.result as ResultOfTask<Name>));
      else end(() => reject(new TaskError(message.failure)));
      if (message.kind !== 'news') worker.kill();
    });
    worker.onExit((exit) => end(() => reject(new WorkerDeath(exit))));
    worker.post({ kind: 'begin', task, params } as TaskCall); // name and parameters belong together
    onStart?.(worker.pid, (question) => worker.post({ kind: 'ask', question }));
  });
}

const NO_MEMORY = /bad_alloc|out of memory|heap limit/i;

function wordsOf({ code, signal, said }: WorkerExit): string {
  const last = said.trim().split('\n').at(-1) ?? '';
  const how = signal === null ? `exit code ${code}` : signal;
  if (NO_MEMORY.test(said)) return `The worker process ran out of memory (${how}).`;
  if (signal === 'SIGKILL') {
    return 'The worker process was killed from outside, which is also what the system does when memory runs out.';
  }
  return `The worker process ended unexpectedly (${how})${last && `: ${last}`}.`;
}
