import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Engine, HostTensors } from '../../src-core/compile/index.ts';
import { supervisedRegions } from '../../src-core/training/batches.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../src-core/training/checkpoint.ts';
import { CLASS_RARITY, classRarity } from '../../src-core/training/class-rarity.ts';
import { parseConfig, type TrainingConfig } from '../../src-core/training/config.ts';
import { continuedWeights } from '../../src-core/training/continuation.ts';
import type { ImageData } from '../../src-core/training/data.ts';
import { initialWeights } from '../../src-core/training/initial-state.ts';
import { decodeSafetensors } from '../../src-core/training/safetensors.ts';
import { stagesOf } from '../../src-core/training/stages.ts';
import { beginning, train, type TrainingEvent } from '../../src-core/training/train.ts';
import { openImageData } from './image-data.ts';
import { OutOfMemoryError, withImageCounts, withMemoryAdvice } from './memory-advice.ts';
import type { Project, RunStatus } from './project.ts';
import { appendToLog, tidyLog } from './run-log.ts';
import { runSummary, type RunSummary, type RunSummaryChanges } from './run-summary.ts';

export const CHECKPOINT_FILE = 'checkpoint.safetensors';
const CONFIG_FILE = 'config.json';

/** What a training begins with. */
export type TrainingBegin =
  /** A new run, its encoder's weights from a file where there is one. */
  | { readonly config: TrainingConfig; readonly weights?: string }
  /** A new run that goes on from the weights of another; `corrections`: to learn from what a person has drawn. */
  | { readonly config: TrainingConfig; readonly from: string; readonly corrections?: boolean }
  /** An earlier run where it stopped, with fewer images a step where it did not fit into memory. */
  | { readonly resume: string; readonly settings?: Readonly<Record<string, string>> };

/** How a training ended. */
export interface TrainingResult {
  readonly run: string;
  readonly status: 'finished' | 'stopped';
}

export interface TrainingRequest {
  readonly engine: Engine;
  readonly begin: TrainingBegin;
  readonly signal?: AbortSignal;
  /** Training waits for it. */
  readonly onEvent?: (event: TrainingEvent, run: string) => void | Promise<void>;
}

/**
 * Trains a run of the project and keeps its files up to date: configuration, metrics as JSON lines, the newest
 * checkpoint. An aborted signal saves a checkpoint and ends as `stopped`.
 */
export async function trainProject(project: Project, request: TrainingRequest): Promise<TrainingResult> {
  const { run, config, events } = await openRun(project, request);
  const directory = project.runDirectory(run);
  const notes = new RunNotes(project, run, request.engine);
  let stage = stagesOf(config)[0]!;
  let status: TrainingResult['status'] = 'finished';
  try {
    for await (const event of events) {
      if (event.kind === 'checkpoint') saveCheckpoint(directory, event.checkpoint);
      appendToLog(directory, event);
      notes.take(event);
      if (event.kind === 'stage') stage = event.stage;
      if (event.kind === 'stopped') status = 'stopped';
      await request.onEvent?.(event, run);
      // The runtime blocks the process while it computes; signals and messages are heard in between.
      await new Promise(setImmediate);
    }
  } catch (error) {
    const told = withMemoryAdvice(error, config, stage);
    noteFailure(project, run, told);
    throw told;
  }
  notes.end(status);
  return { run, status };
}

/** Notes how far the run has come, whenever what it reached is saved. */
class RunNotes {
  private readonly project: Project;
  private readonly run: string;
  private readonly begun = performance.now();
  private readonly secondsBefore: number;
  private reached: RunSummary = {};

  constructor(project: Project, run: string, { name, device }: Engine) {
    this.project = project;
    this.run = run;
    this.secondsBefore = runSummary(project, run).seconds ?? 0;
    const fresh: RunSummaryChanges = { engine: name, device, error: null, settings: null, ended: null };
    project.updateRun(run, 'running', fresh);
  }

  take(event: TrainingEvent): void {
    if (event.kind === 'step') this.reached = { ...this.reached, done: event.done, total: event.total };
    if (event.kind === 'evaluated') {
      const { stage, iteration, measures } = event;
      const lists = {
        dice: [...measures.dice],
        confusionRatio: [...measures.confusionRatio],
        vanished: [...measures.vanished],
      };
      this.reached = { ...this.reached, measures: { stage, iteration, ...measures, ...lists } };
    }
    if (event.kind === 'checkpoint') {
      const { stage, iteration } = event.checkpoint;
      this.reached = { ...this.reached, saved: { stage, iteration } };
      this.write('running');
    }
  }

  end(status: RunStatus): void {
    this.write(status);
  }

  private write(status: RunStatus): void {
    const seconds = this.secondsBefore + (performance.now() - this.begun) / 1000;
    this.project.updateRun(this.run, status, { ...this.reached, seconds });
  }
}

