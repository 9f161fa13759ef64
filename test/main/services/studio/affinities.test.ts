import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PHANTOM_LABELS } from '../../../../src-core/datasets/phantom.ts';
import type { LabelPlane } from '../../../../src-core/imaging/plane.ts';
import { grownLabels, prepareGrow, SEED } from '../../../../src-core/review/affinity-grow.ts';
import type { ItemAffinity } from '../../../../src-core/review/token-walk.ts';
import { openImageData } from '../../../../src-main/services/image-data.ts';
import { createDispatch } from '../../../../src-main/services/studio/dispatch.ts';
import { Studio } from '../../../../src-main/services/studio/studio.ts';
import { nodeWorkerHost } from '../../../../src-main/worker/node-worker-host.ts';
import type { WorkerHandle, WorkerHost } from '../../../../src-main/worker/port.ts';
import { diceOf, strokeInLv } from '../../../support/grow-material.ts';
import { phantomProject, type PhantomProject } from '../../../support/predicted-project.ts';
import { temporaryFolder } from '../../../support/source-folders.ts';
import { trainedPhantom } from '../../../support/trained-phantom.ts';

const { LV } = PHANTOM_LABELS;
let phantom: PhantomProject;
let untrained: PhantomProject;

beforeAll(async () => {
  phantom = await trainedPhantom();
  untrained = await phantomProject({}, { patients: 1, slices: 2 });
}, 60_000);
afterAll(() => {
  for (const { folder } of [phantom, untrained]) rmSync(folder, { recursive: true, force: true });
});

/** Remembers the workers that it started. */
class WatchedHost implements WorkerHost {
  readonly workers: WorkerHandle[] = [];

  fork(): WorkerHandle {
    const worker = nodeWorkerHost.fork();
    this.workers.push(worker);
    return worker;
  }
}

function open(directory: string) {
  const host = new WatchedHost();
  const studio = new Studio({ host: 'serve', home: join(temporaryFolder(), 'home'), workers: host });
  onTestFinished(() => studio.close());
  studio.openProject(directory);
  const dispatch = createDispatch(studio);
  const items = studio.project.items.map(({ id }) => id);
  const ask = (item: string) => dispatch('picture.affinity', { item });
  const read = async (item: string): Promise<ItemAffinity> => {
    const answer = await ask(item);
    if (!answer.ok) throw new Error(answer.message);
    return answer.value as ItemAffinity; // the contract says so
  };
  return { studio, host, items, ask, read };
}

describe('the affinity of an item by the run in use', () => {
  it('grows one stroke to much more of its class', async () => {
    const { studio, items, read } = open(phantom.directory);
    const images = openImageData(studio.project);
    let compared = 0;
    for (const item of items) {
      const truth = (await images.truth(item))!; // the phantom has one for every item
      const seeds = strokeInLv(truth);
      const drawn = diceOf(
        seeds.map((seed) => (seed === SEED.is ? LV : 0)),
        truth.data,
        LV,
      );
      // Where there is no LV, or one so small that the stroke is most of it, nothing is left to grow.
      if (!(drawn > 0 && drawn < 0.5)) continue;
      const model = prepareGrow(truth, await images.pixels(item), await read(item));
      const empty: LabelPlane = { ...truth, data: new Uint8Array(truth.data.length) };
      const grown = grownLabels(model, empty, LV, seeds);
      expect(diceOf(grown, truth.data, LV)).toBeGreaterThan(drawn + 0.2);
      compared++;
    }
    expect(compared).toBeGreaterThan(1);
  });

  it('is read once for an item, all by one worker', async () => {
    const { host, items, read } = open(phantom.directory);
    const [first, second, again] = await Promise.all([read(items[0]!), read(items[1]!), read(items[0]!)]);
    expect(first.grid[0] * first.grid[1] * 25).toBe(first.near.length);
    expect(first.area).toEqual({ x: 0, y: 0, width: 64, height: 64 });
    expect(first.near.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
    expect(again.near).toBe(first.near);
    expect(second.near).not.toEqual(first.near);
    expect(host.workers).toHaveLength(1);
  });

  it('is told to be missing where no run is in use, and where there is no such item', async () => {
    const { items, ask } = open(untrained.directory);
    expect(await ask(items[0]!)).toMatchObject({ ok: false, kind: 'no-run' });
    expect(await open(phantom.directory).ask('nobody')).toMatchObject({ ok: false, message: /nobody/ });
  });

  it('is asked of another worker after the first has died or runs have changed', async () => {
    const { studio, host, items, ask, read } = open(phantom.directory);
    const first = ask(items[0]!);
    host.workers[0]!.kill();
    expect(await first).toMatchObject({ ok: false, message: /worker process/ });
    await read(items[0]!);
    studio.emit('runs', null);
    await read(items[0]!);
    expect(host.workers).toHaveLength(3);
  });

  it('cannot be read while the image is away, which leaves the worker to others', async () => {
    const { studio, host, items, ask, read } = open(phantom.directory);
    await read(items[0]!);
    const other = items.find((id) => studio.project.place(id).volume.id !== studio.project.place(items[0]!).volume.id)!;
    const moved = `${phantom.source} moved`;
    renameSync(phantom.source, moved);
    onTestFinished(() => renameSync(moved, phantom.source));
    expect(await ask(other)).toMatchObject({ ok: false, message: /phantom/ });
    expect(host.workers).toHaveLength(1);
  });
});
