// Slices of the phantom with an affinity of their tokens, and strokes as a hand would draw them.
import { drawPhantom, PHANTOM_LABELS } from '../../src-core/datasets/phantom.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { strokeRegion } from '../../src-core/labels/brush.ts';
import { SEED } from '../../src-core/review/affinity-grow.ts';
import { nearAffinity, type ItemAffinity } from '../../src-core/review/token-walk.ts';
import { createRandom } from '../../src-core/training/random.ts';

export interface PhantomSlice {
  readonly truth: LabelPlane;
  readonly values: Float32Array;
  readonly affinity: ItemAffinity;
}

/** The middle slice at end diastole. */
export function phantomSlice(seed: number, size: number, tokensPerSide = 20): PhantomSlice {
  const options = { group: 'NOR', size, slices: 5, phases: 6, endDiastole: 0 } as const;
  const { phases } = drawPhantom(createRandom(seed), options);
  const [from, to] = [2 * size * size, 3 * size * size];
  const values = Float32Array.from(phases[0]!.intensities.subarray(from, to));
  const truth = { width: size, height: size, data: phases[0]!.labels.slice(from, to) };
  return { truth, values, affinity: brightnessAffinity(values, size, tokensPerSide) };
}

/** Tokens that know no more of a slice than how bright it is under them: what no trained model is worse than. */
function brightnessAffinity(values: Float32Array, size: number, side: number): ItemAffinity {
  const means = new Float64Array(side * side);
  const tokenPx = size / side;
  values.forEach((value, i) => {
    const token = Math.floor((i % size) / tokenPx) + side * Math.floor(Math.floor(i / size) / tokenPx);
    means[token]! += value / tokenPx ** 2;
  });
  const affinity = new Float32Array(means.length ** 2);
  means.forEach((a, i) => means.forEach((b, j) => (affinity[i * means.length + j] = Math.exp(-Math.abs(a - b) / 150))));
  const near = nearAffinity([side, side], affinity);
  return { grid: [side, side], area: { x: 0, y: 0, width: size, height: size }, near };
}

/** The middle of a class: where the mean of its pixels lies. */
export function middleOf({ width, data }: LabelPlane, label: number): { x: number; y: number } {
  let [x, y, count] = [0, 0, 0];
  data.forEach((each, i) => {
    if (each !== label) return;
    x += (i % width) + 0.5;
    y += Math.floor(i / width) + 0.5;
    count++;
  });
  return { x: x / count, y: y / count };
}

/** Draws a stroke of 2 px radius into seeds. */
export function drawSeeds(
  seeds: Uint8Array,
  map: LabelPlane,
  seed: number,
  ...points: readonly { x: number; y: number }[]
): void {
  const radius = 2;
  points.forEach((point, i) => {
    const { window, inside } = strokeRegion(map, { ...(points[i - 1] ?? point), radius }, { ...point, radius });
    inside.forEach((set, at) => {
      const [x, y] = [window.x + (at % window.width), window.y + Math.floor(at / window.width)];
      if (set) seeds[y * map.width + x] = seed;
    });
  });
}

/** Seeds of one short stroke through the middle of the LV, 9 px long in an image of 128 and longer in larger ones. */
export function strokeInLv(truth: LabelPlane): Uint8Array {
  const seeds = new Uint8Array(truth.data.length);
  const { x, y } = middleOf(truth, PHANTOM_LABELS.LV);
  const unit = truth.width / 128;
  drawSeeds(seeds, truth, SEED.is, { x: x - 4 * unit, y: y - 2 * unit }, { x: x + 4 * unit, y: y + 2 * unit });
  return seeds;
}

/** Dice of the pixels of a label in two maps. */
export function diceOf(a: ArrayLike<number>, b: ArrayLike<number>, label: number): number {
  let [both, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === label && b[i] === label) both++;
    sum += Number(a[i] === label) + Number(b[i] === label);
  }
  return (2 * both) / sum;
}
