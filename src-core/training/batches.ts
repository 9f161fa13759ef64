// What one step is fed: regions with their tags, whole images, or windows with labels.
import { float32, type HostTensor, type HostTensors } from '../compile/index.ts';
import { IGNORE, type Plane, type Window } from '../imaging/plane.ts';
import { drawTurn, jitter, normaliseInto, turned, type Turn } from './augmentation.ts';
import type { TrainingConfig } from './config.ts';
import type { DataItem, ImageData, TaggedRegion, TaggedWindow } from './data.ts';
import { wholeImageTags } from './image-tags.ts';
import { prepareLabels, sampleChannels, shownArea, windowInSquare } from './prepare.ts';
import { createRandom, shuffled, type SeededRandom } from './random.ts';

/** Prepared squares kept in memory at most, bytes. */
const CACHE_BYTES = 768 * 2 ** 20;

/** Squares of the images at the training side; decoded on demand, the oldest dropped beyond the bound. */
export class PreparedImages {
  readonly #data: ImageData;
  readonly #config: TrainingConfig;
  readonly #squares = new Map<string, Plane>();
  #bytes = 0;

  constructor(data: ImageData, config: TrainingConfig) {
    this.#data = data;
    this.#config = config;
  }

  async square(item: string): Promise<Plane> {
    const known = this.#squares.get(item);
    if (known) {
      this.#squares.delete(item);
      this.#squares.set(item, known);
      return known;
    }
    const plane = await this.#data.image(item);
    const { side } = this.#config.data;
    const channels = sampleChannels(plane, shownArea(plane, this.#config.data), side);
    const square: Plane =
      plane.channels === 1
        ? { width: side, height: side, channels: 1, data: channels.slice(0, side * side) }
        : { width: side, height: side, channels: 3, data: interleaved(channels) };
    this.#squares.set(item, square);
    this.#bytes += square.data.byteLength;
    for (const [oldest, { data }] of this.#squares) {
      if (this.#bytes <= CACHE_BYTES) break;
      this.#squares.delete(oldest);
      this.#bytes -= data.byteLength;
    }
    return square;
  }
}

function interleaved(planes: Float32Array): Float32Array {
  const size = planes.length / 3;
  const result = new Float32Array(planes.length);
  for (let i = 0; i < size; i++) for (let c = 0; c < 3; c++) result[3 * i + c] = planes[c * size + i]!;
  return result;
}

/** Goes through indices in a new random order every epoch; where it stands depends on the position alone. */
export class EpochOrder {
  readonly #count: number;
  readonly #seed: number;
  #epoch = -1;
  #order: number[] = [];

  constructor(count: number, seed: number) {
    this.#count = count;
    this.#seed = seed;
  }

  at(position: number): number {
    const epoch = Math.floor(position / this.#count);
    if (epoch !== this.#epoch) {
      const random = createRandom(this.#seed).fork(`epoch ${epoch}`);
      this.#order = shuffled([...Array(this.#count).keys()], random);
      this.#epoch = epoch;
    }
    return this.#order[position % this.#count]!;
  }
}

/** Training regions of the project: windows as tagged, images as tagged or as their windows imply. */
export interface TrainingRegions {
  readonly windows: readonly TaggedRegion[];
  /** The same windows gathered by image, with what they imply for the whole of it. */
  readonly windowed: readonly WindowedImage[];
  readonly images: readonly TaggedRegion[];
}

/** An image with the tags of its windows. */
export interface WindowedImage extends TaggedRegion {
  readonly windows: readonly TaggedRegion[];
}

/** Tags of the training split. An image without a tag of its own shows the classes that any of its windows shows. */
export function trainingRegions(data: ImageData): TrainingRegions {
  const inTraining = new Set(data.items.filter(({ split }) => split === 'train').map(({ id }) => id));
  const tags = data.tags.filter(({ item }) => inTraining.has(item));
  const windows = tags.filter(({ window }) => window);
  const byImage = Map.groupBy(windows, ({ item }) => item);
  const images = wholeImageTags(tags);
  const windowed = images.flatMap((image) => {
    const own = byImage.get(image.item);
    return own ? [{ ...image, windows: own }] : [];
  });
  return { windows, windowed, images };
}

/** What a training learns from. */
export interface SupervisedRegions extends TrainingRegions {
  /** The images among them that a person has drawn. */
  readonly reviewed: readonly TaggedRegion[];
}

/** Tags, and images that a person has drawn, which teach like any tagged image; an error where there is neither. */
export async function supervisedRegions(data: ImageData): Promise<SupervisedRegions> {
  const { images, ...windows } = trainingRegions(data);
  const reviewed = await reviewedRegions(data, new Map(images.map((region) => [region.item, region])));
  const tagged = new Set(images.map(({ item }) => item));
  const all = [...images, ...reviewed.filter(({ item }) => !tagged.has(item))];
  if (all.length === 0) throw new Error('No training image has a tag: tag images before training');
  return { ...windows, images: all, reviewed };
}

/** Training images whose mask a person has drawn; where there is no tag, the mask says what the image shows. */
async function reviewedRegions(data: ImageData, tagged: ReadonlyMap<string, TaggedRegion>): Promise<TaggedRegion[]> {
  const regions: TaggedRegion[] = [];
  for (const { id, split } of data.items) {
    const labels = split === 'train' ? await data.reviewed(id) : undefined;
    if (!labels) continue;
    const shown = new Set(labels.data);
    const present = data.classes.map((_, i) => (shown.has(i + 1) ? 1 : 0));
    regions.push(tagged.get(id) ?? { item: id, present });
  }
  return regions;
}

/** Makes the feeds of every kind of step. */
export class Batches {
  readonly #data: ImageData;
  readonly #config: TrainingConfig;
  readonly #prepared: PreparedImages;
  readonly #items: ReadonlyMap<string, DataItem>;
  #windows: Map<string, TaggedRegion[]> | undefined;

  constructor(data: ImageData, config: TrainingConfig, prepared: PreparedImages) {
    this.#data = data;
    this.#config = config;
    this.#prepared = prepared;
    this.#items = new Map(data.items.map((item) => [item.id, item]));
  }

  /** Images and tags: each region resampled to the side, a random part of it when it is a whole image. */
  async tagged(
    regions: readonly (TaggedRegion | WindowedImage)[],
    side: number,
    random: SeededRandom,
    pooled?: PooledWindows,
  ): Promise<HostTensors> {
    const size = 3 * side * side;
    const windows = pooled && emptyWindows(regions.length, side, pooled, this.#data.classes.length);
    const image = new Float32Array(regions.length * size);
    const present = new Float32Array(regions.length * this.#data.classes.length);
    const reviewed = new Float32Array(regions.length * side * side).fill(IGNORE);
    for (const [i, region] of regions.entries()) {
      const stored = this.#item(region.item);
      const square = await this.#prepared.square(region.item);
      const area = region.window
        ? windowInSquare(region.window, stored, this.#config.data)
        : windows
          ? wholeOf(this.#config.data.side)
          : this.#randomArea(random);
      const turn = drawTurn(this.#config.augmentation, random);
      const pixels = turned(sampleChannels(square, area, side), side, turn);
      this.#finish(pixels, random);
      this.#normalise(image, i * size, pixels);
      present.set(region.present, i * this.#data.classes.length);
      if (windows && 'windows' in region) this.#placeWindows(windows, i, region, turn, random);
      const labels = await this.#reviewedWindow(region.item, area, side);
      if (labels) reviewed.set(turned(labels, side, turn), i * side * side);
    }
    return {
      image: float32([regions.length, 3, side, side], image),
      present: float32([regions.length, this.#data.classes.length], present),
      reviewed: float32([regions.length, side, side], reviewed),
      ...windows,
    };
  }

  /** Windows of an image on its token grid, turned with it; a random choice when there are more than fit. */
  #placeWindows(
    { windowTokens, windowPresent }: WindowTensors,
    image: number,
    region: WindowedImage,
    turn: Turn,
    random: SeededRandom,
  ): void {
    const [, count, tokens] = windowTokens.shape as [number, number, number];
    const classes = windowPresent.shape[2]!;
    const grid = Math.sqrt(tokens);
    const stored = this.#item(region.item);
    const { side } = this.#config.data;
    const order = shuffled(region.windows, random);
    for (let w = 0; w < count; w++) {
      const { window, present } = order[w % order.length]!;
      const area = windowInSquare(window!, stored, this.#config.data);
      const inside = turned(tokensInside(area, side, grid), grid, turn);
      (windowTokens.data as Float32Array).set(inside, (image * count + w) * tokens);
      (windowPresent.data as Float32Array).set(present, (image * count + w) * classes);
    }
  }

  /**
   * Windows of the square at full scale with their labels: what a person has drawn, else `labelsOf`.
   *
   * @param labelsOf - labels of the whole square
   */
  async labelled(
    items: readonly string[],
    labelsOf: (item: string) => Uint8Array,
    side: number,
    random: SeededRandom,
  ): Promise<HostTensors> {
    const whole = this.#config.data.side;
    const size = side * side;
    const image = new Float32Array(items.length * 3 * size);
    const labels = new Float32Array(items.length * size);
    for (const [i, item] of items.entries()) {
      const square = await this.#prepared.square(item);
      const room = Math.max(whole - side, 0) + 1;
      const area: Window = { x: random.below(room), y: random.below(room), width: side, height: side };
      const turn = drawTurn(this.#config.augmentation, random);
      const pixels = turned(sampleChannels(square, area, side), side, turn);
      this.#finish(pixels, random);
      this.#normalise(image, i * 3 * size, pixels);
      const own = (await this.#reviewedWindow(item, area, side)) ?? cropLabels(labelsOf(item), whole, area, side);
      labels.set(turned(own, side, turn), i * size);
    }
    return {
      image: float32([items.length, 3, side, side], image),
      labels: float32([items.length, side, side], labels),
    };
  }

  /** Whole squares as prediction sees them, without augmentation. */
  async plain(items: readonly string[]): Promise<Float32Array> {
    const { side } = this.#config.data;
    const image = new Float32Array(items.length * 3 * side * side);
    for (const [i, item] of items.entries()) {
      const square = await this.#prepared.square(item);
      this.#normalise(image, i * 3 * side * side, sampleChannels(square, wholeOf(side), side));
    }
    return image;
  }

  /** The tagged windows of an item in pixels of the square. */
  taggedWindows(item: string): TaggedWindow[] {
    this.#windows ??= Map.groupBy(
      this.#data.tags.filter(({ window }) => window),
      (tag) => tag.item,
    );
    const stored = this.#item(item);
    return (this.#windows.get(item) ?? []).map(({ window, present }) => ({
      area: windowInSquare(window!, stored, this.#config.data),
      present,
    }));
  }

  #item(id: string): DataItem {
    const item = this.#items.get(id);
    if (!item) throw new Error(`A tag names the item "${id}", which is not in the project`);
    return item;
  }

  #randomArea(random: SeededRandom): Window {
    const { side } = this.#config.data;
    const [smallest, largest] = this.#config.batch.area;
    const length = side * Math.sqrt(smallest + (largest - smallest) * random.uniform());
    const room = side - length;
    return { x: room * random.uniform(), y: room * random.uniform(), width: length, height: length };
  }

  #finish(pixels: Float32Array, random: SeededRandom): void {
    jitter(pixels, this.#config.augmentation, random);
  }

  #normalise(target: Float32Array, offset: number, pixels: Float32Array): void {
    normaliseInto(target, offset, pixels, this.#config.data.mean, this.#config.data.standardDeviation);
  }

  async #reviewedWindow(item: string, area: Window, side: number): Promise<Uint8Array | undefined> {
    const labels = await this.#data.reviewed(item);
    return labels && cropLabels(prepareLabels(labels, this.#config.data), this.#config.data.side, area, side);
  }
}

/** Windows pooled within whole images. */
export interface PooledWindows {
  readonly windowsPerImage: number;
  /** Side of a token, px. */
  readonly stride: number;
}

interface WindowTensors {
  readonly windowTokens: HostTensor;
  readonly windowPresent: HostTensor;
}

function emptyWindows(
  images: number,
  side: number,
  { windowsPerImage, stride }: PooledWindows,
  classes: number,
): WindowTensors & HostTensors {
  const tokens = (side / stride) ** 2;
  const zeros = (last: number): HostTensor =>
    float32([images, windowsPerImage, last], new Float32Array(images * windowsPerImage * last));
  return { windowTokens: zeros(tokens), windowPresent: zeros(classes) };
}

/** 1 for the tokens whose centre lies in the area; the nearest token where the area is smaller than one. */
function tokensInside(area: Window, side: number, grid: number): Float32Array {
  const range = (start: number, length: number): [number, number] => {
    const first = Math.ceil((start * grid) / side - 0.5);
    const last = Math.ceil(((start + length) * grid) / side - 0.5) - 1;
    const middle = Math.floor(((start + length / 2) * grid) / side);
    const clamp = (at: number): number => Math.min(Math.max(at, 0), grid - 1);
    return last < first ? [clamp(middle), clamp(middle)] : [clamp(first), clamp(last)];
  };
  const [left, right] = range(area.x, area.width);
  const [top, bottom] = range(area.y, area.height);
  const tokens = new Float32Array(grid * grid);
  for (let y = top; y <= bottom; y++) tokens.fill(1, y * grid + left, y * grid + right + 1);
  return tokens;
}

function wholeOf(side: number): Window {
  return { x: 0, y: 0, width: side, height: side };
}

/** Labels of an area of the square, nearest neighbour; 255 outside. */
function cropLabels(labels: Uint8Array, whole: number, area: Window, side: number): Uint8Array {
  const result = new Uint8Array(side * side).fill(IGNORE);
  for (let y = 0; y < side; y++) {
    const row = Math.floor(area.y + ((y + 0.5) * area.height) / side);
    if (row < 0 || row >= whole) continue;
    for (let x = 0; x < side; x++) {
      const column = Math.floor(area.x + ((x + 0.5) * area.width) / side);
      if (column >= 0 && column < whole) result[y * side + x] = labels[row * whole + column]!;
    }
  }
  return result;
}
