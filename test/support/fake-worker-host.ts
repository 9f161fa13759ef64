// Workers without processes, which follow the same scripts as scripted-worker.ts.
import type { WorkerExit, WorkerHandle, WorkerHost, WorkerOrder } from '../../src-main/worker/port.ts';
import type { WorkerMessage } from '../../src-main/worker/tasks.ts';
import type { Script } from './scripted-worker.ts';

export const fakeWorkerHost: WorkerHost = { fork: () => new FakeWorker() };

class FakeWorker implements WorkerHandle {
  readonly pid = 1;
  private readonly onMessages: ((message: WorkerMessage) => void)[] = [];
  private readonly onExits: ((exit: WorkerExit) => void)[] = [];
  private ended = false;

  post(order: WorkerOrder): void {
    if (order.kind === 'stop') this.send({ kind: 'done', result: 'stopped' });
    else if (order.kind === 'begin' && order.task === 'probe') this.follow(order.params.engine as Script); // tests name scripts
  }

  onMessage(listener: (message: WorkerMessage) => void): void {
    this.onMessages.push(listener);
  }

  onExit(listener: (exit: WorkerExit) => void): void {
    this.onExits.push(listener);
  }

  kill(): void {
    this.end({ code: null, signal: 'SIGKILL', said: '' });
  }

  private follow(script: Script): void {
    switch (script) {
      case 'echo':
        this.send({ kind: 'news', news: Float32Array.of(1, 2, 3) });
        this.send({ kind: 'done', result: null });
        return;
      case 'complain and leave':
        this.end({ code: 3, signal: null, said: 'first\nterminate called: std::bad_alloc\n' });
        return;
      case 'wait':
        this.send({ kind: 'news', news: 'waiting' });
    }
  }

  private send(message: WorkerMessage): void {
    setImmediate(() => {
      if (!this.ended) for (const listener of this.onMessages) listener(message);
    });
  }

  private end(exit: WorkerExit): void {
    setImmediate(() => {
      if (this.ended) return;
      this.ended = true;
      for (const listener of this.onExits) listener(exit);
    });
  }
}
