import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type { UtilityProcess } from 'electron';
import { describe, expect, it } from 'vitest';
import { utilityWorkerHost } from '../../../../src-main/hosts/electron/utility-worker-host.ts';
import type { WorkerExit } from '../../../../src-main/worker/port.ts';

/** What Electron's utility process does, as far as the worker's port uses it. */
class FakeUtilityProcess extends EventEmitter {
  readonly pid = 7;
  readonly stderr = new EventEmitter();
  readonly posted: unknown[] = [];
  killed = false;
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  kill(): boolean {
    this.killed = true;
    return true;
  }
}

function forkFake() {
  const child = new FakeUtilityProcess();
  const forked: unknown[] = [];
  const host = utilityWorkerHost((entry, args, options) => {
    forked.push({ entry, args, options });
    return child as unknown as UtilityProcess; // the port uses nothing else of it
  });
  return { child, forked, worker: host.fork() };
}

describe('a worker in Electron', () => {
  it('is a utility process of our own entry, never Electron run as Node', () => {
    const { forked } = forkFake();
    expect(forked).toMatchObject([{ args: [], options: { serviceName: 'UniA worker' } }]);
    const { entry } = forked[0] as { entry: string };
    // Built file by file, the entry lies where its source lies.
    expect(existsSync(entry.replace(/\.js$/, '.ts'))).toBe(true);
  });

  it('is sent orders, sends messages and is killed', () => {
    const { child, worker } = forkFake();
    const messages: unknown[] = [];
    worker.onMessage((message) => messages.push(message));
    worker.post({ kind: 'stop' });
    child.emit('message', { kind: 'news', news: 1 });
    worker.kill();
    expect(child).toMatchObject({ posted: [{ kind: 'stop' }], killed: true });
    expect(messages).toEqual([{ kind: 'news', news: 1 }]);
    expect(worker.pid).toBe(7);
  });

  it('tells once how it ended, with the last that it said', () => {
    const { child, worker } = forkFake();
    const exits: WorkerExit[] = [];
    worker.onExit((exit) => exits.push(exit));
    child.stderr.emit('data', Buffer.from('std::bad_alloc'));
    child.emit('error', 'FatalError', 'v8');
    child.emit('exit', 134);
    child.emit('exit', 134);
    expect(exits).toEqual([{ code: 134, signal: null, said: 'std::bad_alloc\nFatalError at v8' }]);
  });
});
