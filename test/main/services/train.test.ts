import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCheckpoint, type Checkpoint } from '../../../src-core/training/checkpoint.ts';
import { createOnnxRuntimeEngine } from '../../../src-main/engines/onnxruntime.ts';
import { Project } from '../../../src-main/services/project.ts';
import { withMemoryAdvice } from '../../../src-main/services/memory-advice.ts';
import { CHECKPOINT_FILE, trainProject } from '../../../src-main/services/train.ts';
import { unia, type Outcome } from '../cli/command-line.ts';
import { phantomProject, type PhantomProject } from '../../support/predicted-project.ts';
import { TINY_SETTINGS, tinyRecipe } from '../../support/tiny-recipe.ts';

const ENTRY = fileURLToPath(new URL('../../../src-main/cli/unia.ts', import.meta.url));
const engine = createOnnxRuntimeEngine({ provider: 'cpu', threads: 1 });

let phantom: PhantomProject;
beforeAll(async () => {
  phantom = await phantomProject({}, { patients: 2, side: 40, slices: 2 });
});
afterAll(() => rm(phantom.folder, { recursive: true }));

const train = (...args: string[]): string[] => [
  'train',
  '--project',
  phantom.directory,
  '--engine',
  'onnxruntime:cpu',
  ...args,
];
const tiny = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries({ ...TINY_SETTINGS, ...settings }).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
const checkpointFile = (run: string): string => join(phantom.directory, 'runs', run, CHECKPOINT_FILE);
const checkpointOf = (run: string): Checkpoint => decodeCheckpoint(readFileSync(checkpointFile(run)), run);
const metricsOf = (run: string): { kind: string; stage?: string; iteration?: number }[] =>
  readFileSync(join(phantom.directory, 'runs', run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string });

