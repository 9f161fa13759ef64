// Affinity grow: a few strokes of "is" and "is not" spread over an image by what a trained model knows of its tokens.
//
// The strokes walk over the token grid (UniA Eq. 11: one step along the affinity, here with a return to the strokes), and what arrives,
// against what is drawn already, is the first guess; how often a value occurs inside and outside of it sharpens the guess; pixel-adaptive
// refinement pulls it to the edges of the image while the strokes stay what they are. "Is" only adds and "is not" only takes away.
import { BACKGROUND, type LabelPlane, type Window } from '../imaging/plane.ts';
import { connectedComponents } from '../labels/components.ts';
import type { MapSize } from '../labels/region.ts';
import { sampleGrid, shrunk, WHOLE, type Sample } from './coarse-map.ts';
import {
  refinePixels,
  weighNeighbours,
  type PixelNeighbours,
  type PixelRefinementOptions,
} from './pixel-refinement.ts';
import { prepareWalk, walked, type ItemAffinity, type TokenWalk } from './token-walk.ts';

/** What a stroke says of a pixel. */
export const SEED = { none: 0, is: 1, isNot: 2 } as const;

/** All that is needed of an item to grow on it, made once. */
export interface GrowModel {
  readonly image: MapSize;
  /** Size that the refinement works at. */
  readonly work: MapSize;
  readonly grid: readonly [number, number];
  readonly area: Window;
  readonly walk: TokenWalk;
  readonly pixels: PixelNeighbours;
  /** Per working pixel the bin of its value. */
  readonly bins: Uint8Array;
}

/** The refinement works on images up to this side; larger ones are made smaller for it. */
const WORK_SIDE = 256;
/** Working pixels of a token that strokes must cover for it to be theirs altogether. */
const FULL_TOKEN_PX = 4;
/** How much what is drawn already counts against the strongest stroke: the smaller, the further strokes reach. */
const HOLD = 0.3;
/** Below this share of the hold strokes change nothing. */
const LEAST_INFLUENCE = 0.2;
const VALUE_BINS = 32;
/** Weight of the values' ratio: 1 would trust neighbouring pixels to be independent. */
const VALUE_TRUST = 0.5;
/** Keeps values that were never seen from deciding alone. */
const VALUE_FLOOR = 1e-3;
const REFINEMENT: PixelRefinementOptions = { rounds: 8, dilations: [1, 2, 4, 8], width: 0.6, restart: 0.1 };

/**
 * Prepares an item.
 *
 * @param values - one a pixel, rows first, in any unit
 */
export function prepareGrow(image: MapSize, values: ArrayLike<number>, item: ItemAffinity): GrowModel {
  if (values.length !== image.width * image.height) {
    throw new RangeError(`image values: expected ${image.width} x ${image.height} of them, got ${values.length}`);
  }
  const scale = Math.max(1, Math.max(image.width, image.height) / WORK_SIDE);
  const work = {
    width: Math.max(1, Math.round(image.width / scale)),
    height: Math.max(1, Math.round(image.height / scale)),
  };
  const seen = shrunk(values, image, work);
  return {
    image,
    work,
    grid: item.grid,
    area: item.area,
    walk: prepareWalk(item),
    pixels: weighNeighbours(work, seen, REFINEMENT),
    bins: valueBins(seen),
  };
}

/**
 * All labels of the map after strokes were spread: the active class where they say so, background where they take it away. The
 * same strokes on the same labels give the same result; without strokes nothing changes.
 *
 * @param base - the labels that the strokes were drawn on
 * @param seeds - what the strokes say of each pixel: {@link SEED}
 * @param locked - label ids that neither lose nor gain a pixel
 */
