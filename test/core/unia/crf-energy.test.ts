import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ones, tensor, zeros } from '../../../src-core/tensor/index.ts';
import { CRF_ENERGY_DEFAULTS, crfEnergy } from '../../../src-core/unia/crf-energy.ts';
import { expectGradient, normals, scalarOf } from './finite-difference.ts';

const options = { ...CRF_ENERGY_DEFAULTS, distances: [1, 2] };
const images = normals([2, 3, 8, 8], 1, 0.3);

it('is the chance of different labels where all pixels look alike', () => {
  const row = tensor([0, 0, 0, 0], [1, 2, 1, 2]); // one half for each class, two pixels side by side
  const near = Math.exp(-1 / (2 * CRF_ENERGY_DEFAULTS.positionDeviation ** 2));
  expect(scalarOf(crfEnergy(row, ones([1, 3, 1, 2]), { ...options, distances: [1] }))).toBeCloseTo(near / 2, 6);
});

it('costs less where the edge of the segmentation is an edge of the image', () => {
  const step = (at: number) =>
    tensor(
      Array.from({ length: 32 }, (_, i) => (i % 8 < at ? 9 : -9) * (i < 16 ? 1 : -1)),
      [1, 2, 2, 8],
    );
  const image = tensor(
    Array.from({ length: 16 }, (_, i) => (i % 8 < 4 ? 0 : 1)),
    [1, 1, 2, 8],
  );
  expect(scalarOf(crfEnergy(step(4), image, options))).toBeLessThan(scalarOf(crfEnergy(step(2), image, options)) / 10);
});

it('is zero for one certain label, and between zero and one always', () => {
  const certain = tensor(
    Array.from({ length: 32 }, (_, i) => (i < 16 ? 40 : 0)),
    [1, 2, 4, 4],
  );
  expect(scalarOf(crfEnergy(certain, zeros([1, 3, 4, 4]), options))).toBeCloseTo(0, 6);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (seed) => {
      const energy = scalarOf(crfEnergy(normals([2, 3, 4, 4], seed), images, options));
      expect(energy).toBeGreaterThanOrEqual(0);
      expect(energy).toBeLessThanOrEqual(1);
    }),
    { numRuns: 20 },
  );
});

it('has the gradient that finite differences measure', () => {
  expectGradient((logits) => crfEnergy(logits, images, options), [normals([2, 3, 4, 4], 2)]);
});

it('refuses distances beyond the map and images of another batch', () => {
  expect(() => crfEnergy(zeros([1, 2, 4, 4]), zeros([1, 3, 4, 4]), { ...options, distances: [9] })).toThrow(
    /below 4x4, got 9/,
  );
  expect(() => crfEnergy(zeros([1, 2, 4, 4]), images)).toThrow(/images/);
});