/** Starts the command line and sends a signal once the run has come so far. */
async function interrupted(args: string[], signal: NodeJS.Signals, when: () => boolean): Promise<Outcome> {
  const child = spawn(process.execPath, [ENTRY, ...args], { env: { ...process.env, NO_COLOR: '1' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let sent = false;
  while (child.exitCode === null && child.signalCode === null) {
    if (!sent && when()) {
      child.kill(signal);
      sent = true;
    }
    await setTimeout(20);
  }
  return { code: await ended, stdout, stderr };
}

describe('a run killed outright', () => {
  // 24 + 16 iterations: killed once the checkpoint of 20 is there, so 20 are left, over the boundary of the stages.
  const settings = { 'schedule.iterations': '24', 'segmentationStage.iterations': '16', checkpointEvery: '20' };

  it('ends, resumed, with the same bits as one that ran through, and leaves nothing half-written', async () => {
    const through = await unia(train(...tiny(settings)));
    expect(through, through.stderr).toMatchObject({ code: 0 });
    const file = checkpointFile('run-002');
    const reached = (): boolean => {
      if (!existsSync(file)) return false;
      const { stage, iteration } = checkpointOf('run-002');
      return stage === 'classification' && iteration === 20;
    };
    await interrupted(train(...tiny(settings)), 'SIGKILL', reached);
    expect(checkpointOf('run-002').iteration).toBe(20);
    writeFileSync(`${file}.123`, 'half of a checkpoint');

    const resumed = await unia(train('--resume', 'run-002'));
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(file).equals(readFileSync(checkpointFile('run-001')))).toBe(true);
    expect(readdirSync(join(phantom.directory, 'runs', 'run-002')).filter((name) => name.includes('.123'))).toEqual([]);
    const steps = metricsOf('run-002').filter(({ kind }) => kind === 'step');
    expect(steps.map(({ stage, iteration }) => `${stage} ${iteration}`)).toEqual(
      metricsOf('run-001')
        .filter(({ kind }) => kind === 'step')
        .map(({ stage, iteration }) => `${stage} ${iteration}`),
    );
  }, 120_000);

  it('is saved by Ctrl-C, which says how to go on, and goes on', async () => {
    const many = { 'schedule.iterations': '400', checkpointEvery: '400' };
    const metrics = join(phantom.directory, 'runs', 'run-003', 'metrics.jsonl');
    const learning = (): boolean => existsSync(metrics) && readFileSync(metrics, 'utf8').includes('"step"');
    const stopped = await interrupted(train(...tiny(many)), 'SIGINT', learning);
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toContain(`Saved. Go on with: unia train --project ${phantom.directory} --resume run-003`);
    const { iteration } = checkpointOf('run-003');
    expect(iteration).toBeGreaterThan(0);

    const project = Project.open(phantom.directory);
    try {
      expect(project.runs().at(-1)).toMatchObject({ id: 'run-003', status: 'stopped' });
      const controller = new AbortController();
      const seen: number[] = [];
      const result = await trainProject(project, {
        engine,
        begin: { resume: 'run-003' },
        signal: controller.signal,
        onEvent: (event) => {
          if (event.kind !== 'step') return;
          seen.push(event.iteration);
          controller.abort();
        },
      });
      expect(seen).toEqual([iteration + 1]);
      expect(result.status).toBe('stopped');
    } finally {
      project.close();
    }
  }, 60_000);
});

describe('a request that cannot be met', () => {
  const rejection = async (begin: Parameters<typeof trainProject>[1]['begin']): Promise<string> => {
    const project = Project.open(phantom.directory);
    try {
      await trainProject(project, { engine, begin });
      return 'nothing was wrong';
    } catch (error) {
      return (error as Error).message;
    } finally {
      project.close();
    }
  };
  const runs = (): string[] => {
    const project = Project.open(phantom.directory, 'read');
    const ids = project.runs().map(({ id }) => id);
    project.close();
    return ids;
  };

  it('names the runs there are when another is to be resumed', async () => {
    expect(await rejection({ resume: 'run-099' })).toMatch(/no run "run-099"\. Its runs are: run-001/);
  });

  it('names the file of a damaged checkpoint, which stays as it is', async () => {
    const file = checkpointFile('run-001');
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length / 2));
    expect(await rejection({ resume: 'run-001' })).toContain(file);
    expect(readFileSync(file).length).toBe(Math.floor(whole.length / 2));
    writeFileSync(file, whole);
  });

  it('refuses a run that was trained on other classes', async () => {
    const project = Project.open(phantom.directory);
    project.database.prepare("UPDATE classes SET name = 'other' WHERE number = 1").run();
    project.close();
    expect(await rejection({ resume: 'run-001' })).toMatch(/Run run-001 was trained on .*; the project has other,/);
    const again = Project.open(phantom.directory);
    again.database
      .prepare('UPDATE classes SET name = ? WHERE number = 1')
      .run(checkpointOf('run-001').classes[0] ?? '');
    again.close();
  });

  it('begins no run with weights that do not fit or are not there', async () => {
    const before = runs();
    const config = tinyRecipe();
    const weights = join(phantom.folder, 'none.safetensors');
    expect(await rejection({ config, weights })).toContain(`${weights}: expected a safetensors file`);
    expect(await rejection({ config, weights: checkpointFile('run-001') })).toMatch(
      /checkpoint\.safetensors: tensor "/,
    );
    expect(runs()).toEqual(before);
  });

  it('begins no run on a project without tags', async () => {
    const project = Project.open(phantom.directory);
    const tags = project.database.prepare('SELECT * FROM tags').all();
    expect(tags.length).toBeGreaterThan(0);
    project.database.exec('CREATE TEMP TABLE kept AS SELECT * FROM tags; DELETE FROM tags');
    const before = project.runs().length;
    await expect(trainProject(project, { engine, begin: { config: tinyRecipe() } })).rejects.toThrow(
      'No training image has a tag',
    );
    expect(project.runs()).toHaveLength(before);
    project.database.exec('INSERT INTO tags SELECT * FROM kept');
    project.close();
  });
});

describe('out of memory', () => {
  const config = tinyRecipe({ 'batch.images': '4', 'batch.windowMode': 'inPlace', 'segmentationStage.images': '6' });
  const advice = (message: string, stage: Parameters<typeof withMemoryAdvice>[2], recipe = config): string =>
    withMemoryAdvice(new Error(message), recipe, stage).message;

  it('suggests the settings of the stage that halve what it takes', () => {
    expect(advice('std::bad_alloc', 'classification')).toMatch(/ran out of memory.* Try batch\.images=2$/);
    expect(advice('Failed to allocate memory for requested buffer', 'segmentation')).toMatch(
      /Try segmentationStage\.images=3$/,
    );
    const crops = tinyRecipe({ 'batch.windowMode': 'crop', 'batch.windows': '8', 'batch.images': '2' });
    expect(advice('Array buffer allocation failed', 'classification', crops)).toMatch(
      /Try batch\.images=1 and batch\.windows=4$/,
    );
  });

  it('suggests smaller images where one at a time is too much', () => {
    expect(advice('out of memory', 'warm-up', tinyRecipe({ 'warmUp.images': '1' }))).toMatch(/smaller side/);
  });

  it('leaves other errors as they are', () => {
    expect(advice('state "x" is not allocated', 'joint')).toBe('state "x" is not allocated');
    expect(advice('no room in the zoo', 'joint')).toBe('no room in the zoo');
  });
});
