import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Engine } from '../../src-core/compile/index.ts';
import { supervisedRegions } from '../../src-core/training/batches.ts';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type Checkpoint,
  type StageName,
} from '../../src-core/training/checkpoint.ts';
import { CLASS_RARITY, classRarity } from '../../src-core/training/class-rarity.ts';
import { parseConfig, type TrainingConfig } from '../../src-core/training/config.ts';
import type { ImageData } from '../../src-core/training/data.ts';
import { initialWeights } from '../../src-core/training/initial-state.ts';
import { decodeSafetensors } from '../../src-core/training/safetensors.ts';
import { stagesOf } from '../../src-core/training/stages.ts';
import { beginning, train, type TrainingEvent } from '../../src-core/training/train.ts';
import { openImageData } from './image-data.ts';
import type { Project } from './project.ts';

export const CHECKPOINT_FILE = 'checkpoint.safetensors';
const METRICS_FILE = 'metrics.jsonl';
const CONFIG_FILE = 'config.json';

/** How a training ended. */
export interface TrainingResult {
  readonly run: string;
  readonly status: 'finished' | 'stopped';
}

export interface TrainingRequest {
  readonly engine: Engine;
  /** A new run with this recipe, or an earlier run to go on with. */
  readonly begin: { readonly config: TrainingConfig; readonly weights?: string } | { readonly resume: string };
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainingEvent, run: string) => void;
}

/**
 * Trains a run of the project and keeps its files up to date: configuration, metrics as JSON lines, the newest
 * checkpoint. An aborted signal saves a checkpoint and ends as `stopped`.
 */
export async function trainProject(project: Project, request: TrainingRequest): Promise<TrainingResult> {
  const { run, config, events } = await openRun(project, request);
  const directory = project.runDirectory(run);
  let stage = stagesOf(config)[0]!;
  let status: TrainingResult['status'] = 'finished';
  try {
    project.updateRun(run, 'running');
    for await (const event of events) {
      if (event.kind === 'checkpoint') saveCheckpoint(directory, event.checkpoint);
      else if (event.kind !== 'pseudo-masks') appendFileSync(join(directory, METRICS_FILE), metricsLine(event));
      if (event.kind === 'stage') stage = event.stage;
      if (event.kind === 'stopped') status = 'stopped';
      request.onEvent?.(event, run);
      // The runtime blocks the process while it computes; signals and messages are heard in between.
      await new Promise(setImmediate);
    }
  } catch (error) {
    const told = withMemoryAdvice(error, config, stage);
    noteFailure(project, run, told);
    throw told;
  }
  project.updateRun(run, status);
  return { run, status };
}

interface OpenRun {
  readonly run: string;
  readonly config: TrainingConfig;
  readonly events: AsyncGenerator<TrainingEvent, void>;
}

/** The run and its events. The starting state is held by them alone, so that it can go once the engine has it. */
async function openRun(project: Project, { engine, begin, signal }: TrainingRequest): Promise<OpenRun> {
  const data = openImageData(project);
  const { run, start } = 'resume' in begin ? resumed(project, begin.resume) : await created(project, data, begin);
  const events = train({ data, engine, start, shouldStop: () => signal?.aborted ?? false });
  return { run, config: start.config, events };
}

/** Everything that can be wrong with the request is found before there is a run. */
async function created(
  project: Project,
  data: ImageData,
  { config, weights }: { readonly config: TrainingConfig; readonly weights?: string },
): Promise<{ run: string; start: Checkpoint }> {
  const pretrained = weights === undefined ? undefined : readWeights(weights);
  const { windows, images } = await supervisedRegions(data);
  const count = project.classes.length;
  const rarity = classRarity(windows.length > 0 ? windows : images, count);
  const initial = { ...initialWeights(config, count, pretrained), [CLASS_RARITY]: rarity };
  const start = beginning(config, project.classes, initial);
  const run = project.createRun(config);
  try {
    writeFileAtomic.sync(join(project.runDirectory(run), CONFIG_FILE), `${JSON.stringify(config, undefined, 2)}\n`);
    saveCheckpoint(project.runDirectory(run), start);
  } catch (error) {
    noteFailure(project, run, error);
    throw error;
  }
  return { run, start };
}

function noteFailure(project: Project, run: string, error: unknown): void {
  try {
    project.updateRun(run, 'failed', { error: error instanceof Error ? error.message : String(error) });
  } catch {
    // A full disk fails here again; the first error is the one to tell.
  }
}

function readWeights(file: string): { file: string; tensors: ReturnType<typeof decodeSafetensors>['tensors'] } {
  if (!existsSync(file))
    throw new Error(`${file}: expected a safetensors file with encoder weights, found nothing there`);
  const { tensors, bytes } = decodeSafetensors(readFileSync(file), file);
  const quantised = Object.keys(bytes)[0];
  if (quantised !== undefined) throw new Error(`${file}: tensor "${quantised}" has type U8, expected F32, F16 or BF16`);
  return { file, tensors };
}

