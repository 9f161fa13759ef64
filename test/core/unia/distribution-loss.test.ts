import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ones, tensor, zeros } from '../../../src-core/tensor/index.ts';
import { distributionLoss, gaussianDivergence, reweightedCam } from '../../../src-core/unia/distribution-loss.ts';
import { foregroundMask } from '../../../src-core/unia/grid-labels.ts';
import { expectGradient, normals, scalarOf, valuesOf } from './finite-difference.ts';

const mask = tensor([1, 0, 0, 1, 0, 0, 0, 0], [2, 2, 2]);

it('keeps activations above lambda', () => {
  expect(valuesOf(reweightedCam(tensor([0.7, 0.75, 0.2], [1, 1, 1, 3]), 0.7)).map((x) => Math.round(x * 100))).toEqual([
    0, 75, 0,
  ]);
});

it('marks classes at the grid, neither background nor ignored pixels', () => {
  expect(valuesOf(foregroundMask(tensor([0, 2, 255, 1], [1, 2, 2], 'int32'), [2, 2]))).toEqual([0, 1, 0, 1]);
});

it('measures the divergence in either direction', () => {
  const sampled = tensor([Math.log(3), 0], [1, 1, 2]); // softmax 3/4, 1/4 against 1/2, 1/2
  const flat = zeros([1, 1, 2]);
  expect(scalarOf(distributionLoss(sampled, flat, 'released'))).toBeCloseTo(0.5 * Math.log(4 / 3), 6);
  expect(scalarOf(distributionLoss(sampled, flat, 'paper'))).toBeCloseTo(
    0.75 * Math.log(1.5) + 0.25 * Math.log(0.5),
    6,
  );
});

it('is zero for the mask itself, with or without foreground', () => {
  for (const reading of ['paper', 'released'] as const) {
    expect(scalarOf(distributionLoss(mask, mask, reading))).toBeCloseTo(0, 6);
    expect(scalarOf(distributionLoss(ones([1, 2, 2]), zeros([1, 2, 2]), reading))).toBeCloseTo(0, 6);
  }
});

it('is never negative', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.constantFrom('paper' as const, 'released' as const),
      (seed, reading) => {
        expect(scalarOf(distributionLoss(normals([2, 2, 2], seed), mask, reading))).toBeGreaterThan(-1e-6);
        expect(scalarOf(gaussianDivergence(normals([3, 2], seed), normals([3, 2], seed + 1), reading))).toBeGreaterThan(
          -1e-6,
        );
      },
    ),
  );
});

it('leaves a standard normal where it is', () => {
  expect(scalarOf(gaussianDivergence(zeros([2, 3]), zeros([2, 3]), 'released'))).toBe(0);
  expect(scalarOf(gaussianDivergence(zeros([2, 3]), ones([2, 3]), 'paper'))).toBeCloseTo(0, 6);
  expect(scalarOf(gaussianDivergence(ones([2, 3]), zeros([2, 3]), 'released'))).toBe(0.5);
});

it('has the gradients that finite differences measure', () => {
  for (const reading of ['paper', 'released'] as const) {
    expectGradient((sampled) => distributionLoss(sampled, mask, reading), [normals([2, 2, 2], 1)]);
    expectGradient(
      (mu, sigma) => gaussianDivergence(mu, sigma, reading),
      [normals([4, 3], 2), normals([4, 3], 3).add(4)],
    );
  }
});

it('refuses a mask of another grid', () => {
  expect(() => distributionLoss(zeros([2, 2, 2]), zeros([2, 2, 3]), 'paper')).toThrow(/foreground mask/);
});
