// Evaluation of a project's masks against its truth, one volume at a time: only counts are kept of each.
import { counted } from '../../src-core/datasets/counted.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { keepLargestComponents } from '../../src-core/labels/components.ts';
import { createDiscLearner, drawDiscs, type DiscBaseline } from '../../src-core/measure/disc-baseline.ts';
import {
  RUN_SOURCES,
  type EvaluationSource,
  type EvaluationSplit,
  type ProjectEvaluation,
  type SourceEvaluation,
} from '../../src-core/contract/results.ts';
import type { EvaluationVolume } from '../../src-core/measure/evaluation-volume.ts';
import { createEvaluation, type Evaluation } from '../../src-core/measure/report.ts';
import { wholeImageTags } from '../../src-core/training/image-tags.ts';
import { openImageData } from './image-data.ts';
import { needPredictedRun, storedMaps, type PredictedRun } from './predicted-run.ts';
import { REVIEWED, type Prediction, type Project, type ProjectItem, type ProjectVolume } from './project.ts';
import { reviewedMask } from './reviewed-mask.ts';

export type {
  EvaluationSource,
  EvaluationSplit,
  ProjectEvaluation,
  SourceEvaluation,
} from '../../src-core/contract/results.ts';

export interface EvaluationRequest {
  /** The newest run that has predicted anything when absent. */
  readonly run?: string;
  /** `test` when absent. */
  readonly split?: EvaluationSplit;
  /** One source, or `all`: every map of the run beside the disc. Segmentation when absent, else the pseudo mask. */
  readonly source?: EvaluationSource | 'all';
  /** Number of the reader whose reviewed masks are measured; the effective ones when absent. */
  readonly reader?: number;
  /** Keeps the largest component of each class in each volume before it is measured. */
  readonly largestComponent?: boolean;
}

