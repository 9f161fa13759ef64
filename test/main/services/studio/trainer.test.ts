import { existsSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Answer } from '../../../../src-core/contract/call.ts';
import type { CallName, Events, ParamsOf, ResultOf } from '../../../../src-core/contract/contract.ts';
import type { TrainingNews } from '../../../../src-core/contract/train.ts';
import { Project } from '../../../../src-main/services/project.ts';
import { createDispatch } from '../../../../src-main/services/studio/dispatch.ts';
import { SUGGESTED_RECIPE } from '../../../../src-main/services/studio/sample.ts';
import { Studio } from '../../../../src-main/services/studio/studio.ts';
import { readResource } from '../../../../src-main/services/studio/resources.ts';
import { nodeWorkerHost } from '../../../../src-main/worker/node-worker-host.ts';
import type { WorkerHost } from '../../../../src-main/worker/port.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../../support/predicted-project.ts';
import { tinyRecipe } from '../../../support/tiny-recipe.ts';
import { temporaryFolder } from '../../../support/source-folders.ts';

let phantom: PhantomProject;
beforeAll(async () => {
  const split = { kind: 'modulus', modulus: 3, validation: 0.5, seed: 0 } as const;
  phantom = await phantomProject({ split }, { patients: 3, side: 40, slices: 3 });
  const project = Project.open(phantom.directory);
  await storePredictions(project);
  project.close();
});
afterAll(() => rm(phantom.folder, { recursive: true }));

/** Remembers the last process that it started, to end it as the system would. */
class WatchedHost implements WorkerHost {
  pid: number | undefined;

  fork() {
    const worker = nodeWorkerHost.fork();
    this.pid = worker.pid;
    return worker;
  }
}

type Caller = <Name extends CallName>(name: Name, params: ParamsOf<Name>) => Promise<ResultOf<Name>>;

/** A studio with a copy of the project open, and a way to call it. */
async function openTrainer(settings: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const directory = join(folder, 'project');
  await cp(phantom.directory, directory, { recursive: true });
  const workers = new WatchedHost();
  const studio = new Studio({ host: 'serve', home: join(folder, 'home'), projectsFolder: folder, workers });
  onTestFinished(() => studio.close());
  studio.changeSettings({ engine: 'onnxruntime:cpu' });
  studio.openProject(directory);
  studio.project.setSetting(SUGGESTED_RECIPE, tinyRecipe({ evaluateEvery: '4', ...settings }));
  const news: TrainingNews[] = [];
  studio.listen((name, data) => {
    if (name === 'training') news.push(data as Events['training']); // the name says so
  });
  const dispatch = createDispatch(studio);
  const call: Caller = async (name, params) => {
    const answer = (await dispatch(name, params)) as Answer<ResultOf<typeof name>>; // the contract says so
    if (!answer.ok) throw new Error(answer.message);
    return answer.value;
  };
  const until = (done: () => boolean) => expect.poll(done, { timeout: 60_000, interval: 20 }).toBe(true);
  const hasStepped = () => news.some(({ points }) => points.length > 0);
  return { studio, call, news, workers, until, hasStepped, directory };
}

const LONG = { 'schedule.iterations': '4000', checkpointEvery: '20' };

