// The training of a run as a stream of events. The host logs, saves, pauses and cancels.
import { float32, type CompiledProgram, type Engine, type EngineState, type HostTensors } from '../compile/index.ts';
import { Batches, PreparedImages, supervisedRegions, type SupervisedRegions } from './batches.ts';
import { hasSegmentation, weightsOf, type Checkpoint, type StageName } from './checkpoint.ts';
import type { TrainingConfig } from './config.ts';
import type { ImageData, TaggedRegion } from './data.ts';
import { MaskStore, pseudoMasks } from './mask-store.ts';
import { FIRST, SECOND, stepSizeInputs } from './optimised-step.ts';
import { createPredictor, type Predictor } from './prediction.ts';
import { createRandom, type SeededRandom } from './random.ts';
import { iterationsBefore, iterationsOf, learningRateAt, opensSegmentation, stagesOf } from './stages.ts';
import { StepKinds, type StepKind } from './step-kinds.ts';
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

/** Runs the stages that are left and yields what happens. A non-finite loss throws with step and term. */
export function train({ data, engine, start, shouldStop }: TrainingRun): AsyncGenerator<TrainingEvent, void> {
  return new TrainingSession(data, engine, start).events(shouldStop ?? (() => false));
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
  #regions!: SupervisedRegions;
  #steps!: StepKinds;
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
    this.#steps = new StepKinds({
      config: this.#config,
      data: this.#data,
      regions: this.#regions,
      batches: this.#batches,
      masks: this.#masks,
      shapes: this.#shapes,
    });
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
    const before = iterationsBefore(this.#config, stage);
    const total = stagesOf(this.#config).reduce((sum, name) => sum + iterationsOf(this.#config, name), 0);
    for (let t = from; t < iterations; t++) {
      if (shouldStop()) {
        yield await this.#checkpoint(stage, t);
        return true;
      }
      if (opensSegmentation(this.#config, stage, t)) await this.#copyEncoder();
      const step = this.#steps.of(stage, t);
      const learningRate = learningRateAt(this.#config, stage, t);
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
    const { encoder, copyEncoder } = this.#config.segmentation;
    if (encoder !== 'own' || !copyEncoder) return;
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
