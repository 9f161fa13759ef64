import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Engine } from '../../src-core/compile/index.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../src-core/training/checkpoint.ts';
import { parseConfig, type TrainingConfig } from '../../src-core/training/config.ts';
import { initialWeights } from '../../src-core/training/initial-state.ts';
import { decodeSafetensors } from '../../src-core/training/safetensors.ts';
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
  const data = openImageData(project);
  const { run, start } =
    'resume' in request.begin ? resumed(project, request.begin.resume) : created(project, request.begin);
  const directory = project.runDirectory(run);
  const metrics = join(directory, METRICS_FILE);
  let status: TrainingResult['status'] = 'finished';
  project.updateRun(run, 'running');
  try {
    const shouldStop = (): boolean => request.signal?.aborted ?? false;
    for await (const event of train({ data, engine: request.engine, start, shouldStop })) {
      if (event.kind === 'checkpoint') saveCheckpoint(directory, event.checkpoint);
      else appendFileSync(metrics, metricsLine(event));
      if (event.kind === 'stopped') status = 'stopped';
      request.onEvent?.(event, run);
      // The runtime blocks the process while it computes; signals and messages are heard in between.
      await new Promise(setImmediate);
    }
  } catch (error) {
    const told = withAdvice(error, start.config);
    project.updateRun(run, 'failed', { error: told.message });
    throw told;
  }
  project.updateRun(run, status);
  return { run, status };
}

function created(
  project: Project,
  { config, weights }: { readonly config: TrainingConfig; readonly weights?: string },
): { run: string; start: Checkpoint } {
  const pretrained = weights === undefined ? undefined : readWeights(weights);
  const start = beginning(config, project.classes, initialWeights(config, project.classes.length, pretrained));
  const run = project.createRun(config);
  writeFileAtomic.sync(join(project.runDirectory(run), CONFIG_FILE), `${JSON.stringify(config, undefined, 2)}\n`);
  saveCheckpoint(project.runDirectory(run), start);
  return { run, start };
}

function readWeights(file: string): { file: string; tensors: ReturnType<typeof decodeSafetensors>['tensors'] } {
  if (!existsSync(file))
    throw new Error(`${file}: expected a safetensors file with encoder weights, found nothing there`);
  return { file, tensors: decodeSafetensors(readFileSync(file), file).tensors };
}

function resumed(project: Project, run: string): { run: string; start: Checkpoint } {
  const start = readCheckpoint(project, run);
  if (start.classes.join() !== project.classes.join()) {
    throw new Error(
      `Run ${run} was trained on ${start.classes.join(', ')}; the project has ${project.classes.join(', ')}`,
    );
  }
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
  return decodeCheckpoint(readFileSync(file), file);
}

function saveCheckpoint(directory: string, checkpoint: Checkpoint): void {
  writeFileAtomic.sync(join(directory, CHECKPOINT_FILE), Buffer.from(encodeCheckpoint(checkpoint)), { fsync: true });
}

/** An event as a line of the metrics log; pictures stay out of it. */
function metricsLine(event: TrainingEvent): string {
  const { samples: _pictures, ...facts } = { samples: undefined, ...event };
  return `${JSON.stringify({ time: new Date().toISOString(), ...facts })}\n`;
}

/** Out of memory is said with the settings that make it fit; other errors stay as they are. */
function withAdvice(error: unknown, { batch }: TrainingConfig): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (!/alloc|out of memory|OOM/i.test(text)) return error instanceof Error ? error : new Error(text);
  const half = (n: number): number => Math.max(1, Math.floor(n / 2));
  const advice = `--set batch.images=${half(batch.images)} --set batch.windows=${half(batch.windows)}`;
  return new Error(`The engine ran out of memory. Try ${advice}, a smaller batch.side, or a smaller encoder.`, {
    cause: error,
  });
}

/** The recipe that a run was started with. */
export function readRecipe(project: Project, run: string): TrainingConfig {
  const file = join(project.runDirectory(run), CONFIG_FILE);
  return parseConfig(JSON.parse(readFileSync(file, 'utf8')));
}
