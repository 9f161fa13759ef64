// The training of a run as a stream of events. The host logs, saves, pauses and cancels.
import {
  float32,
  type CompiledProgram,
  type Engine,
  type EngineState,
  type HostTensors,
  type Program,
} from '../compile/index.ts';

import { strideOf } from '../unia/network.ts';
import { Batches, EpochOrder, PreparedImages, trainingRegions, type TrainingRegions } from './batches.ts';
import { weightsOf, type Checkpoint, type StageName } from './checkpoint.ts';
import type { TrainingConfig } from './config.ts';
import type { ImageData, TaggedRegion } from './data.ts';
import { WARM_UP_PREFIX } from './initial-state.ts';
import { MaskStore, pseudoMasks } from './mask-store.ts';
import {
  classificationObjective,
  jointObjective,
  segmentationObjective,
  taggedInputs,
  type TaggedShape,
  warmUpObjective,
} from './objective.ts';
import { FIRST, optimisedStep, SECOND, stepSizeInputs, type LossTerms } from './optimised-step.ts';
import { createRandom, type SeededRandom } from './random.ts';
import { learningRateFactor, openGates } from './schedule.ts';
import { createPredictor } from './prediction.ts';
import { validate, type ValidationMeasures, type ValidationSample } from './validation.ts';

export type TrainingEvent =
  | { readonly kind: 'stage'; readonly stage: StageName; readonly iterations: number }
  | {
      readonly kind: 'step';
      readonly stage: StageName;
      /** Iterations done in the stage, and over all stages. */
      readonly iteration: number;
      readonly iterations: number;
      readonly done: number;
      readonly total: number;
      readonly losses: Readonly<Record<string, number>>;
      readonly learningRate: number;
      readonly images: number;
    }
  | { readonly kind: 'pseudo-masks'; readonly done: number; readonly total: number }
  | {
      readonly kind: 'evaluated';
      readonly stage: StageName;
      readonly iteration: number;
      readonly measures: ValidationMeasures;
      readonly samples: readonly ValidationSample[];
    }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'finished' };

export interface TrainingRun {
  readonly data: ImageData;
  readonly engine: Engine;
  /** A new run starts at iteration 0 of its first stage with its initial weights as state. */
  readonly start: Checkpoint;
  /** Asked before every step; true saves a checkpoint and ends. */
  readonly shouldStop?: () => boolean;
}

/** A checkpoint of a run that has not begun. */
export function beginning(config: TrainingConfig, classes: readonly string[], weights: HostTensors): Checkpoint {
  const random = createRandom(config.seed).fork('training').state();
  return { config, classes, stage: stagesOf(config)[0]!, iteration: 0, random, state: weights };
}

/** The stages of a recipe in their order. */
export function stagesOf(config: TrainingConfig): StageName[] {
  const main: StageName[] = config.objective === 'joint' ? ['joint'] : ['classification', 'segmentation'];
  return config.warmUp.iterations > 0 ? ['warm-up', ...main] : main;
}

/** Iterations of a stage. */
export function iterationsOf(config: TrainingConfig, stage: StageName): number {
  switch (stage) {
    case 'warm-up':
      return config.warmUp.iterations;
    case 'joint':
    case 'classification':
      return config.schedule.iterations;
    case 'segmentation':
      return config.segmentationStage.iterations;
  }
}

/** Runs the stages that are left and yields what happens. A non-finite loss throws with step and term. */
export async function* train({ data, engine, start, shouldStop }: TrainingRun): AsyncGenerator<TrainingEvent, void> {
  const session = new TrainingSession(data, engine, start);
  try {
    await session.open();
    yield* session.run(shouldStop ?? (() => false));
  } finally {
    await session.close();
  }
}

/** One kind of step of the running stage. */
interface StepKind {
  readonly key: string;
  readonly images: number;
  program(): Program;
  feeds(random: SeededRandom, position: number): Promise<HostTensors>;
}

class TrainingSession {
  readonly #config: TrainingConfig;
  readonly #data: ImageData;
  readonly #engine: Engine;
  readonly #start: Checkpoint;
  readonly #batches: Batches;
  readonly #regions: TrainingRegions;
  readonly #random: SeededRandom;
  readonly #compiled = new Map<string, CompiledProgram>();
  readonly #masks = new MaskStore();
  #state!: EngineState;
  #shapes!: Readonly<Record<string, readonly number[]>>;