function resumed(project: Project, run: string): { run: string; start: Checkpoint } {
  const start = readCheckpoint(project, run);
  tidyRun(project.runDirectory(run), start);
  return { run, start };
}

/** The newest checkpoint of a run; an unknown run is an error that lists the project's. */
export function readCheckpoint(project: Project, run: string): Checkpoint {
  const runs = project.runs().map(({ id }) => id);
  if (!runs.includes(run)) {
    throw new Error(`The project has no run "${run}". Its runs are: ${runs.join(', ') || 'none yet'}`);
  }
  const file = join(project.runDirectory(run), CHECKPOINT_FILE);
  if (!existsSync(file)) throw new Error(`${file}: the run has no checkpoint`);
  const checkpoint = decodeCheckpoint(readFileSync(file), file);
  if (JSON.stringify(checkpoint.classes) !== JSON.stringify(project.classes)) {
    throw new Error(
      `Run ${run} was trained on ${checkpoint.classes.join(', ')}; the project has ${project.classes.join(', ')}`,
    );
  }
  return checkpoint;
}

/** Takes away what a killed process left: a checkpoint half written beside the whole one, metrics of lost steps. */
function tidyRun(directory: string, start: Checkpoint): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${CHECKPOINT_FILE}.`)) rmSync(join(directory, name));
  }
  const metrics = join(directory, METRICS_FILE);
  if (!existsSync(metrics)) return;
  const lines = readFileSync(metrics, 'utf8').split('\n');
  const kept = lines.filter((line) => isBefore(start, line)).map((line) => `${line}\n`);
  writeFileAtomic.sync(metrics, kept.join(''));
}

/** Whether a line of the metrics log tells of something that the checkpoint still knows. */
function isBefore({ config, stage, iteration }: Checkpoint, line: string): boolean {
  const event = parseLine(line);
  if (!event) return false;
  if (event.stage === undefined) return true;
  const stages = stagesOf(config);
  const behind = stages.indexOf(event.stage) - stages.indexOf(stage);
  return behind < 0 || (behind === 0 && (event.iteration ?? 0) <= iteration);
}

/** A line as `metricsLine` writes it; undefined where the process ended in the middle of it. */
function parseLine(line: string): { stage?: StageName; iteration?: number } | undefined {
  try {
    return JSON.parse(line) as { stage?: StageName; iteration?: number }; // our own file
  } catch {
    return undefined;
  }
}

function saveCheckpoint(directory: string, checkpoint: Checkpoint): void {
  writeFileAtomic.sync(join(directory, CHECKPOINT_FILE), Buffer.from(encodeCheckpoint(checkpoint)), { fsync: true });
}

/** An event as a line of the metrics log; pictures stay out of it. */
function metricsLine(event: TrainingEvent): string {
  const { samples: _pictures, ...facts } = { samples: undefined, ...event };
  return `${JSON.stringify({ time: new Date().toISOString(), ...facts })}\n`;
}

const OUT_OF_MEMORY = /bad_alloc|out of memory|\bOOM\b|failed to allocate|allocation failed|unable to allocate/i;

/** Out of memory is said with the settings that make the stage's step fit; other errors stay as they are. */
export function withMemoryAdvice(error: unknown, config: TrainingConfig, stage: StageName): Error {
  const told = error instanceof Error ? error : new Error(String(error));
  if (!OUT_OF_MEMORY.test(told.message)) return told;
  const smaller = imageCounts(config, stage).flatMap(([name, count]) =>
    count > 1 ? [`--set ${name}=${Math.floor(count / 2)}`] : [],
  );
  const advice = smaller.length > 0 ? smaller.join(' ') : 'a smaller side of the images or a smaller encoder';
  return new Error(`The engine ran out of memory in the stage ${stage}. Try ${advice}`, { cause: error });
}

/** Settings that say how many images a step of the stage takes at once. */
function imageCounts({ batch, segmentationStage, warmUp }: TrainingConfig, stage: StageName): [string, number][] {
  switch (stage) {
    case 'warm-up':
      return [['warmUp.images', warmUp.images]];
    case 'segmentation':
      return [['segmentationStage.images', segmentationStage.images]];
    case 'joint':
    case 'classification':
      return [
        ['batch.images', batch.images],
        ...(batch.windowMode === 'crop' ? [['batch.windows', batch.windows] as [string, number]] : []),
      ];
  }
}

/** The recipe that a run was started with. */
export function readRecipe(project: Project, run: string): TrainingConfig {
  const file = join(project.runDirectory(run), CONFIG_FILE);
  return parseConfig(JSON.parse(readFileSync(file, 'utf8')));
}
