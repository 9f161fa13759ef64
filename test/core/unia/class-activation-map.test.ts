import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  grad,
  max,
  mean,
  mul,
  relu,
  reshape,
  sum,
  tensor,
  zeros,
  type Tensor,
} from '../../../src-core/tensor/index.ts';
import {
  camEvaluationLabel,
  camToLabel,
  fuseCams,
  multiScaleCam,
  normaliseCam,
  scaledSize,
  withoutGradient,
} from '../../../src-core/unia/class-activation-map.ts';
import { keepPresentClasses } from '../../../src-core/unia/kept-classes.ts';

const numbers = (t: Tensor): number[] => Array.from(t.dataSync());

test('a scaled side is the nearest multiple of the patch, halves up, never zero', () => {
  expect(scaledSize([224, 320], 0.5, 16)).toEqual([112, 160]);
  expect(scaledSize([24, 16], 0.75, 8)).toEqual([16, 16]); // 2.25 and 1.5 patches
  expect(scaledSize([16, 16], 0.1, 16)).toEqual([16, 16]);
});

test('fusing takes the larger of plain and mirrored, silences negatives and sums the scales', () => {
  const pair = (plain: number[], mirrored: number[]) => ({
    plain: tensor(plain, [1, 1, 1, 2]),
    mirrored: tensor(mirrored, [1, 1, 1, 2]),
  });
  // Scale one: max(-1, 3), max(2, -5) = 3, 2; scale two: max(1, 0), max(-1, -2) = 1, 0. Sum 4, 2; stretched 1, 0.
  const cam = fuseCams([pair([-1, 2], [-5, 3]), pair([1, -1], [-2, 0])], [1, 2], tensor([[1]]));
  expect(numbers(cam)[0]).toBeCloseTo(2 / (2 + 1e-5), 6);
  expect(numbers(cam)[1]).toBe(0);
});

test('an absent class and a constant map are zero', () => {
  const cam = normaliseCam(tensor([1, 2, 5, 5], [1, 2, 1, 2]), tensor([[0, 1]]));
  expect(numbers(cam)).toEqual([0, 0, 0, 0]);
});

test('labels are background up to low, ignore up to high, classes above', () => {
  const cam = tensor([0.25, 0.3, 0.7, 0.71, 0, 0.1, 0.2, 0.9], [1, 2, 1, 4]);
  expect(numbers(camToLabel(cam, { high: 0.7, low: 0.25 }))).toEqual([0, 255, 255, 2]);
  expect(numbers(camEvaluationLabel(cam, 0.5))).toEqual([0, 0, 1, 2]);
});

test('kept slots give the labels of their classes', () => {
  const kept = keepPresentClasses(tensor([[0, 0, 1]]), 1);
  const cam = tensor([0.9, 0.1], [1, 1, 1, 2]);
  expect(numbers(camToLabel(cam, { high: 0.7, low: 0.25 }, kept))).toEqual([3, 0]);
});

test('wrong shapes and thresholds are refused', () => {
  const cam = zeros([1, 2, 3, 3]);
  expect(() => normaliseCam(cam, tensor([[1, 1, 1]]))).toThrow(/maps: expected shape/);
  expect(() => camToLabel(cam, { high: 0.2, low: 0.4 })).toThrow(/low <= high/);
  expect(() => fuseCams([{ plain: cam, mirrored: zeros([1, 2, 3, 4]) }], [6, 6], tensor([[1, 1]]))).toThrow(
    /mirrored CAM/,
  );
  expect(() => fuseCams([], [6, 6], tensor([[1, 1]]))).toThrow(/at least one/);
});

/** Two class maps from the mean colour of every 2x2 patch: enough to follow an image through scales and mirroring. */
function patchMeans(image: Tensor): Tensor {
  const [B, , H, W] = image.shape as [number, number, number, number];
  const cells = mean(reshape(mean(image, 1), [B, H / 2, 2, W / 2, 2]), [2, 4]);
  return mul(reshape(cells, [B, 1, H / 2, W / 2]), tensor([1, -1], [1, 2, 1, 1]));
}
const ramp = tensor(
  Array.from({ length: 2 * 3 * 4 * 8 }, (_, i) => Math.sin(i * 1.7)),
  [2, 3, 4, 8],
);
const both = tensor([
  [1, 1],
  [1, 0],
]);

test('the multi-scale CAM of a mirrored image is the mirrored CAM', () => {
  const options = { scales: [1, 0.5, 1.5], patch: 2 };
  const plain = multiScaleCam(patchMeans, ramp, both, options);
  const turned = multiScaleCam(patchMeans, ramp.reverse(3), both, options);
  const difference = numbers(plain.sub(turned.reverse(3)).abs().max())[0]!;
  expect(difference).toBeLessThan(1e-6);
});

test('a precomputed first scale saves a pass and changes nothing', () => {
  let images = 0;
  const counting = (image: Tensor): Tensor => {
    images += image.shape[0];
    return patchMeans(image);
  };
  const options = { scales: [1, 0.5], patch: 2 };
  const whole = multiScaleCam(counting, ramp, both, options);
  expect(images).toBe(8);
  const saved = multiScaleCam(counting, ramp, both, { ...options, precomputed: patchMeans(ramp) });
  expect(images).toBe(8 + 6);
  expect(numbers(saved)).toEqual(numbers(whole));
});

test('kept classes give the same maps in their slots', () => {
  const present = tensor([
    [0, 1],
    [1, 0],
  ]);
  const options = { scales: [1, 0.5], patch: 2 };
  const all = numbers(multiScaleCam(patchMeans, ramp, present, options));
  const kept = keepPresentClasses(present, 1);
  const slots = numbers(multiScaleCam(patchMeans, ramp, present, { ...options, kept }));
  expect(slots).toEqual([...all.slice(32, 64), ...all.slice(64, 96)]);
});

test('no gradient passes through a program run off the tape', () => {
  const slope = grad((x: Tensor) =>
    sum(
      mul(
        x,
        withoutGradient(() => mul(x, x)),
      ),
    ),
  )(tensor([3]));
  expect(numbers(slope)).toEqual([9]); // x · stop(x²), not x³
});

test('a normalised CAM lies in 0..1 and touches 0', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 6, maxLength: 6 }), (values) => {
      const cam = numbers(normaliseCam(relu(tensor(values, [1, 1, 2, 3])), tensor([[1]])));
      expect(Math.min(...cam)).toBe(0);
      expect(numbers(max(tensor(cam)))[0]).toBeLessThanOrEqual(1);
    }),
    { numRuns: 50 },
  );
});
