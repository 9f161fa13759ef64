import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ones, tensor, zeros, type Tensor } from '../../../src-core/tensor/index.ts';
import {
  cosineAffinity,
  learnedAffinity,
  randomWalk,
  sinkhornAffinity,
  withinRadius,
} from '../../../src-core/unia/affinity.ts';
import { gradientError } from '../../support/finite-difference.ts';

const numbers = (t: Tensor): number[] => Array.from(t.dataSync());
/** Truncation of central differences at a step of 1e-2; the reference cases check the same gradients to 1e-4. */
const GRADIENT_TOLERANCE = 5e-3;
const wave = (count: number, level = 0, step = 1.3): number[] =>
  Array.from({ length: count }, (_, i) => level + Math.sin(i * step));

test('sinkhorn divides rows, then columns, then takes the symmetric mean', () => {
  // Rows of [[1, 3], [1, 1]]: [¼, ¾], [½, ½]; columns sum to ¾ and 5/4: [⅓, ⅗], [⅔, ⅖]; off-diagonal mean 19/30.
  const affinity = numbers(sinkhornAffinity(tensor([1, 3, 1, 1], [1, 1, 2, 2]), 1));
  [1 / 3, 19 / 30, 19 / 30, 2 / 5].forEach((value, i) => expect(affinity[i]).toBeCloseTo(value, 6));
});

test('after enough rounds sinkhorn is doubly stochastic and symmetric', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 }), (values) => {
      const a = numbers(sinkhornAffinity(tensor(values, [1, 1, 3, 3]), 60));
      for (let i = 0; i < 3; i++) {
        expect(a[i * 3]! + a[i * 3 + 1]! + a[i * 3 + 2]!).toBeCloseTo(1, 3);
        for (let j = 0; j < 3; j++) expect(a[i * 3 + j]).toBeCloseTo(a[j * 3 + i]!, 6);
      }
    }),
    { numRuns: 25 },
  );
});

test('sinkhorn of no attention at all is zero, not NaN', () => {
  expect(numbers(sinkhornAffinity(zeros([1, 2, 2, 2])))).toEqual([0, 0, 0, 0]);
});

test('the learned affinity is the sigmoid of weighted maps plus their transposes', () => {
  const scores = tensor([0, 1, 3, 0, 1, 1, 0, 2], [1, 2, 2, 2]);
  const affinity = numbers(learnedAffinity(scores, tensor([0.5, -1]), tensor(0.25, [])));
  // (0,1): 0.5·(1 + 3) - (1 + 0) + 0.25; (0,0): 0 - 2 + 0.25; (1,1): 0 - 4 + 0.25
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  [-1.75, 1.25, 1.25, -3.75].forEach((logit, i) => expect(affinity[i]).toBeCloseTo(sigmoid(logit), 5));
});

test('gradients of the affinities and the walk agree with finite differences', () => {
  const probe = wave(9, 0.2, 2.1);
  const attention = { shape: [1, 2, 3, 3], data: wave(18, 1.5) };
  expect(gradientError((a) => sinkhornAffinity(a, 3), [attention], probe)).toBeLessThan(GRADIENT_TOLERANCE);

  const inputs = [
    { shape: [1, 2, 3, 3], data: wave(18) },
    { shape: [2], data: [0.4, -0.7] },
    { shape: [], data: [0.1] },
  ];
  expect(gradientError((s, w, b) => learnedAffinity(s, w, b), inputs, probe)).toBeLessThan(GRADIENT_TOLERANCE);

  const walk = [
    { shape: [1, 2, 2, 2], data: wave(8) },
    { shape: [1, 4, 4], data: wave(16, 1.5) },
  ];
  const options = { power: 2, radius: 1, columnNorm: true };
  expect(gradientError((m, a) => randomWalk(m, a, options), walk, wave(8, 0.1, 2.3))).toBeLessThan(GRADIENT_TOLERANCE);
});

test('the cosine affinity is 1 for like tokens, exp(-1/τ) for orthogonal ones, 0 beyond the radius', () => {
  const tokens = tensor([2, 0, 5, 0, 0, 1, 1, 0], [1, 4, 2]);
  const a = numbers(cosineAffinity(tokens, [1, 4], { temperature: 0.5, radius: 2 }));
  expect(a[1]).toBeCloseTo(1, 6);
  expect(a[2]).toBeCloseTo(Math.exp(-2), 6);
  expect(a[3]).toBe(0);
});

test('a token of zeros keeps the cosine affinity finite', () => {
  expect(numbers(cosineAffinity(zeros([1, 2, 3]), [1, 2])).every(Number.isFinite)).toBe(true);
});

test('the radius is a Chebyshev distance on the grid', () => {
  expect(numbers(withinRadius([2, 3], 1)).slice(0, 6)).toEqual([1, 1, 0, 1, 1, 0]);
});

test('a walk step sums along the first index, after cut, power and column normalisation', () => {
  const maps = tensor([1, 2, 4], [1, 1, 1, 3]);
  const affinity = tensor([1, 2, 9, 3, 1, 1, 9, 2, 1], [1, 3, 3]);
  const plain = randomWalk(maps, affinity, { power: 1, radius: null, columnNorm: false });
  expect(numbers(plain)).toEqual([43, 12, 15]);
  // Cut: corners 0. Squares: columns (1, 9, 0), (4, 1, 4), (0, 1, 1) with sums 10, 9, 2.
  const walked = numbers(randomWalk(maps, affinity, { power: 2, radius: 1, columnNorm: true }));
  [19 / 10, 22 / 9, 3].forEach((value, i) => expect(walked[i]).toBeCloseTo(value, 5));
});

test('a column-normalised walk leaves a constant map as it is', () => {
  const affinity = tensor(wave(32, 1.2), [2, 4, 4]);
  numbers(randomWalk(ones([2, 1, 2, 2]), affinity)).forEach((value) => expect(value).toBeCloseTo(1, 5));
});

test('affinities of another grid or without a square are refused', () => {
  expect(() => randomWalk(zeros([1, 1, 2, 2]), zeros([1, 3, 3]))).toThrow(/affinity: expected shape \(N, L, L\)/);
  expect(() => sinkhornAffinity(zeros([1, 2, 3, 4]))).toThrow(/attention: expected shape/);
  expect(() => learnedAffinity(zeros([1, 2, 3, 3]), zeros([3]), zeros([]))).toThrow(/affinity weight/);
  expect(() => cosineAffinity(zeros([1, 5, 3]), [2, 2])).toThrow(/tokens: expected shape/);
});