/** Measures a project's masks. Throws where there is nothing to measure. */
export async function evaluateProject(
  project: Project,
  request: EvaluationRequest = {},
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ProjectEvaluation> {
  const split = request.split ?? 'test';
  const needsRun = request.source !== REVIEWED && request.source !== 'disc';
  const run = needsRun ? needPredictedRun(project, request.run) : undefined;
  const items = project.items.filter((item) => split === 'all' || item.split === split);
  if (items.length === 0) throw new Error(`split ${split}: the project has no images in it`);
  const sources = chooseSources(project, run, request.source);
  const work = new EvaluationWork(project, run, sources, request);
  if (sources.includes('disc')) await work.learnDiscs(signal);
  const volumes = Map.groupBy(items, (item) => item.volume);
  let done = 0;
  for (const [volume, slices] of volumes) {
    signal?.throwIfAborted();
    await work.measure(
      volume,
      [...slices].sort((a, b) => a.slice - b.slice),
    );
    done += 1;
    onProgress(done, volumes.size);
  }
  return {
    project: project.directory,
    run: run?.id ?? null,
    split,
    classes: project.classes,
    largestComponent: request.largestComponent ?? false,
    tags: countTags(project),
    sources: work.finish(split),
  };
}

function chooseSources(
  project: Project,
  run: PredictedRun | undefined,
  asked: EvaluationRequest['source'],
): readonly EvaluationSource[] {
  if (!run) return asked === undefined || asked === 'all' ? [] : [asked];
  const stored = storedMaps(project, run).labels;
  const known = RUN_SOURCES.filter((source) => stored.includes(source));
  if (asked === 'all') return [...known, 'disc'];
  const source = asked ?? (known.includes('segmentation') ? 'segmentation' : 'pseudo');
  if (stored.includes(source)) return [source];
  throw new Error(`source ${source}: ${run.id} has stored ${known.join(', ') || 'no masks'}`);
}

function countTags(project: Project): { slice: number; crop: number } {
  const tags = project.tags();
  const crop = tags.filter(({ window }) => window !== undefined).length;
  return { slice: tags.length - crop, crop };
}

/** One slice with what is known of it. */
interface Slice {
  readonly item: ProjectItem;
  readonly truth: LabelPlane;
  readonly prediction: Prediction | undefined;
}

/** What has been gathered for one source. */
interface Gathered {
  readonly source: EvaluationSource;
  readonly evaluation: Evaluation;
  measured: number;
  withoutMask: number;
  incompleteVolumes: number;
}

/** The evaluations of all sources, over one reading of the data. */
class EvaluationWork {
  private readonly project: Project;
  private readonly run: PredictedRun | undefined;
  private readonly largestComponent: boolean;
  private readonly reader: number | undefined;
  private readonly data: ReturnType<typeof openImageData>;
  private readonly gathered: readonly Gathered[];
  private readonly volumes: ReadonlyMap<string, ProjectVolume>;
  private readonly present: ReadonlyMap<string, readonly number[]>;
  private discs: DiscBaseline = [];
  private withoutTruth = 0;

  constructor(
    project: Project,
    run: PredictedRun | undefined,
    sources: readonly EvaluationSource[],
    { largestComponent = false, reader }: EvaluationRequest,
  ) {
    this.project = project;
    this.run = run;
    this.largestComponent = largestComponent;
    this.reader = reader;
    this.data = openImageData(project, { cacheBytes: CACHE_BYTES });
    this.volumes = new Map(project.volumes.map((volume) => [volume.id, volume]));
    this.present = new Map(wholeImageTags(project.tags()).map(({ item, present }) => [item, present]));
    this.gathered = sources.map((source) => ({
      source,
      evaluation: createEvaluation(project.classes),
      measured: 0,
      withoutMask: 0,
      incompleteVolumes: 0,
    }));
  }

  /** Learns where each class lies on average from the truth of the training patients. */
  async learnDiscs(signal: AbortSignal | undefined): Promise<void> {
    const learner = createDiscLearner(this.project.classes.length);
    for (const { id, split } of this.project.items) {
      if (split !== 'train') continue;
      signal?.throwIfAborted();
      const truth = await this.data.truth(id);
      if (truth) learner.add(truth);
    }
    this.discs = learner.finish();
  }

  /** Adds one volume, given by its slices in order, to every source. */
  async measure(id: string, items: readonly ProjectItem[]): Promise<void> {
    const slices: Slice[] = [];
    for (const item of items) {
      const truth = await this.data.truth(item.id);
      if (!truth) {
        this.withoutTruth += 1;
        continue;
      }
      const predicted = this.run?.items.has(item.id) ? this.run : undefined;
      slices.push({ item, truth, prediction: predicted && this.project.readPrediction(predicted.id, item.id) });
    }
    const volume = this.volumes.get(id);
    if (!volume) throw new Error(`volume: expected one of the project, got "${id}"`);
    for (const gathered of this.gathered) this.add(gathered, volume, slices);
  }

  finish(split: EvaluationSplit): SourceEvaluation[] {
    const results = this.gathered.filter(({ measured }) => measured > 0);
    if (results.length === 0) throw new Error(this.explainNothing(split));
    return results.map(({ source, evaluation, withoutMask, incompleteVolumes }) => ({
      source,
      report: evaluation.finish(),
      skipped: { withoutTruth: this.withoutTruth, withoutMask, incompleteVolumes },
    }));
  }

  private add(gathered: Gathered, volume: ProjectVolume, slices: readonly Slice[]): void {
    const { source } = gathered;
    const masks: LabelPlane[] = [];
    const kept: Slice[] = [];
    for (const slice of slices) {
      const mask = this.maskOf(source, slice);
      if (!mask) {
        gathered.withoutMask += 1;
        continue;
      }
      checkSize(slice, source, mask);
      masks.push(mask);
      kept.push(slice);
    }
    if (kept.length === 0) return;
    const complete = kept.length === volume.slices;
    if (!complete) gathered.incompleteVolumes += 1;
    gathered.measured += kept.length;
    gathered.evaluation.add(this.stack(source, volume, kept, masks, complete));
  }

  private stack(
    source: EvaluationSource,
    volume: ProjectVolume,
    slices: readonly Slice[],
    masks: readonly LabelPlane[],
    complete: boolean,
  ): EvaluationVolume {
    const { id, patient, phase, width, height, spacing } = volume;
    const shape = [slices.length, height, width] as const;
    const prediction = joinLabels(masks);
    const ofRun = source !== REVIEWED && source !== 'disc';
    return {
      id,
      patient,
      shape,
      phase: complete && (phase === 'ED' || phase === 'ES') ? phase : null,
      spacing: complete && spacing ? [spacing.z, spacing.y, spacing.x] : null,
      prediction: this.largestComponent ? keepLargestComponents(prediction, shape) : prediction,
      truth: joinLabels(slices.map(({ truth }) => truth)),
      uncertainty: ofRun ? joinUncertainty(slices) : undefined,
    };
  }

  private maskOf(source: EvaluationSource, { item, prediction }: Slice): LabelPlane | undefined {
    if (source === REVIEWED) return reviewedMask(this.project, item.id, this.reader);
    if (source !== 'disc') return prediction?.labels[source];
    const present = this.present.get(item.id);
    return present && drawDiscs(this.discs, item.width, item.height, present);
  }

  private explainNothing(split: EvaluationSplit): string {
    const [{ source, withoutMask }] = this.gathered as readonly [Gathered]; // a request names one source at least
    const reasons = [
      ...(this.withoutTruth > 0 ? [`${counted(this.withoutTruth, 'image', 'has')} no truth`] : []),
      ...(withoutMask > 0 ? [`${counted(withoutMask, 'image', 'has')} truth but no ${source} mask`] : []),
    ];
    return `nothing to measure in split ${split}: ${reasons.join(', ')}`;
  }
}

/** Truth is read in the order of volumes, so few decoded files need to be kept. */
const CACHE_BYTES = 64 * 2 ** 20;

function checkSize({ item, truth }: Slice, source: EvaluationSource, mask: LabelPlane): void {
  if (mask.width === truth.width && mask.height === truth.height) return;
  const [expected, got] = [truth, mask].map(({ width, height }) => `${width} x ${height}`);
  throw new Error(`${item.id}: expected a ${source} mask of ${expected} pixels, got ${got}`);
}

function joinLabels(planes: readonly LabelPlane[]): Uint8Array {
  const size = planes[0]?.data.length ?? 0;
  const joined = new Uint8Array(planes.length * size);
  planes.forEach(({ data }, slice) => joined.set(data, slice * size));
  return joined;
}

/** Undefined unless every slice has one. */
function joinUncertainty(slices: readonly Slice[]): Float32Array | undefined {
  const maps = slices.map(({ prediction }) => prediction?.values['uncertainty']);
  const size = slices[0]?.truth.data.length ?? 0;
  const joined = new Float32Array(slices.length * size);
  for (const [slice, map] of maps.entries()) {
    if (map?.data.length !== size) return undefined;
    joined.set(map.data, slice * size);
  }
  return joined;
}
