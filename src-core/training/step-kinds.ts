// The kinds of steps that the stages take: their programs and what they are fed.
import { float32, type HostTensors, type Program } from '../compile/index.ts';
import { strideOf } from '../unia/network.ts';
import { EpochOrder, type Batches, type SupervisedRegions } from './batches.ts';
import type { StageName } from './checkpoint.ts';
import type { TrainingConfig } from './config.ts';
import type { ImageData, TaggedRegion } from './data.ts';
import { WARM_UP_PREFIX } from './initial-state.ts';
import type { MaskStore } from './mask-store.ts';
import {
  classificationObjective,
  jointObjective,
  segmentationObjective,
  taggedInputs,
  type TaggedShape,
  warmUpObjective,
} from './objective.ts';
import { optimisedStep, type LossTerms } from './optimised-step.ts';
import { createRandom, type SeededRandom } from './random.ts';
import { openGates } from './schedule.ts';

/** One kind of step. Steps with the same key share a compiled program. */
export interface StepKind {
  readonly key: string;
  readonly images: number;
  program(): Program;
  feeds(random: SeededRandom, position: number): Promise<HostTensors>;
}

/** What steps are made from. */
export interface StepSources {
  readonly config: TrainingConfig;
  readonly data: ImageData;
  readonly regions: SupervisedRegions;
  readonly batches: Batches;
  /** Filled before the segmentation stage begins. */
  readonly masks: MaskStore;
  /** Shapes of all weights by name. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

export class StepKinds {
  readonly #config: TrainingConfig;
  readonly #data: ImageData;
  readonly #regions: SupervisedRegions;
  readonly #batches: Batches;
  readonly #masks: MaskStore;
  readonly #shapes: StepSources['shapes'];

  constructor({ config, data, regions, batches, masks, shapes }: StepSources) {
    this.#config = config;
    this.#data = data;
    this.#regions = regions;
    this.#batches = batches;
    this.#masks = masks;
    this.#shapes = shapes;
  }

  /** The step at iteration t of a stage. */
  of(stage: StageName, t: number): StepKind {
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
    // Of the gates, classification alone knows only one: the others must not make it compile anew.
    const { uncertaintyAndAffinity } = gates;
    const variant = stage === 'joint' ? gates : { uncertaintyAndAffinity };
    const key = `${stage} ${JSON.stringify({ ...shape, ...variant })}`;
    return {
      key,
      images,
      program: () =>
        this.#step(key, taggedInputs(this.#config, shape, this.#data.classes.length), (inputs, parameters) =>
          objective(this.#config, gates, inputs, parameters),
        ),
      feeds: async (random, position) => {
        const chosen = windows
          ? this.#take(regions, images, position, 1)
          : this.#withReviewed(regions, images, position, 2, 5);
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
        const chosen = this.#withReviewed(items, images, position, 3, 6).map(({ item }) => item);
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
        const chosen = this.#take(items, images, position, 4).map((item) => ({ item, present: nothing }));
        const { image } = await this.#batches.tagged(chosen, side, random);
        const mask = Float32Array.from({ length: images * tokens }, () => (random.uniform() < maskedShare ? 1 : 0));
        return { image: image!, mask: float32([images, tokens], mask) };
      },
    };
  }

  /** As many images that a person has drawn as the recipe asks for, the rest from all. */
  #withReviewed(
    regions: readonly TaggedRegion[],
    images: number,
    position: number,
    salt: number,
    reviewedSalt: number,
  ): readonly TaggedRegion[] {
    const { reviewed } = this.#regions;
    const drawn = reviewed.length > 0 ? Math.round(this.#config.batch.reviewedShare * images) : 0;
    const step = position / images;
    return [
      ...this.#take(reviewed, drawn, step * drawn, reviewedSalt),
      ...this.#take(regions, images - drawn, step * (images - drawn), salt),
    ];
  }

  /** The next ones in the epoch's order. */
  #take<Kind>(all: readonly Kind[], count: number, position: number, salt: number): Kind[] {
    const order = this.#order(all.length, salt);
    return Array.from({ length: count }, (_, i) => all[order.at(position + i)]!);
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
