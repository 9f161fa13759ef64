import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mul, ones, slice, sum } from '../../../src-core/tensor/index.ts';
import { resizePositionEmbedding } from '../../../src-core/unia/position-embedding.ts';
import { distance, expectGradient, normals, valuesOf } from './finite-difference.ts';

it('leaves a table of the grid as it is', () => {
  const table = normals([1, 10, 2], 1);
  expect(resizePositionEmbedding(table, [3, 3])).toBe(table);
});

it('keeps a constant table constant on any grid', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (H, W) => {
      const resized = resizePositionEmbedding(ones([1, 17, 2]), [H, W]);
      expect(resized.shape).toEqual([1, 1 + H * W, 2]);
      expect(Math.max(...valuesOf(resized).map((x) => Math.abs(x - 1)))).toBeLessThan(1e-5);
    }),
    { numRuns: 20 },
  );
});

it('keeps the class position', () => {
  const table = normals([1, 17, 3], 2);
  const resized = resizePositionEmbedding(table, [6, 5]);
  expect(distance(slice(resized, [0, 0, 0], [1, 1, 3]), slice(table, [0, 0, 0], [1, 1, 3]))).toBe(0);
});

it('has the gradient that finite differences measure', () => {
  const probe = normals([1, 31, 3], 3);
  expectGradient((table) => sum(mul(resizePositionEmbedding(table, [6, 5]), probe)), [normals([1, 17, 3], 4)]);
});

it('refuses a table that is not square', () => {
  expect(() => resizePositionEmbedding(ones([1, 12, 2]), [3, 4])).toThrow(/1 \+ a square number of rows, got 12/);
});
