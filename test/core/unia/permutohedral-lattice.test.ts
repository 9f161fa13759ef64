import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permutohedralLattice } from '../../../src-core/unia/permutohedral-lattice.ts';

/** Numbers in [0, 1) that look random and repeat. */
function scattered(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1);
}

function exactSums(features: Float32Array, d: number, values: Float32Array): number[] {
  const points = features.length / d;
  return Array.from({ length: points }, (_, i) => {
    let total = 0;
    for (let j = 0; j < points; j++) {
      let distance = 0;
      for (let k = 0; k < d; k++) distance += (features[i * d + k]! - features[j * d + k]!) ** 2;
      total += Math.exp(-distance / 2) * values[j]!;
    }
    return total;
  });
}

test.each([1, 2, 3, 5])('averages over Gaussian weights agree with the full sum in %i dimensions', (d) => {
  const points = 400;
  const features = scattered(points * d).map((x) => x * 3);
  const values = scattered(points + 7).slice(7);
  const ones = new Float32Array(points).fill(1);
  const lattice = permutohedralLattice(features, d);
  const [sums, degrees] = [lattice.filter(values, 1), lattice.filter(ones, 1)];
  const [exact, exactDegrees] = [exactSums(features, d, values), exactSums(features, d, ones)];
  exact.forEach((sum, i) => {
    // The lattice is an approximation: its kernel is a spline of about Gaussian shape.
    expect(Math.abs(sums[i]! / degrees[i]! - sum / exactDegrees[i]!)).toBeLessThan(0.03);
  });
  const ratio = degrees.reduce((total, degree, i) => total + degree / exactDegrees[i]!, 0) / points;
  expect(ratio).toBeGreaterThan(0.8); // sparse corners of the lattice lose some mass, more in many dimensions
  expect(ratio).toBeLessThan(1.05);
});

test('averages lie between the least and the largest value', () => {
  const coordinate = fc.float({ min: -20, max: 20, noNaN: true });
  fc.assert(
    fc.property(fc.array(coordinate, { minLength: 30, maxLength: 30 }), (features) => {
      const lattice = permutohedralLattice(Float32Array.from(features), 3);
      const values = Float32Array.from({ length: 10 }, (_, i) => 2 + (i % 4));
      const degrees = lattice.filter(new Float32Array(10).fill(1), 1);
      lattice.filter(values, 1).forEach((sum, i) => {
        expect(sum / degrees[i]!).toBeGreaterThan(2 - 1e-4);
        expect(sum / degrees[i]!).toBeLessThan(5 + 1e-4);
      });
    }),
    { numRuns: 40 },
  );
});

test('channels are filtered independently', () => {
  const features = scattered(60);
  const lattice = permutohedralLattice(features, 2);
  const [a, b] = [scattered(30), scattered(61).slice(31)];
  const both = lattice.filter(
    Float32Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? a : b)[i >> 1]!),
    2,
  );
  const alone = lattice.filter(b, 1);
  alone.forEach((value, i) => expect(both[i * 2 + 1]).toBeCloseTo(value, 5));
});

test('equal points share one simplex', () => {
  expect(permutohedralLattice(new Float32Array(5 * 100), 5).vertices).toBe(6);
});

test('features or values of the wrong length are refused', () => {
  expect(() => permutohedralLattice(new Float32Array(7), 3)).toThrow(/multiple of 3 numbers, got 7/);
  expect(() => permutohedralLattice(new Float32Array(6), 3).filter(new Float32Array(3), 1)).toThrow(
    /expected 2 numbers/,
  );
});