  constructor(data: ImageData, engine: Engine, start: Checkpoint) {
    this.#config = start.config;
    this.#data = data;
    this.#engine = engine;
    this.#start = start;
    this.#batches = new Batches(data, start.config, new PreparedImages(data, start.config));
    this.#regions = trainingRegions(data);
    this.#random = createRandom(start.random);
    if (this.#regions.images.length === 0) throw new Error('No training image has a tag: tag images before training');
  }

  async open(): Promise<void> {
    const { state } = this.#start;
    const weights = weightsOf(state);
    this.#shapes = Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]));
    const moments: Record<string, HostTensors[string]> = {};
    for (const [name, { shape, data }] of Object.entries(weights)) {
      for (const prefix of [FIRST, SECOND]) {
        moments[prefix + name] = state[prefix + name] ?? float32(shape, new Float32Array(data.length));
      }
    }
    this.#state = await this.#engine.allocate({ ...weights, ...moments });
  }

  async close(): Promise<void> {
    await this.#forgetPrograms();
    await (this.#state as EngineState | undefined)?.dispose();
  }

  async *run(shouldStop: () => boolean): AsyncGenerator<TrainingEvent, void> {
    const stages = stagesOf(this.#config);
    const first = stages.indexOf(this.#start.stage);
    for (const stage of stages.slice(first)) {
      const from = stage === this.#start.stage ? this.#start.iteration : 0;
      if (stage === 'segmentation') {
        if (from === 0) await this.#copyEncoder();
        yield* this.#makeMasks();
      }
      if (from === 0 && stage !== this.#start.stage) await this.#clearMoments();
      yield { kind: 'stage', stage, iterations: iterationsOf(this.#config, stage) };
      const stopped = yield* this.#runStage(stage, from, shouldStop);
      if (stopped) {
        yield { kind: 'stopped' };
        return;
      }
      await this.#forgetPrograms();
    }
    yield { kind: 'finished' };
  }

  async *#runStage(stage: StageName, from: number, shouldStop: () => boolean): AsyncGenerator<TrainingEvent, boolean> {
    const iterations = iterationsOf(this.#config, stage);
    const before = this.#iterationsBefore(stage);
    const total = stagesOf(this.#config).reduce((sum, name) => sum + iterationsOf(this.#config, name), 0);
    for (let t = from; t < iterations; t++) {
      if (shouldStop()) {
        yield await this.#checkpoint(stage, t);
        return true;
      }
      const step = this.#stepOf(stage, t);
      const learningRate = this.#learningRate(stage, t);
      const program = await this.#program(step);
      const feeds = await step.feeds(this.#random, t * step.images);
      const sizes = stepSizeInputs(this.#config.optimiser, learningRate, t + 1);
      const outputs = await program.run({ ...feeds, ...sizes }, this.#state);
      const losses = finiteLosses(outputs, `${stage} step ${t + 1}`);
      const progress = { stage, iteration: t + 1, iterations, done: before + t + 1, total };
      yield { kind: 'step', ...progress, losses, learningRate, images: step.images };
      const last = t + 1 === iterations;
      if (last || (t + 1) % this.#config.evaluateEvery === 0) yield* this.#evaluate(stage, t + 1);
      if (last || (t + 1) % this.#config.checkpointEvery === 0) yield await this.#checkpoint(stage, t + 1);
    }
    return false;
  }

  #iterationsBefore(stage: StageName): number {
    const stages = stagesOf(this.#config);
    return stages.slice(0, stages.indexOf(stage)).reduce((sum, name) => sum + iterationsOf(this.#config, name), 0);
  }

  #learningRate(stage: StageName, t: number): number {
    const { schedule, optimiser, segmentationStage, warmUp } = this.#config;
    const base = { 'warm-up': warmUp.learningRate, segmentation: segmentationStage.learningRate }[stage as string];
    const total = iterationsOf(this.#config, stage);
    return (base ?? optimiser.learningRate) * learningRateFactor({ ...schedule, total }, t);
  }

  #stepOf(stage: StageName, t: number): StepKind {
    switch (stage) {
      case 'warm-up':
        return this.#warmUpStep();
      case 'segmentation':
        return this.#segmentationStep();
      case 'joint':
      case 'classification':
        return this.#taggedStep(stage, t);
    }
  }

  #taggedStep(stage: 'joint' | 'classification', t: number): StepKind {
    const { batch, schedule } = this.#config;
    const gates = openGates(schedule, schedule.iterations, t);
    // Drawn from the iteration's own stream, so that the choice does not depend on what earlier batches drew.
    const draw = createRandom(this.#config.seed).fork(`kind ${t}`).uniform();
    const windows = this.#regions.windows.length > 0 && draw < batch.windowShare;
    const { regions, shape } = this.#taggedSource(windows);
    const { images } = shape;
    const objective = stage === 'joint' ? jointObjective : classificationObjective;
    const key = `${stage} ${JSON.stringify({ ...shape, ...gates })}`;
    return {
      key,
      images,
      program: () =>
        this.#step(key, taggedInputs(this.#config, shape, this.#data.classes.length), (inputs, parameters) =>
          objective(this.#config, gates, inputs, parameters),
        ),
      feeds: async (random, position) => {
        const order = this.#order(regions.length, windows ? 1 : 2);
        const chosen = Array.from({ length: images }, (_, i) => regions[order.at(position + i)]!);
        return this.#taggedFeeds(chosen, shape, random);
      },
    };
  }

  /** Where a step's regions come from, and the sizes of its inputs. */
  #taggedSource(windows: boolean): { readonly regions: readonly TaggedRegion[]; readonly shape: TaggedShape } {
    const { batch } = this.#config;
    const whole = { images: batch.images, side: batch.side };
    if (!windows) return { regions: this.#regions.images, shape: { ...whole, windows: 0 } };
    if (batch.windowMode === 'inPlace') {
      return { regions: this.#regions.windowed, shape: { ...whole, windows: batch.windowsPerImage } };
    }
    return { regions: this.#regions.windows, shape: { images: batch.windows, side: batch.windowSide, windows: 0 } };
  }

  async #taggedFeeds(regions: readonly TaggedRegion[], shape: TaggedShape, random: SeededRandom): Promise<HostTensors> {
    const stride = strideOf(this.#config);
    const pooled = shape.windows > 0 ? { windowsPerImage: shape.windows, stride } : undefined;
    const feeds = await this.#batches.tagged(regions, shape.side, random, pooled);
    const specs = taggedInputs(this.#config, shape, this.#data.classes.length);
    const noise = specs['noise'];
    const all: HostTensors = { ...feeds, ...(noise && { noise: float32(noise.shape, normals(noise.shape, random)) }) };
    return Object.fromEntries(Object.keys(specs).map((name) => [name, all[name]!]));
  }

  #segmentationStep(): StepKind {
    const { images, side } = this.#config.segmentationStage;
    const key = 'segmentation';
    const items = this.#masks.items();
    return {
      key,
      images,
      program: () =>
        this.#step(
          key,
          {
            image: { shape: [images, 3, side, side], dtype: 'float32' },
            labels: { shape: [images, side, side], dtype: 'float32' },
          },
          (inputs, parameters) => segmentationObjective(this.#config, inputs, parameters),
        ),
      feeds: (random, position) => {
        const order = this.#order(items.length, 3);
        const chosen = Array.from({ length: images }, (_, i) => items[order.at(position + i)]!);
        return this.#batches.labelled(chosen, (item) => this.#masks.get(item), side, random);
      },
    };
  }

  #warmUpStep(): StepKind {
    const { images, maskedShare } = this.#config.warmUp;
    const { side } = this.#config.batch;
    const tokens = (side / strideOf(this.#config)) ** 2;
    const key = 'warm-up';
    const items = this.#data.items.filter(({ split }) => split === 'train').map(({ id }) => id);
    const nothing = this.#data.classes.map(() => 0);
    return {
      key,
      images,
      program: () =>
        this.#step(
          key,
          {
            image: { shape: [images, 3, side, side], dtype: 'float32' },
            mask: { shape: [images, tokens], dtype: 'float32' },
          },
          (inputs, parameters) => warmUpObjective(this.#config, inputs, warmUpParameters(parameters)),
        ),
      feeds: async (random, position) => {
        const order = this.#order(items.length, 4);
        const chosen = Array.from({ length: images }, (_, i) => ({
          item: items[order.at(position + i)]!,
          present: nothing,
        }));
        const { image } = await this.#batches.tagged(chosen, side, random);
        const mask = Float32Array.from({ length: images * tokens }, () => (random.uniform() < maskedShare ? 1 : 0));
        return { image: image!, mask: float32([images, tokens], mask) };
      },
    };
  }

  readonly #orders = new Map<string, EpochOrder>();

  #order(count: number, salt: number): EpochOrder {
    const key = `${count} ${salt}`;
    const known = this.#orders.get(key);
    if (known) return known;
    const created = new EpochOrder(count, this.#config.seed * 16 + salt);
    this.#orders.set(key, created);
    return created;
  }

  #step(
    name: string,
    inputs: Program['inputs'],
    loss: (inputs: Parameters<Program['run']>[0], parameters: Parameters<Program['run']>[1]) => LossTerms,
  ): Program {
    const frozen = this.#config.freezePositionTable ? new Set(['encoder.pos_embed']) : new Set<string>();
    const trained = Object.keys(this.#shapes).filter((weight) => !frozen.has(weight));
    return optimisedStep({ name, inputs, weights: this.#shapes, trained, optimiser: this.#config.optimiser, loss });
  }

  async #program(step: StepKind): Promise<CompiledProgram> {
    const known = this.#compiled.get(step.key);
    if (known) return known;
    const compiled = await this.#engine.compile(step.program());
    this.#compiled.set(step.key, compiled);
    return compiled;
  }

  async #forgetPrograms(): Promise<void> {
    for (const program of this.#compiled.values()) await program.dispose();
    this.#compiled.clear();
  }

  /** A stage has its own AdamW: moments of another objective would only mislead its first steps. */
  async #clearMoments(): Promise<void> {
    const zeros: Record<string, HostTensors[string]> = {};
    for (const [name, shape] of Object.entries(this.#shapes)) {
      const size = shape.reduce((product, n) => product * n, 1);
      for (const prefix of [FIRST, SECOND]) zeros[prefix + name] = float32(shape, new Float32Array(size));
    }
    await this.#state.write(zeros);
  }

  async #copyEncoder(): Promise<void> {
    if (this.#config.segmentation.encoder !== 'own') return;
    const names = Object.keys(this.#shapes).filter((name) => name.startsWith('encoder.'));
    const values = await this.#state.read(names);
    const copies = names
      .map((name) => [name.replace(/^encoder\./, 'segmenter.'), values[name]!] as const)
      .filter(([name]) => name in this.#shapes);
    await this.#state.write(Object.fromEntries(copies));
  }

  /** Pseudo masks of the training images, or what a person has made of them. */
  async *#makeMasks(): AsyncGenerator<TrainingEvent, void> {
    const options = { batch: 4, segmentation: false };
    const classes = this.#data.classes.length;
    const predictor = await createPredictor(this.#engine, this.#state, this.#config, this.#shapes, classes, options);
    try {
      const total = this.#regions.images.length;
      for await (const done of pseudoMasks(
        this.#data,
        this.#config,
        this.#regions.images,
        this.#batches,
        predictor,
        this.#masks,
      )) {
        yield { kind: 'pseudo-masks', done, total };
      }
    } finally {
      await predictor.dispose();
    }
  }

  async *#evaluate(stage: StageName, iteration: number): AsyncGenerator<TrainingEvent, void> {
    if (stage === 'warm-up') return;
    const hasSegmentation = stage === 'segmentation' || stage === 'joint';
    const options = { batch: 4, segmentation: hasSegmentation };
    const classes = this.#data.classes.length;
    const predictor = await createPredictor(this.#engine, this.#state, this.#config, this.#shapes, classes, options);
    try {
      const result = await validate(this.#data, this.#config, this.#batches, predictor);
      if (result) yield { kind: 'evaluated', stage, iteration, ...result };
    } finally {
      await predictor.dispose();
    }
  }

  async #checkpoint(stage: StageName, iteration: number): Promise<TrainingEvent> {
    const checkpoint: Checkpoint = {
      config: this.#config,
      classes: this.#data.classes,
      stage,
      iteration,
      random: this.#random.state(),
      state: await this.#state.read(),
    };
    return { kind: 'checkpoint', checkpoint };
  }
}

/** The warm-up's objective reads `encoder.` and `decoder.`; its own weights lie under a prefix of theirs. */
function warmUpParameters(parameters: Parameters<Program['run']>[1]): Parameters<Program['run']>[1] {
  const encoder = Object.entries(parameters).filter(([name]) => name.startsWith('encoder.'));
  const own = Object.entries(parameters).filter(([name]) => name.startsWith(WARM_UP_PREFIX));
  return Object.fromEntries([
    ...encoder,
    ...own.map(([name, value]) => [name.slice(WARM_UP_PREFIX.length), value] as const),
  ]);
}

function normals(shape: readonly number[], random: SeededRandom): Float32Array {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = random.normal();
  return values;
}

function finiteLosses(outputs: HostTensors, where: string): Record<string, number> {
  const losses = Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data[0]!]));
  const broken = Object.entries(losses).find(([name, value]) => name !== 'total' && !Number.isFinite(value));
  const term = broken?.[0] ?? (Number.isFinite(losses['total']) ? undefined : 'total');
  if (term !== undefined) {
    throw new Error(
      `${where}: the loss "${term}" is ${losses[term]}; lower optimiser.learningRate or set optimiser.clip`,
    );
  }
  return losses;
}
