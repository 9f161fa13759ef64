import type { Engine } from '../../src-core/compile/index.ts';
import type { TrainingConfig } from '../../src-core/training/config.ts';
import type { ImageData } from '../../src-core/training/data.ts';
import { initialWeights } from '../../src-core/training/initial-state.ts';
import { supervisedRegions } from '../../src-core/training/batches.ts';
import { wholeImageTags } from '../../src-core/training/image-tags.ts';
import { iterationsOf, stagesOf } from '../../src-core/training/stages.ts';
import { beginning, train } from '../../src-core/training/train.ts';
import type { StageName } from '../../src-core/training/checkpoint.ts';
import { VALIDATION_IMAGES } from '../../src-core/training/validation.ts';

/** Images that the measurement trains on. */
const PROBE_IMAGES = 6;
const PROBE_STEPS = 6;
/** The first steps compile and warm up. */
const WARM_STEPS = 3;

/** What takes how long here. */
export interface StepTimes {
  readonly secondsPerStep: Readonly<Partial<Record<StageName, number>>>;
  readonly secondsPerMask: number;
  /** One look at the validation images. */
  readonly secondsPerLook: number;
}

/** Trains a few steps with throw-away weights, on windows and on whole images, and times them. */
export async function measureSteps(data: ImageData, engine: Engine, config: TrainingConfig): Promise<StepTimes> {
  const { images, windows } = await supervisedRegions(data);
  const chosen = new Set(images.slice(0, PROBE_IMAGES).map(({ item }) => item));
  const few = fewImages(data, chosen);
  const share = windows.some(({ item }) => chosen.has(item)) ? config.batch.windowShare : 0;
  const onImages = share < 1 ? await timesWith(few, engine, config, 0) : undefined;
  const onWindows = share > 0 ? await timesWith(few, engine, config, 1) : undefined;
  const either = (onImages ?? onWindows)!;
  const secondsPerStep: Partial<Record<StageName, number>> = { ...either.secondsPerStep };
  for (const stage of ['joint', 'classification'] as const) {
    if (secondsPerStep[stage] === undefined) continue;
    secondsPerStep[stage] =
      (1 - share) * (onImages?.secondsPerStep[stage] ?? 0) + share * (onWindows?.secondsPerStep[stage] ?? 0);
  }
  return { ...either, secondsPerStep, secondsPerLook: either.secondsPerMask * validationImages(data) };
}

function validationImages(data: ImageData): number {
  const held = new Set(data.items.filter(({ split }) => split === 'validation').map(({ id }) => id));
  return Math.min(wholeImageTags(data.tags.filter(({ item }) => held.has(item))).length, VALIDATION_IMAGES);
}

async function timesWith(
  data: ImageData,
  engine: Engine,
  config: TrainingConfig,
  windowShare: number,
): Promise<Omit<StepTimes, 'secondsPerLook'>> {
  const times: Partial<Record<StageName, number[]>> = {};
  const masks: number[] = [];
  const probe = probeOf(config, windowShare);
  const start = beginning(probe, data.classes, initialWeights(probe, data.classes.length));
  let last = performance.now();
  for await (const event of train({ data, engine, start })) {
    const now = performance.now();
    if (event.kind === 'step' && event.iteration > WARM_STEPS) (times[event.stage] ??= []).push((now - last) / 1000);
    if (event.kind === 'pseudo-masks') masks.push((now - last) / 1000);
    last = now;
  }
  const perStage = Object.entries(times).map(([stage, values]) => [stage, median(values)] as const);
  return {
    secondsPerStep: Object.fromEntries(perStage),
    // The predictor works in batches of four, of which the last may be short.
    secondsPerMask: masks.reduce((sum, value) => sum + value, 0) / PROBE_IMAGES,
  };
}

