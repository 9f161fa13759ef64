// Pixel-adaptive refinement on plain arrays, for one map of one image: the equations of unia/pixel-adaptive-refinement.ts, where a hand
// waits for the result. Here some pixels are held at their values, every round pulls the others a little back to where they began, and
// nearness, which weighs a hundredth there, is left out.
import type { MapSize } from '../labels/region.ts';

export interface PixelRefinementOptions {
  readonly rounds: number;
  /** Distances of the eight neighbours, in pixels. */
  readonly dilations: readonly number[];
  /** Width of the value term, in standard deviations of the neighbourhood. */
  readonly width: number;
  /** Share of a pixel's first value in every round. */
  readonly restart: number;
}

/** The neighbours of every pixel of an image and how much each counts. */
export interface PixelNeighbours extends MapSize {
  /** Largest step, px; maps are padded by it. */
  readonly reach: number;
  /** Steps to the neighbours in a padded map. */
  readonly steps: Int32Array;
  /** Per pixel one weight for each step; they add up to 1. */
  readonly weights: Float32Array;
}

/** Keeps the division finite where the neighbourhood is constant. */
const DEVIATION_FLOOR = 1e-8;

/** Weighs the neighbours of every pixel by how like its value theirs are. */
export function weighNeighbours(
  { width, height }: MapSize,
  values: ArrayLike<number>,
  { dilations, width: softness }: PixelRefinementOptions,
): PixelNeighbours {
  const reach = Math.max(...dilations);
  const stride = width + 2 * reach;
  const offsets = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => y * stride + x)).filter((offset) => offset !== 0);
  const steps = Int32Array.from(dilations.flatMap((distance) => offsets.map((offset) => offset * distance)));
  const padded = new Float32Array(stride * (height + 2 * reach));
  for (let i = 0, y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) padded[(y + reach) * stride + x + reach] = values[i++]!;
  }
  repeatBorder(padded, { width, height }, reach);
  const weights = new Float32Array(width * height * steps.length);
  const differences = new Float64Array(steps.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y + reach) * stride + x + reach;
      likeness(padded, at, steps, differences, softness);
      weights.set(differences, (y * width + x) * steps.length);
    }
  }
  return { width, height, reach, steps, weights };
}

/** Writes the softmax of -(difference / (deviation · softness))² over the neighbours of one pixel. */
function likeness(padded: Float32Array, at: number, steps: Int32Array, into: Float64Array, softness: number): void {
  const count = steps.length;
  let mean = 0;
  for (let k = 0; k < count; k++) mean += into[k] = padded[at + steps[k]!]! - padded[at]!;
  mean /= count;
  let squares = 0;
  for (let k = 0; k < count; k++) squares += (into[k]! - mean) ** 2;
  const scale = (Math.sqrt(squares / (count - 1)) + DEVIATION_FLOOR) * softness;
  let least = Infinity;
  for (let k = 0; k < count; k++) least = Math.min(least, (into[k] = (into[k]! / scale) ** 2));
  let total = 0;
  for (let k = 0; k < count; k++) total += into[k] = Math.exp(least - into[k]!);
  for (let k = 0; k < count; k++) into[k]! /= total;
}

/**
 * The rounds of weighted averaging.
 *
 * @param map - one value a pixel; replaced by the result
 * @param held - where it is not 0, pixels keep their values
 */
export function refinePixels(
  neighbours: PixelNeighbours,
  map: Float32Array,
  held: Uint8Array,
  { rounds, restart }: PixelRefinementOptions,
): void {
  const { width, height, reach, steps, weights } = neighbours;
  const stride = width + 2 * reach;
  const count = steps.length;
  const first = map.slice();
  const padded = new Float32Array(stride * (height + 2 * reach));
  for (let round = 0; round < rounds; round++) {
    for (let y = 0; y < height; y++) {
      padded.set(map.subarray(y * width, (y + 1) * width), (y + reach) * stride + reach);
    }
    repeatBorder(padded, neighbours, reach);
    for (let i = 0, y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (held[i]) continue;
        const at = (y + reach) * stride + x + reach;
        const from = i * count;
        let sum = 0;
        for (let k = 0; k < count; k++) sum += weights[from + k]! * padded[at + steps[k]!]!;
        map[i] = (1 - restart) * sum + restart * first[i]!;
      }
    }
  }
}

/** Fills the padding of a map with the values at its border. */
function repeatBorder(padded: Float32Array, { width, height }: MapSize, reach: number): void {
  const stride = width + 2 * reach;
  for (let y = reach; y < reach + height; y++) {
    const start = y * stride;
    padded.fill(padded[start + reach]!, start, start + reach);
    padded.fill(padded[start + reach + width - 1]!, start + reach + width, start + stride);
  }
  for (let y = 0; y < reach; y++) {
    padded.copyWithin(y * stride, reach * stride, (reach + 1) * stride);
    padded.copyWithin((reach + height + y) * stride, (reach + height - 1) * stride, (reach + height) * stride);
  }
}