export function grownLabels(
  model: GrowModel,
  base: LabelPlane,
  label: number,
  seeds: Uint8Array,
  locked: ReadonlySet<number> = new Set(),
): Uint8Array {
  const { image } = model;
  for (const [name, length] of [
    ['labels', base.data.length],
    ['seeds', seeds.length],
  ] as const) {
    if (length === image.width * image.height) continue;
    throw new RangeError(`${name}: expected ${image.width} x ${image.height} of them, got ${length}`);
  }
  const result = base.data.slice();
  if (locked.has(label) || !seeds.some((seed) => seed !== SEED.none)) return result;
  const drawn = Float32Array.from(base.data, (each) => (each === label ? 1 : 0));
  const workingDrawn = shrunk(drawn, image, model.work);
  const { guess, influence, held } = firstGuess(model, workingDrawn, seeds);
  sharpenByValues(model, guess, held, workingDrawn);
  // What no stroke reaches stays as it is drawn: it need not be refined.
  const still = held.map((stroke, i) => (stroke || influence[i]! < (LEAST_INFLUENCE * HOLD) / 2 ? 1 : 0));
  refinePixels(model.pixels, guess, still, REFINEMENT);
  const inside = new Uint8Array(result.length);
  sampleGrid(image, model.work, WHOLE, (index, sample) => {
    const reached = sample(influence) >= LEAST_INFLUENCE * HOLD;
    inside[index] = seeds[index] === SEED.none ? Number(reached ? sample(guess) > 0.5 : drawn[index]! > 0) : 0;
    if (seeds[index] === SEED.is) inside[index] = 1;
  });
  const added = touching(inside, image, seeds, SEED.is);
  const outside = inside.map((each, i) => (each || !drawn[i] ? 0 : 1));
  const removed = touching(outside, image, seeds, SEED.isNot);
  for (let i = 0; i < result.length; i++) {
    if (locked.has(base.data[i]!)) continue;
    if (added[i] && !drawn[i]) result[i] = label;
    if (removed[i]) result[i] = BACKGROUND;
  }
  return result;
}

interface Guess {
  /** How much speaks for the class, 0..1. */
  readonly guess: Float32Array;
  /** How much of the strokes arrived, 0..1 of the strongest. */
  readonly influence: Float32Array;
  /** 1 under strokes. */
  readonly held: Uint8Array;
}

/** What the walk brings of both kinds of strokes to each working pixel, against what is drawn there. */
function firstGuess(model: GrowModel, drawn: Float32Array, seeds: Uint8Array): Guess {
  const strokes = workingSeeds(model, seeds);
  const [is, isNot] = [SEED.is, SEED.isNot].map((kind) => walked(model.walk, strokedTokens(model, strokes, kind))) as [
    Float32Array,
    Float32Array,
  ];
  const strongest = Math.max(...is, ...isNot);
  const guess = new Float32Array(strokes.length);
  const influence = new Float32Array(strokes.length);
  const held = new Uint8Array(strokes.length);
  atEveryToken(model, (index, sample) => {
    const forIt = sample(is) / strongest;
    const against = sample(isNot) / strongest;
    guess[index] = (forIt + HOLD * drawn[index]!) / (forIt + against + HOLD);
    influence[index] = forIt + against;
    if (strokes[index] === SEED.none) return;
    held[index] = 1;
    guess[index] = strokes[index] === SEED.is ? 1 : 0;
  });
  return { guess, influence, held };
}

/** The strokes in working pixels; where both kinds meet in one, "is not" holds. */
function workingSeeds({ image, work }: GrowModel, seeds: Uint8Array): Uint8Array {
  const strokes = new Uint8Array(work.width * work.height);
  for (let y = 0; y < image.height; y++) {
    const row = Math.min(work.height - 1, Math.floor(((y + 0.5) * work.height) / image.height));
    for (let x = 0; x < image.width; x++) {
      const seed = seeds[y * image.width + x]!;
      if (seed === SEED.none) continue;
      const column = Math.min(work.width - 1, Math.floor(((x + 0.5) * work.width) / image.width));
      const at = row * work.width + column;
      strokes[at] = Math.max(strokes[at]!, seed);
    }
  }
  return strokes;
}

