import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packValues, unpackValues } from '../../../src-main/storage/value-codec.ts';

describe('stored value maps', () => {
  it('come back within half a step of 8 or 16 bits', () => {
    const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(values, fc.constantFrom(8 as const, 16 as const), (list, bits) => {
        const packed = packValues(Float32Array.from(list), bits);
        const step = (packed.high - packed.low) / (2 ** bits - 1);
        const read = unpackValues(packed, list.length);
        // Half a step, and the rounding of float32.
        list.forEach((value, index) =>
          expect(Math.abs((read[index] ?? NaN) - value)).toBeLessThanOrEqual(step / 2 + 1e-4),
        );
      }),
    );
  });

  it('keep a constant map exactly, and an empty one', () => {
    expect(unpackValues(packValues(Float32Array.of(3.5, 3.5), 8), 2)).toEqual(Float32Array.of(3.5, 3.5));
    expect(unpackValues(packValues(new Float32Array(), 16), 0)).toEqual(new Float32Array());
  });

  it('refuse values that are not finite', () => {
    expect(() => packValues(Float32Array.of(1, Infinity), 16)).toThrow(
      'map values: expected finite numbers, got Infinity',
    );
  });

  it('refuse a blob of another length', () => {
    const packed = packValues(Float32Array.of(1, 2, 3), 16);
    expect(() => unpackValues(packed, 4)).toThrow('map: expected 8 bytes, got 6');
  });
});
