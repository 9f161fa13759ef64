import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fill, ones, tensor, zeros, type Tensor } from '../../../src-core/tensor/index.ts';
import {
  pixelAdaptiveRefinement,
  REFINEMENT_DEFAULTS,
  refinementWeights,
} from '../../../src-core/unia/pixel-adaptive-refinement.ts';
import { gradientError } from '../../support/finite-difference.ts';

const numbers = (t: Tensor): number[] => Array.from(t.dataSync());
const once = { ...REFINEMENT_DEFAULTS, rounds: 1, dilations: [1] };
const bright = (value: number): number => Math.exp(-((1 / 0.3) ** 2) * value);

test('weights follow the colour difference in deviations of the neighbours, plus nearness', () => {
  // Centre 0, seven neighbours 0 and one 1: variance (1 - 1/8) / 7 = 1/8, so the odd one lies √8 deviations away.
  const image = tensor([0, 0, 0, 0, 0, 1, 0, 0, 0], [1, 1, 3, 3]);
  const weights = numbers(refinementWeights(image, once)).slice(4 * 8, 5 * 8);
  const odd = bright(8) / (7 + bright(8));
  const even = 1 / (7 + bright(8));
  // Four neighbours at distance 1, four at √2: unbiased variance 8 · ((√2 - 1) / 2)² / 7.
  const variance = (8 * ((Math.SQRT2 - 1) / 2) ** 2) / 7;
  const [near, far] = [Math.exp(-1 / (variance * 0.09)), Math.exp(-2 / (variance * 0.09))];
  const position = (share: number): number => (0.01 * share) / (4 * near + 4 * far);
  expect(weights[0]).toBeCloseTo(even + position(far), 6);
  expect(weights[3]).toBeCloseTo(even + position(near), 6);
  expect(weights[4]).toBeCloseTo(odd + position(near), 6);
});

test('a constant image averages plainly, with the border repeated', () => {
  const options = { ...once, positionWeight: 0 };
  const refined = numbers(pixelAdaptiveRefinement(fill([1, 3, 1, 3], 0.4), tensor([8, 0, 16], [1, 1, 1, 3]), options));
  expect(refined[0]).toBeCloseTo((3 * 8 + 2 * 8 + 3 * 0) / 8, 5); // itself above and below, left border thrice, right thrice
  expect(refined[1]).toBeCloseTo((3 * 8 + 2 * 0 + 3 * 16) / 8, 5);
});

test('maps do not leak over a strong edge', () => {
  const side = 8;
  const image = tensor(
    Array.from({ length: side * side }, (_, i) => (i % side < side / 2 ? 0 : 1)),
    [1, 1, side, side],
  );
  const maps = image.mul(0.8).add(0.1);
  const options = { ...REFINEMENT_DEFAULTS, dilations: [1, 2] };
  const refined = numbers(pixelAdaptiveRefinement(image, maps, { ...options, positionWeight: 0 }));
  expect(refined[3 * side + 3]).toBeCloseTo(0.1, 2);
  expect(refined[3 * side + 4]).toBeCloseTo(0.9, 2);
});

test('every image of a batch is refined by its own weights, in bands or whole', () => {
  const wave = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * step));
  const [N, C, H, W] = [2, 14, 40, 42]; // gathers 2.3 M numbers: two bands
  const image = tensor(wave(N * 3 * H * W, 0.37), [N, 3, H, W]);
  const maps = tensor(wave(N * C * H * W, 0.11), [N, C, H, W]);
  const options = { ...REFINEMENT_DEFAULTS, rounds: 1 };
  const together = pixelAdaptiveRefinement(image, maps, options);
  for (let n = 0; n < N; n++) {
    const own = tensor(maps.slice([n, 2], [1, 1]).dataSync(), [1, 1, H, W]);
    const alone = pixelAdaptiveRefinement(image.slice([n], [1]), own, options);
    const same = together.slice([n, 2], [1, 1]).sub(alone).abs().max();
    expect(numbers(same)[0]).toBeLessThan(1e-5);
  }
});

test('a batch larger than a group is the same as its images alone', () => {
  const values = Array.from({ length: 11 * 3 * 12 }, (_, i) => Math.sin(i * 0.7));
  const image = tensor(values, [11, 3, 3, 4]);
  const maps = tensor(values, [11, 3, 3, 4]).abs();
  const together = pixelAdaptiveRefinement(image, maps);
  for (const n of [0, 7, 8, 10]) {
    const alone = pixelAdaptiveRefinement(image.slice([n], [1]), maps.slice([n], [1]));
    const difference = together.slice([n], [1]).sub(alone).abs().max();
    expect(numbers(difference)[0]).toBeLessThan(1e-5);
  }
});

test('gradients with respect to the maps agree with finite differences', () => {
  const image = tensor(
    Array.from({ length: 2 * 9 }, (_, i) => Math.cos(i * 2.3)),
    [1, 2, 3, 3],
  );
  const maps = { shape: [1, 1, 3, 3], data: Array.from({ length: 9 }, (_, i) => Math.sin(i)) };
  const probe = Array.from({ length: 9 }, (_, i) => Math.cos(i * 1.9));
  const refine = (m?: Tensor): Tensor => pixelAdaptiveRefinement(image, m!, { ...once, rounds: 2 });
  expect(gradientError(refine, [maps], probe)).toBeLessThan(1e-3); // linear: only rounding is left
});

test('wrong shapes and empty dilations are refused', () => {
  expect(() => pixelAdaptiveRefinement(zeros([1, 3, 4, 4]), zeros([1, 1, 4, 5]))).toThrow(/maps to refine/);
  expect(() => pixelAdaptiveRefinement(zeros([3, 4, 4]), zeros([1, 1, 4, 4]))).toThrow(/image: expected shape/);
  expect(() => refinementWeights(zeros([1, 3, 4, 4]), { ...once, dilations: [] })).toThrow(/at least one/);
});

test('weights of a pixel sum to one plus the position weight, whatever the image', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: 0, max: 255, noNaN: true }), { minLength: 12, maxLength: 12 }), (values) => {
      const weights = refinementWeights(tensor(values, [1, 1, 3, 4]));
      numbers(weights.sum(2)).forEach((total) => expect(total).toBeCloseTo(1.01, 4));
    }),
    { numRuns: 30 },
  );
});

test('one map of ones grows by the total weight each round', () => {
  const refined = pixelAdaptiveRefinement(fill([1, 1, 2, 2], 3), ones([1, 1, 2, 2]));
  expect(numbers(refined)[0]).toBeCloseTo(1.01 ** 10, 4);
});
