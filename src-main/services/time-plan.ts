import type { Engine } from '../../src-core/compile/index.ts';
import type { TrainingConfig } from '../../src-core/training/config.ts';
import type { ImageData } from '../../src-core/training/data.ts';
import { initialWeights } from '../../src-core/training/initial-state.ts';
import { trainingRegions } from '../../src-core/training/batches.ts';
import { beginning, stagesOf, train } from '../../src-core/training/train.ts';
import type { StageName } from '../../src-core/training/checkpoint.ts';

/** Images that the measurement trains on. */
const PROBE_IMAGES = 6;
const PROBE_STEPS = 8;
/** The first steps compile and warm up. */
const WARM_STEPS = 3;

/** What one step of each stage, and one pseudo mask, takes here. */
export interface StepTimes {
  readonly secondsPerStep: Readonly<Partial<Record<StageName, number>>>;
  readonly secondsPerMask: number;
}

/** Trains a few steps on a few images with throw-away weights and times them. */
export async function measureSteps(data: ImageData, engine: Engine, config: TrainingConfig): Promise<StepTimes> {
  const probe: TrainingConfig = {
    ...config,
    schedule: { ...config.schedule, iterations: PROBE_STEPS, segmentation: 0, auxiliaryToFinal: 0 },
    segmentationStage: { ...config.segmentationStage, iterations: PROBE_STEPS },
    warmUp: { ...config.warmUp, iterations: config.warmUp.iterations > 0 ? PROBE_STEPS : 0 },
    checkpointEvery: 2 * PROBE_STEPS,
    evaluateEvery: 2 * PROBE_STEPS,
  };
  const start = beginning(probe, data.classes, initialWeights(probe, data.classes.length));
  const times: Partial<Record<StageName, number[]>> = {};
  const masks: number[] = [];
  let last = performance.now();
  for await (const event of train({ data: fewImages(data), engine, start })) {
    const now = performance.now();
    if (event.kind === 'step' && event.iteration > WARM_STEPS) (times[event.stage] ??= []).push((now - last) / 1000);
    if (event.kind === 'pseudo-masks') masks.push((now - last) / 1000);
    last = now;
  }
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const perStage = Object.entries(times).map(([stage, values]) => [stage, median(values)] as const);
  return {
    secondsPerStep: Object.fromEntries(perStage),
    // The predictor works in batches of four, of which the last may be short.
    secondsPerMask: masks.length > 0 ? masks.reduce((sum, value) => sum + value, 0) / PROBE_IMAGES : 0,
  };
}

/** Expected seconds of a recipe's steps and pseudo masks. */
export function expectedSeconds(config: TrainingConfig, times: StepTimes, trainingImages: number): number {
  const steps = stagesOf(config).reduce(
    (sum, stage) => sum + iterations(config, stage) * (times.secondsPerStep[stage] ?? 0),
    0,
  );
  return steps + times.secondsPerMask * trainingImages;
}

/** The recipe with every stage shortened or lengthened alike so that it takes about `minutes` here. */
export function fittedTo(
  minutes: number,
  config: TrainingConfig,
  times: StepTimes,
  trainingImages: number,
): TrainingConfig {
  const masks = times.secondsPerMask * trainingImages;
  const steps = expectedSeconds(config, times, trainingImages) - masks;
  const factor = Math.max(minutes * 60 - masks, 0) / steps;
  return withIterations(config, factor);
}

/** Every stage's iterations times a factor, at least one each. */
export function withIterations(config: TrainingConfig, factor: number): TrainingConfig {
  const scaled = (n: number): number => (n === 0 ? 0 : Math.max(1, Math.round(n * factor)));
  return {
    ...config,
    schedule: { ...config.schedule, iterations: scaled(config.schedule.iterations) },
    segmentationStage: { ...config.segmentationStage, iterations: scaled(config.segmentationStage.iterations) },
    warmUp: { ...config.warmUp, iterations: scaled(config.warmUp.iterations) },
  };
}

function iterations(config: TrainingConfig, stage: StageName): number {
  if (stage === 'warm-up') return config.warmUp.iterations;
  return stage === 'segmentation' ? config.segmentationStage.iterations : config.schedule.iterations;
}

function fewImages(data: ImageData): ImageData {
  const chosen = new Set(
    trainingRegions(data)
      .images.slice(0, PROBE_IMAGES)
      .map(({ item }) => item),
  );
  return {
    classes: data.classes,
    items: data.items.filter(({ id }) => chosen.has(id)),
    tags: data.tags.filter(({ item }) => chosen.has(item)),
    image: (item) => data.image(item),
    truth: (item) => data.truth(item),
    reviewed: (item) => data.reviewed(item),
  };
}
