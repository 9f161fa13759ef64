// An ablation: each row is a training of its own, then predicted and measured. What is done is kept in the project, so that
// an ablation that was interrupted goes on with the rows, and within a row with the iterations, that are missing.
import { createHash } from 'node:crypto';
import type { Engine } from '../../src-core/compile/index.ts';
import { meanAveragePrecision } from '../../src-core/measure/average-precision.ts';
import type { AblationGroup, AblationRow } from '../../src-core/training/ablation.ts';
import { wholeImageTags } from '../../src-core/training/image-tags.ts';
import type { TrainingConfig } from '../../src-core/training/config.ts';
import type { TrainingEvent } from '../../src-core/training/train.ts';
import { evaluateProject, type EvaluationSource, type SourceEvaluation } from './evaluate.ts';
import { openImageData } from './image-data.ts';
import { predictProject } from './predict.ts';
import type { Project, ProjectItem } from './project.ts';
import { fittedTo, measureSteps } from './time-plan.ts';
import { trainProject, type TrainingRequest } from './train.ts';

/** Means over the classes; null where there is no value. */
export interface SourceMeasures {
  readonly source: EvaluationSource;
  readonly dicePooled: number | null;
  readonly dicePerVolume: number | null;
  readonly confusionRatioPooled: number | null;
  readonly confusionRatioPerVolume: number | null;
  /** Share of pixels left open (255). */
  readonly ignored: number | null;
  readonly classes: readonly {
    readonly name: string;
    readonly dicePooled: number | null;
    readonly dicePerVolume: number | null;
    readonly confusionRatioPooled: number | null;
    readonly confusionRatioPerVolume: number | null;
  }[];
}

/** One row as measured. */
export interface AblationResult {
  readonly name: string;
  readonly group: AblationGroup;
  readonly settings: Readonly<Record<string, string>>;
  readonly run: string;
  /** Name of an earlier row that is the same recipe, whose run this is; null for a run of its own. */
  readonly sameAs: string | null;
  /** Image-level mean average precision on the split. */
  readonly meanAveragePrecision: number | null;
  /** Of training alone. */
  readonly minutes: number;
  readonly sources: readonly SourceMeasures[];
}

export interface Ablation {
  readonly preset: string;
  readonly seed: number;
  /** Of all stages together, in each row. */
  readonly iterations: number;
  readonly split: ProjectItem['split'];
  readonly tags: { readonly slice: number; readonly crop: number };
  readonly rows: readonly AblationResult[];
  /** Names of rows that are still to do, after an interruption. */
  readonly missing: readonly string[];
}

export interface AblationRequest {
  readonly engine: Engine;
  readonly recipe: TrainingConfig;
  readonly rows: readonly AblationRow[];
  readonly split: ProjectItem['split'];
  /** Encoder weights that every row starts from. */
  readonly weights?: string;
  readonly signal?: AbortSignal;
  readonly onRow?: (row: AblationRow, index: number) => void;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly onPredicted?: (done: number, total: number) => void;
}

/** What the project remembers of a row. */
interface RowRecord {
  readonly run: string;
  readonly seconds: number;
  readonly measures: Readonly<Record<string, RowMeasures>>;
}

type RowMeasures = Pick<AblationResult, 'sources' | 'meanAveragePrecision'>;

const MEMORY = 'ablation';
/** Validation pictures between are of no use to a table. */
const NEVER = 1_000_000_000;

/** Trains, predicts and measures the rows that are missing. An aborted signal saves and ends with what there is. */
export async function ablateProject(project: Project, request: AblationRequest): Promise<Ablation> {
  const memory = new AblationMemory(project);
  const results: AblationResult[] = [];
  const owners = new Map<string, string>();
  for (const [index, row] of request.rows.entries()) {
    if (request.signal?.aborted) break;
    request.onRow?.(row, index);
    const key = memory.keyOf({ config: row.config, weights: request.weights });
    const record = await completeRow(project, memory, key, row, request);
    const measures = record?.measures[request.split];
    if (!record || !measures) break;
    const sameAs = owners.get(key) ?? null;
    if (sameAs === null) owners.set(key, row.name);
    const { name, group, settings } = row;
    results.push({ name, group, settings, run: record.run, sameAs, minutes: record.seconds / 60, ...measures });
  }
  const { preset, seed, schedule, segmentationStage, objective } = request.recipe;
  const crop = project.tags().filter(({ window }) => window !== undefined).length;
  return {
    preset,
    seed,
    iterations: schedule.iterations + (objective === 'staged' ? segmentationStage.iterations : 0),
    split: request.split,
    tags: { slice: project.tags().length - crop, crop },
    rows: results,
    missing: request.rows.slice(results.length).map(({ name }) => name),
  };
}

/** The recipe with the iterations that take so long here; measured once, so that an interrupted ablation goes on with them. */
export async function recipeForMinutes(
  project: Project,
  engine: Engine,
  recipe: TrainingConfig,
  minutes: number,
): Promise<TrainingConfig> {
  const memory = new AblationMemory(project);
  const key = memory.keyOf({ recipe, minutes, engine: engine.name });
  const known = memory.fitted(key);
  if (known) return known;
  const data = openImageData(project);
  const images = data.items.filter(({ split }) => split === 'train').length;
  const fitted = fittedTo(minutes, recipe, await measureSteps(data, engine, recipe), images);
  memory.keepFitted(key, fitted);
  return fitted;
}