/** How much of each token strokes of one kind cover, 0..1. */
function strokedTokens({ grid, area, image, work }: GrowModel, strokes: Uint8Array, kind: number): Float32Array {
  const [rows, columns] = grid;
  const start = new Float32Array(rows * columns);
  strokes.forEach((seed, i) => {
    if (seed !== kind) return;
    const x = ((((i % work.width) + 0.5) * image.width) / work.width - area.x) / area.width;
    const y = (((Math.floor(i / work.width) + 0.5) * image.height) / work.height - area.y) / area.height;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(x * columns)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(y * rows)));
    start[row * columns + column]! += 1 / FULL_TOKEN_PX;
  });
  return start.map((share) => Math.min(1, share));
}

/**
 * Weighs the guess at every pixel by how much more often its value occurs inside than outside: under "is" and in what is drawn, against
 * under "is not" and around it. What is only guessed to be inside does not count for it, since it holds too much of the surroundings.
 */
function sharpenByValues({ bins }: GrowModel, guess: Float32Array, held: Uint8Array, drawn: Float32Array): void {
  const [underIs, underIsNot, inDrawn, around] = Array.from({ length: 4 }, () => new Float64Array(VALUE_BINS)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < guess.length; i++) {
    const bin = bins[i]!;
    if (held[i]) (guess[i] === 1 ? underIs : underIsNot)[bin]!++;
    else {
      inDrawn[bin]! += drawn[i]! * guess[i]!;
      // Far from all strokes the guess is what is drawn: 0 tells nothing of what lies around the class.
      if (guess[i]! > 0.01) around[bin]! += (1 - drawn[i]!) * (1 - guess[i]!);
    }
  }
  const inside = frequencies(underIs, inDrawn);
  const outside = frequencies(underIsNot, around);
  for (let i = 0; i < guess.length; i++) {
    if (held[i]) continue;
    const ratio = (inside[bins[i]!]! / outside[bins[i]!]!) ** VALUE_TRUST;
    guess[i] = (guess[i]! * ratio) / (guess[i]! * ratio + 1 - guess[i]!);
  }
}

/** Smoothed shares of the bins in counts of two kinds, each kind as much as the other where there are both. */
function frequencies(...kinds: readonly Float64Array[]): Float64Array {
  const shares = new Float64Array(VALUE_BINS).fill(VALUE_FLOOR);
  const totals = kinds.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  const present = totals.filter((total) => total > 0).length;
  kinds.forEach((counts, kind) => {
    if (totals[kind] === 0) return;
    smoothed(counts).forEach((count, bin) => (shares[bin]! += count / totals[kind]! / present));
  });
  return shares;
}

function smoothed(counts: Float64Array): Float64Array {
  const last = counts.length - 1;
  let result = counts;
  for (let round = 0; round < 3; round++) {
    const before = result;
    result = before.map((count, k) => (before[Math.max(0, k - 1)]! + 2 * count + before[Math.min(last, k + 1)]!) / 4);
  }
  return result;
}

/** Bins of values between the 1st and the 99th percentile. */
function valueBins(values: Float32Array): Uint8Array {
  const sorted = values.toSorted();
  const low = sorted[Math.floor(0.01 * (sorted.length - 1))]!;
  const high = sorted[Math.ceil(0.99 * (sorted.length - 1))]!;
  const scale = high > low ? VALUE_BINS / (high - low) : 0;
  return Uint8Array.from(values, (value) => Math.min(VALUE_BINS - 1, Math.max(0, Math.floor((value - low) * scale))));
}

/** The components of a mask that hold a seed of one kind. */
function touching(mask: Uint8Array, { width, height }: MapSize, seeds: Uint8Array, kind: number): Uint8Array {
  const { of } = connectedComponents(mask, [height, width]);
  const wanted = new Set<number>();
  seeds.forEach((seed, i) => {
    if (seed === kind && mask[i]) wanted.add(of[i]!);
  });
  return mask.map((inside, i) => (inside && wanted.has(of[i]!) ? 1 : 0));
}

/** Goes through the working pixels with a way to read maps of the tokens there. */
function atEveryToken({ image, work, grid, area }: GrowModel, visit: (index: number, sample: Sample) => void): void {
  const share = {
    x: area.x / image.width,
    y: area.y / image.height,
    width: area.width / image.width,
    height: area.height / image.height,
  };
  sampleGrid(work, { width: grid[1], height: grid[0] }, share, visit);
}