interface OpenRun {
  readonly run: string;
  readonly config: TrainingConfig;
  readonly events: AsyncGenerator<TrainingEvent, void>;
}

/** The run and its events. The starting state is held by them alone, so that it can go once the engine has it. */
async function openRun(project: Project, { engine, begin, signal }: TrainingRequest): Promise<OpenRun> {
  const data = openImageData(project);
  const { run, start } = 'resume' in begin ? resumed(project, begin) : await created(project, data, begin);
  const events = train({ data, engine, start, shouldStop: () => signal?.aborted ?? false });
  return { run, config: start.config, events };
}

/** Everything that can be wrong with the request is found before there is a run. */
async function created(
  project: Project,
  data: ImageData,
  begin: Exclude<TrainingBegin, { resume: string }>,
): Promise<{ run: string; start: Checkpoint }> {
  const { config } = begin;
  const { windows, images } = await supervisedRegions(data);
  const count = project.classes.length;
  const rarity = classRarity(windows.length > 0 ? windows : images, count);
  const initial = { ...firstWeights(project, begin), [CLASS_RARITY]: rarity };
  const start = beginning(config, project.classes, initial);
  const run = project.createRun(config);
  try {
    writeConfig(project, run, config);
    saveCheckpoint(project.runDirectory(run), start);
    if ('from' in begin)
      project.updateRun(run, 'running', { from: begin.from, corrections: begin.corrections ?? false });
  } catch (error) {
    noteFailure(project, run, error);
    throw error;
  }
  return { run, start };
}

function firstWeights(project: Project, begin: Exclude<TrainingBegin, { resume: string }>): HostTensors {
  const count = project.classes.length;
  if ('from' in begin) return continuedWeights(begin.config, count, begin.from, readCheckpoint(project, begin.from));
  const pretrained = begin.weights === undefined ? undefined : readWeights(begin.weights);
  return initialWeights(begin.config, count, pretrained);
}

function writeConfig(project: Project, run: string, config: TrainingConfig): void {
  writeFileAtomic.sync(join(project.runDirectory(run), CONFIG_FILE), `${JSON.stringify(config, undefined, 2)}\n`);
}

function noteFailure(project: Project, run: string, error: unknown): void {
  try {
    const settings = error instanceof OutOfMemoryError ? error.settings : null;
    project.updateRun(run, 'failed', { error: error instanceof Error ? error.message : String(error), settings });
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

function resumed(
  project: Project,
  { resume: run, settings }: Extract<TrainingBegin, { resume: string }>,
): { run: string; start: Checkpoint } {
  const saved = readCheckpoint(project, run);
  const start = settings ? { ...saved, config: withImageCounts(saved.config, settings) } : saved;
  const directory = project.runDirectory(run);
  // What a killed process left half written beside the whole one.
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${CHECKPOINT_FILE}.`)) rmSync(join(directory, name));
  }
  tidyLog(directory, start);
  if (settings) writeConfig(project, run, start.config);
  return { run, start };
}

/** The newest checkpoint of a run; an unknown run is an error that lists the project's. */
export function readCheckpoint(project: Project, run: string): Checkpoint {
  const runs = project.runs().map(({ id }) => id);
  if (!runs.includes(run)) {
    throw new Error(`The project has no run "${run}". Its runs are: ${runs.join(', ') || 'none yet'}`);
  }
  const file = checkpointFile(project, run);
  const checkpoint = decodeCheckpoint(readFileSync(file), file);
  if (JSON.stringify(checkpoint.classes) !== JSON.stringify(project.classes)) {
    throw new Error(
      `Run ${run} was trained on ${checkpoint.classes.join(', ')}; the project has ${project.classes.join(', ')}`,
    );
  }
  return checkpoint;
}

function checkpointFile(project: Project, run: string): string {
  const file = join(project.runDirectory(run), CHECKPOINT_FILE);
  if (!existsSync(file)) throw new Error(`${file}: the run has no checkpoint`);
  return file;
}

function saveCheckpoint(directory: string, checkpoint: Checkpoint): void {
  writeFileAtomic.sync(join(directory, CHECKPOINT_FILE), Buffer.from(encodeCheckpoint(checkpoint)), { fsync: true });
}

/** The recipe that a run was started with; a file that is missing or broken is an error that names it. */
export function readRecipe(project: Project, run: string): TrainingConfig {
  const file = join(project.runDirectory(run), CONFIG_FILE);
  if (!existsSync(file)) throw new Error(`${file}: expected the run's recipe, found nothing there`);
  try {
    return parseConfig(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new Error(`${file}: expected the run's recipe as JSON, found something else`, { cause: error });
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Why nothing can be done with a run's files; undefined where they are there. Weights are only read when they are used. */
export function runDamage(project: Project, run: string): string | undefined {
  try {
    readRecipe(project, run);
    checkpointFile(project, run);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