/** A few steps of every stage with every part of the objective at work, without looks at validation images. */
function probeOf(config: TrainingConfig, windowShare: number): TrainingConfig {
  const steps = (iterations: number): number => (iterations > 0 ? PROBE_STEPS : 0);
  const open = { segmentation: 0, auxiliaryToFinal: 0, secondComplement: 0, uncertaintyAndAffinity: 0 };
  return {
    ...config,
    schedule: { ...config.schedule, ...open, iterations: steps(config.schedule.iterations) },
    segmentationStage: { ...config.segmentationStage, iterations: steps(config.segmentationStage.iterations) },
    warmUp: { ...config.warmUp, iterations: steps(config.warmUp.iterations) },
    batch: { ...config.batch, windowShare },
    checkpointEvery: 2 * PROBE_STEPS,
    evaluateEvery: 2 * PROBE_STEPS,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Expected seconds of a recipe: its steps, its pseudo masks and its looks at validation images. */
export function expectedSeconds(config: TrainingConfig, times: StepTimes, trainingImages: number): number {
  const { fixed, growing } = costs(config, times, trainingImages);
  return fixed + growing;
}

/** Where a training stands: steps done in a stage, and what a step takes of late. */
export interface TrainingPlace {
  readonly stage: StageName;
  readonly iteration: number;
  readonly secondsPerStep: number;
}

/**
 * Seconds until a training ends: the present stage at its present pace, later ones as they were measured, slower or faster in
 * the same proportion. Where nothing was measured, all at the present pace.
 */
export function secondsLeft(
  config: TrainingConfig,
  { stage, iteration, secondsPerStep }: TrainingPlace,
  times: StepTimes | undefined,
  trainingImages: number,
): number {
  const stages = stagesOf(config);
  const later = stages.slice(stages.indexOf(stage) + 1);
  const now = Math.max(0, iterationsOf(config, stage) - iteration) * secondsPerStep;
  const measured = times?.secondsPerStep[stage];
  if (!times || measured === undefined) {
    return now + later.reduce((sum, name) => sum + iterationsOf(config, name) * secondsPerStep, 0);
  }
  const { fixed, growing } = costs(config, times, trainingImages, later);
  return now + (fixed + growing) * (secondsPerStep / measured);
}

/** What does not depend on the number of iterations, and what grows with it. */
function costs(
  config: TrainingConfig,
  { secondsPerStep, secondsPerMask, secondsPerLook }: StepTimes,
  trainingImages: number,
  stages: readonly StageName[] = stagesOf(config),
): { readonly fixed: number; readonly growing: number } {
  let [fixed, growing] = [0, 0];
  for (const stage of stages) {
    const iterations = iterationsOf(config, stage);
    growing += iterations * (secondsPerStep[stage] ?? 0);
    if (stage === 'segmentation') fixed += secondsPerMask * trainingImages;
    if (stage === 'warm-up') continue;
    growing += (iterations / config.evaluateEvery) * secondsPerLook;
    // Every stage ends with a look.
    fixed += secondsPerLook;
  }
  return { fixed, growing };
}

/** The recipe with every stage shortened or lengthened alike so that it takes about `minutes` here. */
export function fittedTo(
  minutes: number,
  config: TrainingConfig,
  times: StepTimes,
  trainingImages: number,
): TrainingConfig {
  const { fixed, growing } = costs(config, times, trainingImages);
  const factor = Math.max(minutes * 60 - fixed, 0) / growing;
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

/** The recipe with `total` iterations on tags and masks, shared among the two as before; the warm-up stays as it is. */
export function withTotal(config: TrainingConfig, total: number): TrainingConfig {
  const { schedule, segmentationStage, objective } = config;
  const onMasks = objective === 'staged' ? segmentationStage.iterations : 0;
  const share = schedule.iterations / (schedule.iterations + onMasks);
  const iterations = onMasks === 0 ? total : Math.max(Math.min(1, schedule.iterations), Math.round(total * share));
  return {
    ...config,
    schedule: { ...schedule, iterations },
    segmentationStage: { ...segmentationStage, iterations: objective === 'staged' ? total - iterations : 0 },
  };
}

function fewImages(data: ImageData, chosen: ReadonlySet<string>): ImageData {
  return {
    classes: data.classes,
    items: data.items.filter(({ id }) => chosen.has(id)),
    tags: data.tags.filter(({ item }) => chosen.has(item)),
    image: (item) => data.image(item),
    truth: (item) => data.truth(item),
    reviewed: (item) => data.reviewed(item),
  };
}
