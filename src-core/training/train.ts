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
import { Batches, EpochOrder, PreparedImages, supervisedRegions, type TrainingRegions } from './batches.ts';
import { hasSegmentation, weightsOf, type Checkpoint, type StageName } from './checkpoint.ts';
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
import { createPredictor, type Predictor } from './prediction.ts';
import { validate, type ValidationMeasures, type ValidationSample } from './validation.ts';

/** Images in one pass when masks are made or measured. */
const PREDICTION_BATCH = 4;

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

/** The stages of a recipe in their order; one without iterations is left out. */
export function stagesOf(config: TrainingConfig): StageName[] {
  const main: StageName[] = config.objective === 'joint' ? ['joint'] : ['classification', 'segmentation'];
  return (['warm-up', ...main] as const).filter((stage) => iterationsOf(config, stage) > 0);
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
export function train({ data, engine, start, shouldStop }: TrainingRun): AsyncGenerator<TrainingEvent, void> {
  return new TrainingSession(data, engine, start).events(shouldStop ?? (() => false));
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
  readonly #start: Pick<Checkpoint, 'stage' | 'iteration'>;
  readonly #batches: Batches;
  readonly #random: SeededRandom;
  readonly #compiled = new Map<string, CompiledProgram>();
  readonly #masks: MaskStore;
  readonly #shapes: Readonly<Record<string, readonly number[]>>;
  /** Given up once the engine has its own copy: a large model's state is not kept twice. */
  #initial: HostTensors | undefined;
  #regions!: TrainingRegions;
  #state: EngineState | undefined;

  constructor(data: ImageData, engine: Engine, { config, stage, iteration, random, state, masks }: Checkpoint) {
    this.#config = config;
    this.#data = data;
    this.#engine = engine;
    this.#start = { stage, iteration };
    this.#batches = new Batches(data, config, new PreparedImages(data, config));
    this.#random = createRandom(random);
    this.#masks = new MaskStore(masks);
    this.#shapes = Object.fromEntries(Object.entries(weightsOf(state)).map(([name, { shape }]) => [name, shape]));
    this.#initial = state;
  }

  async *events(shouldStop: () => boolean): AsyncGenerator<TrainingEvent, void> {
    try {
      await this.#open();
      yield* this.#run(shouldStop);
    } finally {
      await this.#forgetPrograms();
      await this.#state?.dispose();
    }
  }

  async #open(): Promise<void> {
    this.#regions = await supervisedRegions(this.#data);
    this.#state = await this.#engine.allocate({ ...this.#zeroMoments(), ...this.#initial });
    this.#initial = undefined;
  }

  get #held(): EngineState {
    if (!this.#state) throw new Error('The training has not been opened');
    return this.#state;
  }

  async *#run(shouldStop: () => boolean): AsyncGenerator<TrainingEvent, void> {
    const { stage: first, iteration } = this.#start;
    const stages = stagesOf(this.#config);
    for (const stage of stages.slice(stages.indexOf(first))) {
      const from = stage === first ? iteration : 0;
      if (from >= iterationsOf(this.#config, stage)) continue;
      // A stage has its own AdamW: moments of another objective would only mislead its first steps.
      if (from === 0) await this.#held.write(this.#zeroMoments());
      const stopped = yield* this.#prepareAndRun(stage, from, shouldStop);
      if (stopped) {
        yield { kind: 'stopped' };
        return;
      }
      await this.#forgetPrograms();
    }
    yield { kind: 'finished' };
  }

  /** Whether it was stopped. */
  async *#prepareAndRun(
    stage: StageName,
    from: number,
    shouldStop: () => boolean,
  ): AsyncGenerator<TrainingEvent, boolean> {
    if (stage === 'segmentation') {
      if (from === 0) await this.#copyEncoder();
      for await (const event of this.#makeMasks()) {
        yield event;
        if (!shouldStop()) continue;
        yield await this.#checkpoint(stage, from);
        return true;
      }
    }
    yield { kind: 'stage', stage, iterations: iterationsOf(this.#config, stage) };
    return yield* this.#runStage(stage, from, shouldStop);
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
      if (this.#opensSegmentation(stage, t)) await this.#copyEncoder();
      const step = this.#stepOf(stage, t);
      const learningRate = this.#learningRate(stage, t);
      const program = await this.#program(step);
      const feeds = await step.feeds(this.#random, t * step.images);
      const sizes = stepSizeInputs(this.#config.optimiser, learningRate, t + 1);
      const outputs = await program.run({ ...feeds, ...sizes }, this.#held);
      const losses = finiteLosses(outputs, `${stage} step ${t + 1}`);
      const progress = { stage, iteration: t + 1, iterations, done: before + t + 1, total };
      yield { kind: 'step', ...progress, losses, learningRate, images: step.images };
      const last = t + 1 === iterations;
      if (last || (t + 1) % this.#config.evaluateEvery === 0) yield* this.#evaluate(stage, t + 1);
      if (last || (t + 1) % this.#config.checkpointEvery === 0) yield await this.#checkpoint(stage, t + 1);
    }
    return false;
  }

  /** Whether the paper's stage starts to learn segmentation at step t. */
  #opensSegmentation(stage: StageName, t: number): boolean {
    const { schedule } = this.#config;
    const open = (step: number): boolean => openGates(schedule, schedule.iterations, step).segmentation;
    return stage === 'joint' && open(t) && (t === 0 || !open(t - 1));
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
    const items = this.#regions.images;
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
        const chosen = Array.from({ length: images }, (_, i) => items[order.at(position + i)]!.item);
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

  #zeroMoments(): HostTensors {
    return Object.fromEntries(
      Object.entries(this.#shapes).flatMap(([name, shape]) => {
        const size = shape.reduce((product, n) => product * n, 1);
        return [FIRST, SECOND].map((prefix) => [prefix + name, float32(shape, new Float32Array(size))] as const);
      }),
    );
  }

  /** An own encoder of the segmentation begins as a copy of the one that tags have taught. */
  async #copyEncoder(): Promise<void> {
    if (this.#config.segmentation.encoder !== 'own') return;
    const names = Object.keys(this.#shapes).filter((name) => name.startsWith('encoder.'));
    const values = await this.#held.read(names);
    const copies = names
      .map((name) => [name.replace(/^encoder\./, 'segmenter.'), values[name]!] as const)
      .filter(([name]) => name in this.#shapes);
    await this.#held.write(Object.fromEntries(copies));
  }

  /** Pseudo masks of the training images that have none yet and that no person has drawn. */
  async *#makeMasks(): AsyncGenerator<TrainingEvent, void> {
    const missing: TaggedRegion[] = [];
    for (const region of this.#regions.images) {
      if (!this.#masks.has(region.item) && !(await this.#data.reviewed(region.item))) missing.push(region);
    }
    if (missing.length === 0) return;
    const predictor = await this.#predictor(false);
    try {
      for await (const done of pseudoMasks(this.#config, missing, this.#batches, predictor, this.#masks)) {
        yield { kind: 'pseudo-masks', done, total: missing.length };
      }
    } finally {
      await predictor.dispose();
    }
  }

  #predictor(segmentation: boolean): Promise<Predictor> {
    const options = { batch: PREDICTION_BATCH, segmentation };
    return createPredictor(this.#engine, this.#held, this.#config, this.#shapes, this.#data.classes.length, options);
  }

  async *#evaluate(stage: StageName, iteration: number): AsyncGenerator<TrainingEvent, void> {
    if (stage === 'warm-up') return;
    const predictor = await this.#predictor(hasSegmentation({ config: this.#config, stage, iteration }));
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
      state: await this.#held.read(),
      ...(stage === 'segmentation' && { masks: this.#masks.coded }),
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
