import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DENSE_CRF_DEFAULTS, denseCrf, type CrfInput } from '../../../src-core/unia/dense-crf.ts';

const options = {
  ...DENSE_CRF_DEFAULTS,
  bilateral: { deviationPx: 8, colourDeviation: 20, weight: 4 },
};

/** Two halves of different colour, each with a light texture; the probabilities lean the right way, with some errors. */
function halves(width: number, height: number): CrfInput {
  const pixels = width * height;
  const right = (i: number): boolean => i % width >= width / 2;
  const rgb = Uint8Array.from({ length: pixels * 3 }, (_, i) => (right(Math.floor(i / 3)) ? 180 : 60) + ((i * 7) % 11));
  const foreground = Float32Array.from({ length: pixels }, (_, i) => {
    const wrong = i % 7 === 3;
    return right(i) !== wrong ? 0.7 : 0.3;
  });
  return { width, height, rgb, probabilities: Float32Array.from([...foreground.map((p) => 1 - p), ...foreground]) };
}

/** Mean field with both kernels summed over all pairs of pixels. */
function exactCrf({ width, height, probabilities, rgb }: CrfInput): Float32Array {
  const pixels = width * height;
  const C = probabilities.length / pixels;
  const { gaussian, bilateral, rounds } = options;
  const kernel = (i: number, j: number, deviation: number, colourDeviation: number): number => {
    const dx = (i % width) - (j % width);
    const dy = Math.floor(i / width) - Math.floor(j / width);
    const colour = [0, 1, 2].reduce((sum, c) => sum + (rgb[i * 3 + c]! - rgb[j * 3 + c]!) ** 2, 0);
    return Math.exp(-(dx * dx + dy * dy) / (2 * deviation ** 2) - colour / (2 * colourDeviation ** 2));
  };
  const matrices = [
    { weight: gaussian.weight, at: (i: number, j: number) => kernel(i, j, gaussian.deviationPx, Infinity) },
    {
      weight: bilateral.weight,
      at: (i: number, j: number) => kernel(i, j, bilateral.deviationPx, bilateral.colourDeviation),
    },
  ].map(({ weight, at }) => {
    const rows = Array.from({ length: pixels }, (_, i) => Array.from({ length: pixels }, (_, j) => at(i, j)));
    const degree = rows.map((row) => row.reduce((sum, value) => sum + value, 0));
    return rows.map((row, i) => row.map((value, j) => (weight * value) / Math.sqrt(degree[i]! * degree[j]!)));
  });
  let belief = probabilities.slice();
  for (let round = 0; round < rounds; round++) {
    const next = new Float32Array(belief.length);
    for (let i = 0; i < pixels; i++) {
      const logits = Array.from({ length: C }, (_, c) =>
        matrices.reduce(
          (sum, matrix) => matrix[i]!.reduce((total, value, j) => total + value * belief[c * pixels + j]!, sum),
          Math.log(probabilities[c * pixels + i]!),
        ),
      );
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      logits.forEach((logit, c) => (next[c * pixels + i] = Math.exp(logit) / total));
    }
    belief = next;
  }
  return belief;
}

test('inference agrees with the sum over all pairs of pixels', () => {
  const input = halves(14, 12);
  const [found, exact] = [denseCrf(input, options), exactCrf(input)];
  const worst = found.reduce((max, p, i) => Math.max(max, Math.abs(p - exact[i]!)), 0);
  expect(worst).toBeLessThan(0.05); // the lattice approximates its kernel
});

test('speckles go, the edge between colours stays', () => {
  const [width, height] = [20, 16];
  const refined = denseCrf(halves(width, height), options).slice(width * height);
  refined.forEach((p, i) => expect(p > 0.5).toBe(i % width >= width / 2));
});

test('without kernels the probabilities come back', () => {
  const input = halves(6, 5);
  const none = { ...options, gaussian: { deviationPx: 1, weight: 0 }, bilateral: { ...options.bilateral, weight: 0 } };
  denseCrf(input, none).forEach((p, i) => expect(p).toBeCloseTo(input.probabilities[i]!, 5));
});

test('one pixel, hand-worked: its own belief reinforces itself', () => {
  const input = { width: 1, height: 1, rgb: new Uint8Array(3), probabilities: Float32Array.of(0.6, 0.4) };
  const once = { ...options, rounds: 1 };
  // D^-½ K D^-½ of a single pixel is 1: logits log p + (1 + 4) p.
  const odds = (0.6 / 0.4) * Math.exp(5 * (0.6 - 0.4));
  expect(denseCrf(input, once)[0]).toBeCloseTo(odds / (1 + odds), 5);
});

test('one label is certain and a probability of zero stays finite', () => {
  const rgb = new Uint8Array(12);
  const single = denseCrf({ width: 2, height: 2, rgb, probabilities: new Float32Array(4).fill(1) });
  expect([...single]).toEqual([1, 1, 1, 1]);
  const certain = denseCrf({ width: 2, height: 2, rgb, probabilities: Float32Array.of(1, 1, 1, 1, 0, 0, 0, 0) });
  expect(certain.every(Number.isFinite)).toBe(true);
});

test('arrays of another size are refused', () => {
  const input = halves(4, 4);
  expect(() => denseCrf({ ...input, rgb: new Uint8Array(5) })).toThrow(/expected \(C, 4, 4\) probabilities/);
  expect(() => denseCrf({ ...input, probabilities: new Float32Array(17) })).toThrow(/got 17 and 48/);
});

test('the result is a distribution over labels at every pixel', () => {
  const p = fc.float({ min: Math.fround(0.01), max: 1, noNaN: true });
  const shade = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(
      fc.array(p, { minLength: 36, maxLength: 36 }),
      fc.array(shade, { minLength: 36, maxLength: 36 }),
      fc.constantFrom('symmetric' as const, 'none' as const),
      (probabilities, rgb, normalisation) => {
        const input = {
          width: 4,
          height: 3,
          probabilities: Float32Array.from(probabilities),
          rgb: Uint8Array.from(rgb),
        };
        const found = denseCrf(input, { ...options, normalisation });
        for (let i = 0; i < 12; i++) expect(found[i]! + found[12 + i]! + found[24 + i]!).toBeCloseTo(1, 5);
      },
    ),
    { numRuns: 20 },
  );
});
