import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EIGHT_BIT_RANGE, measureRange, normalise } from '../../../src-core/imaging/normalise.ts';

describe('intensity range', () => {
  it('is the 1st and 99th percentile', () => {
    const values = Int16Array.from({ length: 1001 }, (_, index) => index * 3);
    expect(measureRange(values)).toEqual({ low: 30, high: 2970, nonFinite: 0 });
  });

  it('equals the values of those ranks after sorting, for any numbers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const sorted = [...values].sort((a, b) => a - b);
          const at = (share: number) => (sorted[Math.round(share * (sorted.length - 1))] ?? 0) + 0;
          const [low, high] = at(0.01) < at(0.99) ? [at(0.01), at(0.99)] : [sorted[0], sorted.at(-1)];
          const found = measureRange(values);
          expect([found.low + 0, found.high + 0]).toEqual([(low ?? 0) + 0, (high ?? 0) + 0]);
        },
      ),
    );
  });

  it('counts NaN and infinite values and leaves them out', () => {
    expect(measureRange(Float32Array.of(NaN, 2, Infinity, 6, -Infinity))).toEqual({ low: 2, high: 6, nonFinite: 3 });
    expect(measureRange(Float32Array.of(NaN, NaN))).toEqual({ low: 0, high: 0, nonFinite: 2 });
  });

  it('is the extremes where both percentiles fall on the background', () => {
    const values = new Int16Array(10_000);
    values[17] = 400;
    expect(measureRange(values)).toEqual({ low: 0, high: 400, nonFinite: 0 });
  });
});

describe('normalisation', () => {
  it('maps low to 0 and high to 1, and clips', () => {
    expect(Array.from(normalise([0, 10, 15, 20, 99], { low: 10, high: 20 }))).toEqual([0, 0, 0.5, 1, 1]);
    expect(Array.from(normalise(Uint8Array.of(0, 51, 255), EIGHT_BIT_RANGE))).toEqual([0, Math.fround(0.2), 1]);
  });

  it('makes NaN and infinite values the minimum, and a constant image all 0', () => {
    expect(Array.from(normalise([NaN, Infinity, -Infinity, 2], { low: 1, high: 3 }))).toEqual([0, 0, 0, 0.5]);
    expect(Array.from(normalise([7, 7], { low: 7, high: 7 }))).toEqual([0, 0]);
  });
});
