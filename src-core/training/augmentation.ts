// Random changes of a training image that keep its tag true.
import type { SeededRandom } from './random.ts';

export interface AugmentationOptions {
  readonly mirror: boolean;
  readonly quarterTurns: boolean;
  /** Largest relative change of brightness and contrast. */
  readonly jitter: number;
  /** Standard deviation of noise in units of the 0..1 range. */
  readonly noise: number;
}

/** One draw: the same turn can be given to an image and to its labels. */
export interface Turn {
  readonly mirrored: boolean;
  readonly quarters: 0 | 1 | 2 | 3;
}

export function drawTurn({ mirror, quarterTurns }: AugmentationOptions, random: SeededRandom): Turn {
  return {
    mirrored: mirror && random.uniform() < 0.5,
    quarters: (quarterTurns ? random.below(4) : 0) as Turn['quarters'],
  };
}

/** Turns square planes of `side` pixels that lie one after the other. */
export function turned<T extends Float32Array | Uint8Array>(planes: T, side: number, { mirrored, quarters }: Turn): T {
  if (!mirrored && quarters === 0) return planes;
  const result = planes.slice() as T;
  const size = side * side;
  const last = side - 1;
  for (let offset = 0; offset < planes.length; offset += size) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        let [sx, sy] = [mirrored ? last - x : x, y];
        for (let q = 0; q < quarters; q++) [sx, sy] = [sy, last - sx];
        result[offset + y * side + x] = planes[offset + sy * side + sx]!;
      }
    }
  }
  return result;
}

/** Brightness, contrast and noise drawn anew, in place; values stay in the image's scale but may leave 0..1. */
export function jitter(
  values: Float32Array,
  { jitter: amount, noise }: AugmentationOptions,
  random: SeededRandom,
): void {
  if (amount > 0) {
    const contrast = 1 + amount * (2 * random.uniform() - 1);
    const brightness = amount * (random.uniform() - 0.5);
    let mean = 0;
    for (const value of values) mean += value;
    mean /= values.length;
    for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) * contrast + mean + brightness;
  }
  if (noise > 0) for (let i = 0; i < values.length; i++) values[i]! += noise * random.normal();
}

/** (value - mean) / standard deviation of each channel, written to `target` at `offset`. */
export function normaliseInto(
  target: Float32Array,
  offset: number,
  channels: Float32Array,
  mean: readonly number[],
  deviation: readonly number[],
): void {
  const size = channels.length / 3;
  for (let channel = 0; channel < 3; channel++) {
    const [m, d] = [mean[channel]!, deviation[channel]!];
    for (let i = channel * size; i < (channel + 1) * size; i++) target[offset + i] = (channels[i]! - m) / d;
  }
}
