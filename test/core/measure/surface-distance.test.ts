import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distanceTransform } from '../../../src-core/measure/distance-transform.ts';
import { hausdorff95, quantile, surfaceDistances, surfaceOf } from '../../../src-core/measure/surface-distance.ts';

const SHAPE = [3, 4, 5];
const SPACING = [10, 1.5, 0.7];
const mask = fc.array(fc.constantFrom(0, 0, 1), { minLength: 60, maxLength: 60 });

/** Every voxel against every site. */
function bruteForceDistances(sites: readonly number[]): number[] {
  const position = (i: number) =>
    [Math.floor(i / 20), Math.floor(i / 5) % 4, i % 5].map((at, axis) => at * SPACING[axis]!);
  return sites.map((_, i) => {
    const here = position(i);
    const squared = sites.map((site, j) =>
      site ? position(j).reduce((sum, x, axis) => sum + (x - here[axis]!) ** 2, 0) : Infinity,
    );
    return Math.sqrt(Math.min(...squared));
  });
}

describe('the distance transform', () => {
  it('equals the nearest site found by trying all, with a spacing per axis', () => {
    fc.assert(
      fc.property(mask, (sites) => {
        const got = distanceTransform(sites, SHAPE, SPACING);
        bruteForceDistances(sites).forEach((want, i) => {
          if (want === Infinity) expect(got[i]).toBe(Infinity);
          else expect(got[i]).toBeCloseTo(want, 9);
        });
      }),
    );
  });

  it('is infinite everywhere without a site', () => {
    expect([...distanceTransform([0, 0, 0], [3], [1])]).toEqual([Infinity, Infinity, Infinity]);
  });
});

describe('the surface of a mask', () => {
  it('holds the voxels with a face to the outside, and the border of the array is outside', () => {
    const full = new Uint8Array(16).fill(1);
    expect([...surfaceOf(full, [4, 4])]).toEqual([1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1]);
    expect([...surfaceOf([0, 1, 1, 1, 0], [5])]).toEqual([0, 1, 0, 1, 0]);
  });
});

describe('HD95', () => {
  it('is the shift of two points in mm', () => {
    const at = (i: number) => Uint8Array.from({ length: 60 }, (_, j) => (i === j ? 1 : 0));
    expect(hausdorff95(at(0), at(20), SHAPE, SPACING)).toBe(10);
    expect(hausdorff95(at(0), at(5), SHAPE, SPACING)).toBe(1.5);
    expect(hausdorff95(at(0), at(6), SHAPE, SPACING)).toBeCloseTo(Math.hypot(1.5, 0.7), 12);
  });

  it('takes the larger direction, or pools both', () => {
    // One point against itself and one 4 away: 0 one way, [0, 4] the other.
    const a = [1, 0, 0, 0, 0, 0];
    const b = [1, 0, 0, 0, 1, 0];
    expect(hausdorff95(a, b, [6], [1])).toBeCloseTo(0.95 * 4, 12);
    expect(hausdorff95(a, b, [6], [1], 'pooled')).toBeCloseTo(0.9 * 4, 12);
  });

  it('has no value when a mask is empty', () => {
    expect(hausdorff95([0, 0], [0, 1], [2], [1])).toBeNaN();
    expect(hausdorff95([0, 0], [0, 0], [2], [1])).toBeNaN();
    expect(surfaceDistances([0, 0], [0, 1], [2], [1])).toBeUndefined();
  });

  it('refuses masks and spacings that do not fit the shape', () => {
    expect(() => hausdorff95([1], [1, 0], [2], [1])).toThrow(/expected 2 voxels.*got 1 and 2/);
    expect(() => hausdorff95([1, 0], [1, 0], [2], [0])).toThrow(/spacingMm: expected 1 positive/);
    expect(() => hausdorff95([1, 0], [1, 0], [2], [1, 1])).toThrow(/spacingMm/);
  });

  it('is symmetric, zero on itself and scales with the spacing', () => {
    fc.assert(
      fc.property(mask, mask, (a, b) => {
        fc.pre(a.includes(1) && b.includes(1));
        const distance = hausdorff95(a, b, SHAPE, SPACING);
        expect(hausdorff95(b, a, SHAPE, SPACING)).toBeCloseTo(distance, 12);
        expect(hausdorff95(a, a, SHAPE, SPACING)).toBe(0);
        const doubled = SPACING.map((size) => 2 * size);
        expect(hausdorff95(a, b, SHAPE, doubled)).toBeCloseTo(2 * distance, 9);
      }),
    );
  });
});

describe('quantiles', () => {
  it('interpolate between ranks', () => {
    expect(quantile(Float64Array.of(4, 0, 2), 0.5)).toBe(2);
    expect(quantile(Float64Array.of(0, 1), 0.95)).toBeCloseTo(0.95, 12);
    expect(quantile(new Float64Array(), 0.5)).toBeNaN();
  });
});