describe('training for screens', () => {
  it('tells steps, looks and log live, keeps them for a reload, and keeps pictures of the samples', async () => {
    const { studio, call, news } = await openTrainer();
    const { id } = await call('train.start', { recipe: 'suggested' });
    expect(await studio.jobs.result(id)).toEqual({ run: 'run-002', status: 'finished' });
    const told = {
      points: news.flatMap(({ points }) => points),
      looks: news.flatMap(({ looks }) => looks),
    };
    expect(told.points.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(told.looks.map(({ stage, done }) => [stage, done])).toEqual([
      ['classification', 4],
      ['segmentation', 8],
    ]);
    const live = news.map((each) => each.live).filter((each) => each !== null);
    expect(live.at(-1)).toMatchObject({ run: 'run-002', done: 8, total: 8 });
    expect(live.at(-1)!.memoryBytes).toBeGreaterThan(50e6);
    expect(news.at(-1)!.live).toBeNull();

    const history = await call('train.history', { run: 'run-002' });
    expect(history.points).toEqual(told.points);
    expect(history.looks).toEqual(told.looks);
    expect(history.log.map(({ kind }) => kind)).toContain('saved');

    const { items } = told.looks[1]!;
    expect(items.length).toBeGreaterThan(0);
    for (const layer of ['image', 'cam', 'mask', 'uncertainty', 'truth']) {
      const query = new URLSearchParams({ run: 'run-002', stage: 'segmentation', iteration: '4', index: '0', layer });
      const { bytes } = (await readResource(studio, 'sample', query))!;
      expect(Buffer.from(bytes).toString('latin1', 1, 4)).toBe('PNG');
    }
    await rm(join(studio.project.runDirectory('run-002'), 'samples', 'segmentation-000004'), { recursive: true });
    const left = (await call('train.history', { run: 'run-002' })).looks;
    expect(left.map((look) => look.items.length > 0)).toEqual([true, false]);
    const outside = new URLSearchParams({ run: '..', stage: 'segmentation', iteration: '4', index: '0', layer: 'cam' });
    expect(await readResource(studio, 'sample', outside)).toBeUndefined();
    const [run] = await call('train.runs', {});
    expect(run).toMatchObject({ id: 'run-002', state: 'finished', done: 8, usable: true, predicted: 0, inUse: false });
    expect(run!.measures?.dice).toHaveLength(studio.project.classes.length);
    await usedAndCorrected(studio, call);
  }, 180_000);

  it('pauses with all it has learned, refuses a second training meanwhile, and goes on', async () => {
    const { studio, call, until, hasStepped } = await openTrainer(LONG);
    await call('train.start', { recipe: 'suggested' });
    await until(hasStepped);
    await expect(call('train.start', { recipe: 'suggested' })).rejects.toThrow('suggested is still running');
    expect(() => studio.closeProject()).toThrow('is still running');
    await call('train.stop', { forGood: false });
    const [paused] = await call('train.runs', {});
    expect(paused).toMatchObject({ state: 'paused', usable: true });
    expect(paused!.done).toBeGreaterThan(0);

    await call('train.resume', { run: 'run-002' });
    await until(() => (studio.trainer.live?.done ?? 0) > paused!.done);
    await call('train.stop', { forGood: true });
    expect((await call('train.runs', {}))[0]).toMatchObject({ state: 'stopped' });
  }, 180_000);

  it('notes a trainer that was killed as failed, stays up, and resumes from its last checkpoint', async () => {
    const { studio, call, news, workers, until } = await openTrainer(LONG);
    const { id } = await call('train.start', { recipe: 'suggested' });
    await until(() => news.some(({ log }) => log.some(({ kind, iteration }) => kind === 'saved' && iteration === 20)));
    process.kill(workers.pid!, 'SIGKILL');
    await until(() => studio.jobs.list().find((job) => job.id === id)?.state === 'failed');
    const [failed] = await call('train.runs', {});
    expect(failed).toMatchObject({ state: 'failed', usable: true });
    expect(failed!.failure?.message).toContain('was killed from outside');

    await call('train.resume', { run: 'run-002' });
    await until(() => (studio.trainer.live?.done ?? 0) > 20);
    expect((await call('train.history', { run: 'run-002' })).points[19]).toMatchObject({ done: 20 });
    await call('train.stop', { forGood: false });
  }, 180_000);

  it('shows a run whose whole program was killed as interrupted', async () => {
    const { studio, call } = await openTrainer();
    const { id } = await call('train.start', { recipe: 'suggested' });
    await studio.jobs.result(id);
    studio.project.updateRun('run-002', 'running', {});
    expect((await call('train.runs', {}))[0]).toMatchObject({ id: 'run-002', state: 'interrupted', damage: null });
  }, 60_000);

  it('shows a run whose files are missing or broken as damaged, with the file, and all others as they are', async () => {
    const { studio, call } = await openTrainer();
    const { id } = await call('train.start', { recipe: 'suggested' });
    await studio.jobs.result(id);
    const folder = studio.project.runDirectory('run-002');
    const [recipe, checkpoint] = [join(folder, 'config.json'), join(folder, 'checkpoint.safetensors')];
    const newest = async () => (await call('train.runs', {}))[0]!;
    expect(await newest()).toMatchObject({ id: 'run-002', state: 'finished', damage: null });

    await rm(checkpoint);
    const weightless = `${checkpoint}: the run has no checkpoint`;
    expect(await newest()).toMatchObject({ state: 'damaged', damage: weightless, usable: false, correctable: false });
    await writeFile(recipe, '{"preset": ');
    const notJson = `${recipe}: expected the run's recipe as JSON, found something else`;
    expect(await newest()).toMatchObject({ state: 'damaged', damage: notJson });
    await writeFile(recipe, '{}');
    expect((await newest()).damage).toContain(`${recipe}: Setting "preset": `);
    await rm(recipe);
    const missing = `${recipe}: expected the run's recipe, found nothing there`;
    expect(await newest()).toMatchObject({ state: 'damaged', damage: missing });
    await expect(call('train.history', { run: 'run-002' })).rejects.toThrow(missing);
    await expect(call('train.resume', { run: 'run-002' })).rejects.toThrow(missing);
    // What it has predicted is in the project itself.
    expect((await call('train.runs', {}))[1]).toMatchObject({ id: 'run-001', usable: true });
  }, 60_000);

  it('says what is wrong with a plan before there is a run', async () => {
    const { studio, call } = await openTrainer();
    await expect(call('train.start', { recipe: 'nothing' })).rejects.toThrow('Unknown preset "nothing"');
    await expect(call('train.start', { recipe: 'quick', settings: { 'batch.image': '2' } })).rejects.toThrow(
      'Unknown setting "batch.image"',
    );
    const { id } = await call('train.start', { recipe: 'suggested', weights: '/nowhere/vit.safetensors' });
    await expect(studio.jobs.result(id)).rejects.toThrow('/nowhere/vit.safetensors: expected a safetensors file');
    expect(await call('train.runs', {})).toHaveLength(1);
  }, 30_000);
});

/** A finished run predicts; corrections go on from it, predict again and tell what changed. */
async function usedAndCorrected(studio: Studio, call: Caller): Promise<void> {
  await studio.jobs.result((await call('train.use', { run: 'run-002' }))!.id);
  const items = studio.project.items.length;
  expect((await call('train.runs', {}))[0]).toMatchObject({ inUse: true, predicted: items });
  expect(await call('train.use', { run: 'run-002' })).toBeNull();

  const accepted = studio.project.items.find(({ split }) => split === 'train')!.id;
  const mask = studio.project.readLabelMap(accepted, 'segmentation', 'run-002')!;
  studio.project.writeLabelMap(accepted, 'reviewed', mask);
  studio.project.setState(accepted, 'accepted');
  await studio.jobs.result((await call('train.corrections', {})).id);
  const isPredicted = () =>
    studio.jobs.list().some(({ kind, title, state }) => kind === 'predict' && title === 'run-003' && state === 'done');
  await expect.poll(isPredicted, { timeout: 60_000 }).toBe(true);
  expect((await call('train.runs', {}))[0]).toMatchObject({
    ...{ id: 'run-003', from: 'run-002', corrections: true, inUse: true },
  });
  expect(await call('train.changes', { run: 'run-003' })).toMatchObject({ compared: items - 1, kept: 1 });
  expect(studio.project.readLabelMap(accepted, 'reviewed')).toEqual(mask);
}

describe('a run', () => {
  it('takes its suggestions along when it is deleted, and leaves reviewed masks and its number', async () => {
    const { studio, call } = await openTrainer();
    expect(await call('train.use', { run: 'run-001' })).toBeNull();
    const { id } = studio.project.items[0]!;
    studio.project.writeLabelMap(id, 'reviewed', studio.project.readLabelMap(id, 'segmentation', 'run-001')!);
    const folder = studio.project.runDirectory('run-001');
    expect(existsSync(folder)).toBe(true);
    await call('train.delete', { run: 'run-001' });
    expect(await call('train.runs', {})).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    expect(studio.project.readLabelMap(id, 'segmentation', 'run-001')).toBeUndefined();
    expect(studio.project.readLabelMap(id, 'reviewed')).toBeDefined();
    expect((await call('project.facts', {}))?.runInUse).toBeNull();
    expect(studio.project.createRun({})).toBe('run-002');
  });
});

describe('what is learned from', () => {
  it('is counted per class, with what stands in the way', async () => {
    const { studio, call } = await openTrainer();
    const material = await call('train.material', {});
    expect(material).toMatchObject({ reviewed: 0, validationTruth: true });
    expect(material.classes.map(({ count }) => count.positive + count.negative)).toEqual(
      material.classes.map(() => material.windows || material.taggedImages),
    );
    studio.project.database.exec('DELETE FROM tags');
    expect((await call('train.material', {})).problems).toEqual([{ kind: 'untagged', blocks: true }]);
  });

  it('is too little where whole images are tagged and nearly all of them show a class', async () => {
    const { studio, call } = await openTrainer();
    const { project } = studio;
    project.database.exec('DELETE FROM tags');
    const items = project.items.filter(({ split }) => split === 'train').map(({ id }) => id);
    await call('tags.set', { items, change: { kind: 'toggle', class: 2 } });
    await call('tags.set', { items: items.slice(0, 1), change: { kind: 'none' } });
    const rare = (problems: readonly { kind: string }[]) => problems.filter(({ kind }) => kind === 'rarely-absent');
    const [before, more] = [items.length - 1, Math.ceil(items.length / 2)];
    expect(before / items.length).toBeGreaterThanOrEqual(0.8);
    expect(rare((await call('train.material', {})).problems)).toEqual([
      { kind: 'rarely-absent', classes: ['LV'], blocks: false },
    ]);
    await call('tags.set', { items: items.slice(0, more), change: { kind: 'none' } });
    expect(rare((await call('train.material', {})).problems)).toEqual([]);
  });
});
