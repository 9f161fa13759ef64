import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { forkNode } from '../../../src-main/worker/node-worker-host.ts';
import type { WorkerExit, WorkerHandle, WorkerHost } from '../../../src-main/worker/port.ts';
import { runTask, TaskError, WorkerDeath } from '../../../src-main/worker/run-task.ts';
import type { WorkerMessage } from '../../../src-main/worker/tasks.ts';
import { fakeWorkerHost } from '../../support/fake-worker-host.ts';
import type { Script } from '../../support/scripted-worker.ts';

const SCRIPTED = fileURLToPath(new URL('../../support/scripted-worker.ts', import.meta.url));
const HOSTS: readonly (readonly [string, WorkerHost])[] = [
  ['a fake', fakeWorkerHost],
  ['a forked process', { fork: () => forkNode(SCRIPTED) }],
];

const begin = (worker: WorkerHandle, script: Script): void =>
  worker.post({ kind: 'begin', task: 'probe', params: { engine: script, placement: false } });
const exitOf = (worker: WorkerHandle): Promise<WorkerExit> => new Promise((resolve) => worker.onExit(resolve));

describe.each(HOSTS)('a worker of %s', (_, host) => {
  it('is sent orders and sends messages in their order, typed arrays included', async () => {
    const worker = host.fork();
    const messages: WorkerMessage[] = [];
    worker.onMessage((message) => messages.push(message));
    begin(worker, 'echo');
    await expect.poll(() => messages.length).toBe(2);
    expect(messages).toEqual([
      { kind: 'news', news: Float32Array.of(1, 2, 3) },
      { kind: 'done', result: null },
    ]);
    worker.kill();
  });

  it('tells once how it ended, with the last that it said', async () => {
    const worker = host.fork();
    const exits: WorkerExit[] = [];
    worker.onExit((exit) => exits.push(exit));
    begin(worker, 'complain and leave');
    await expect.poll(() => exits).toEqual([{ code: 3, signal: null, said: expect.stringContaining('bad_alloc') }]);
    worker.post({ kind: 'stop' });
    worker.kill();
    expect(exits).toHaveLength(1);
  });

  it('ends when it is killed', async () => {
    const worker = host.fork();
    const exit = exitOf(worker);
    worker.kill();
    expect(await exit).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  const task = (script: Script, options: Parameters<typeof runTask<'probe'>>[3] = {}) =>
    runTask(host, 'probe', { engine: script, placement: false }, options);

  it('gives what its task gives, after the news', async () => {
    const news: unknown[] = [];
    expect(await task('echo', { onNews: (each) => news.push(each) })).toBeNull();
    expect(news).toHaveLength(1);
  });

  it('that dies fails its task in words', async () => {
    await expect(task('complain and leave')).rejects.toThrow('The worker process ran out of memory (exit code 3).');
    await expect(task('complain and leave')).rejects.toBeInstanceOf(WorkerDeath);
  });

  it('is asked to end, and gives what it has', async () => {
    const controller = new AbortController();
    const result = task('wait', { signal: controller.signal, onNews: () => controller.abort() });
    expect(await result).toBe('stopped');
  });

  it('is ended without waiting where nothing has to be saved', async () => {
    const controller = new AbortController();
    const result = task('wait', { signal: controller.signal, onAbort: 'kill', onNews: () => controller.abort() });
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
    await expect(task('echo', { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it('a task that fails tells why in its own words', async () => {
  const host: WorkerHost = {
    fork: () => ({
      ...{ pid: 1, post: () => undefined, onExit: () => undefined, kill: () => undefined },
      onMessage: (listener) => listener({ kind: 'failed', failure: { message: 'full', problem: 'disk-full' } }),
    }),
  };
  const result = runTask(host, 'probe', { engine: '', placement: false });
  await expect(result).rejects.toBeInstanceOf(TaskError);
  await expect(result).rejects.toMatchObject({ message: 'full', problem: 'disk-full' });
});