/** Does what the row lacks; undefined when it was stopped before it was whole. */
async function completeRow(
  project: Project,
  memory: AblationMemory,
  key: string,
  row: AblationRow,
  request: AblationRequest,
): Promise<RowRecord | undefined> {
  try {
    const trained = await trainRow(project, memory, key, row, request);
    if (!trained || trained.measures[request.split]) return trained;
    const { run } = trained;
    const prediction = await predictProject(project, {
      engine: request.engine,
      run,
      splits: [request.split],
      ...(request.signal && { signal: request.signal }),
      ...(request.onPredicted && { onProgress: request.onPredicted }),
    });
    if (prediction.stopped) return undefined;
    const measures = await measureRow(project, run, request.split);
    const record = { ...trained, measures: { ...trained.measures, [request.split]: measures } };
    memory.keep(key, record);
    return record;
  } catch (cause) {
    throw new Error(`ablation row "${row.name}"`, { cause });
  }
}

async function trainRow(
  project: Project,
  memory: AblationMemory,
  key: string,
  row: AblationRow,
  request: AblationRequest,
): Promise<RowRecord | undefined> {
  const known = memory.record(key);
  const status = project.runs().find(({ id }) => id === known?.run)?.status;
  if (known && status === 'finished') return known;
  const config = { ...row.config, evaluateEvery: NEVER };
  const begin: TrainingRequest['begin'] =
    known && status !== 'failed'
      ? { resume: known.run }
      : { config, ...(request.weights !== undefined && { weights: request.weights }) };
  const before = 'resume' in begin ? (known?.seconds ?? 0) : 0;
  const started = performance.now();
  const seconds = (): number => before + (performance.now() - started) / 1000;
  const result = await trainProject(project, {
    engine: request.engine,
    begin,
    ...(request.signal && { signal: request.signal }),
    onEvent: (event, run) => {
      // Time counts as far as the work is saved.
      if (event.kind === 'stage' || event.kind === 'checkpoint') {
        memory.keep(key, { run, seconds: seconds(), measures: {} });
      }
      request.onEvent?.(event);
    },
  });
  const record = { run: result.run, seconds: seconds(), measures: {} };
  memory.keep(key, record);
  return result.status === 'finished' ? record : undefined;
}

async function measureRow(project: Project, run: string, split: ProjectItem['split']): Promise<RowMeasures> {
  const { sources } = await evaluateProject(project, { run, split, source: 'all' });
  return {
    sources: sources.filter(({ source }) => source !== 'disc').map(sourceMeasures),
    meanAveragePrecision: imageLevelPrecision(project, run, split),
  };
}

function sourceMeasures({ source, report }: SourceEvaluation): SourceMeasures {
  const { mean, classes, ignored } = report;
  return {
    source,
    dicePooled: known(mean.dicePooled),
    dicePerVolume: known(mean.dicePerVolume),
    confusionRatioPooled: known(mean.confusionRatioPooled),
    confusionRatioPerVolume: known(mean.confusionRatioPerVolume),
    ignored: known(ignored.prediction),
    classes: classes.map(({ name, dice, confusionRatio }) => ({
      name,
      dicePooled: known(dice.pooled),
      dicePerVolume: known(dice.perVolume.value),
      confusionRatioPooled: known(confusionRatio.pooled),
      confusionRatioPerVolume: known(confusionRatio.perVolume.value),
    })),
  };
}

/** How well the classifier ranks the tagged images of the split. */
function imageLevelPrecision(project: Project, run: string, split: ProjectItem['split']): number | null {
  const inSplit = new Set(project.items.filter((item) => item.split === split).map(({ id }) => id));
  const tagged = wholeImageTags(project.tags().filter(({ item }) => inSplit.has(item))).flatMap(({ item, present }) => {
    const scores = project.readPrediction(run, item)?.scores;
    return scores ? [{ scores, present }] : [];
  });
  const scores = tagged.map((image) => image.scores);
  const present = tagged.map((image) => image.present);
  return known(meanAveragePrecision(scores, present, project.classes.length).mean);
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The project's notes on ablations: rows by what they were trained on. */
class AblationMemory {
  private readonly project: Project;
  private readonly tags: string;

  constructor(project: Project) {
    this.project = project;
    this.tags = digest(project.tags());
  }

  /** Equal for equal work: other tags, or another recipe, are other work. */
  keyOf(work: unknown): string {
    return digest([this.tags, work]);
  }

  record(key: string): RowRecord | undefined {
    return this.read(`row ${key}`) as RowRecord | undefined; // only `keep` writes there
  }

  keep(key: string, record: RowRecord): void {
    this.project.setSetting(`${MEMORY} row ${key}`, record);
  }

  fitted(key: string): TrainingConfig | undefined {
    return this.read(`minutes ${key}`) as TrainingConfig | undefined; // only `keepFitted` writes there
  }

  keepFitted(key: string, config: TrainingConfig): void {
    this.project.setSetting(`${MEMORY} minutes ${key}`, config);
  }

  private read(name: string): unknown {
    return this.project.setting(`${MEMORY} ${name}`);
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
