import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawTurn, jitter, normaliseInto, turned, type Turn } from '../../../src-core/training/augmentation.ts';
import { createRandom } from '../../../src-core/training/random.ts';

const turns: Turn[] = [false, true].flatMap((mirrored) =>
  ([0, 1, 2, 3] as const).map((quarters) => ({ mirrored, quarters })),
);
const turn = fc.constantFrom(...turns);

describe('turns', () => {
  it('moves the corners of a square as they should', () => {
    const corners = Float32Array.of(1, 2, 3, 4);
    const of = (mirrored: boolean, quarters: Turn['quarters']) => [...turned(corners, 2, { mirrored, quarters })];
    expect(of(false, 0)).toEqual([1, 2, 3, 4]);
    expect(of(true, 0)).toEqual([2, 1, 4, 3]);
    expect(of(false, 2)).toEqual([4, 3, 2, 1]);
    // Eight turns of four different corners are all different.
    expect(new Set(turns.map((each) => turned(corners, 2, each).join())).size).toBe(8);
  });

  it('turn an image as they turn its labels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), turn, fc.infiniteStream(fc.nat(255)), (side, drawn, stream) => {
        const labels = Uint8Array.from({ length: side * side }, () => stream.next().value as number);
        const image = new Float32Array(3 * side * side);
        for (let c = 0; c < 3; c++) image.set(labels, c * side * side);
        const together = turned(image, side, drawn);
        const alone = turned(labels, side, drawn);
        for (let c = 0; c < 3; c++) {
          expect([...together.subarray(c * side * side, (c + 1) * side * side)]).toEqual([...alone]);
        }
      }),
    );
  });

  it('loses no pixel and leaves the input as it is', () => {
    fc.assert(
      fc.property(turn, (drawn) => {
        const input = Uint8Array.from({ length: 25 }, (_, i) => i);
        expect([...turned(input, 5, drawn)].sort((a, b) => a - b)).toEqual([...input]);
        expect(input[7]).toBe(7);
      }),
    );
  });

  it('are drawn only where the recipe allows them', () => {
    const random = createRandom(1);
    const none = { mirror: false, quarterTurns: false, jitter: 0, noise: 0 };
    const drawn = (options: typeof none) => Array.from({ length: 60 }, () => drawTurn(options, random));
    expect(drawn(none).every(({ mirrored, quarters }) => !mirrored && quarters === 0)).toBe(true);
    expect(drawn({ ...none, mirror: true }).every(({ quarters }) => quarters === 0)).toBe(true);
    const all = drawn({ ...none, mirror: true, quarterTurns: true });
    expect(new Set(all.map(({ mirrored, quarters }) => `${mirrored} ${quarters}`)).size).toBe(8);
  });
});

describe('values', () => {
  it('stay as they are without jitter and noise', () => {
    const values = Float32Array.of(0.1, 0.9);
    jitter(values, { mirror: true, quarterTurns: true, jitter: 0, noise: 0 }, createRandom(1));
    expect([...values]).toEqual([0.1, 0.9].map(Math.fround));
  });

  it('keep their order and change by no more than the recipe says', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.01, max: 0.9, noNaN: true }), (seed, amount) => {
        const values = Float32Array.of(0, 0.25, 0.5, 1);
        jitter(values, { mirror: false, quarterTurns: false, jitter: amount, noise: 0 }, createRandom(seed));
        expect([...values]).toEqual([...values].sort((a, b) => a - b));
        // Contrast about the mean 0.4375, then brightness by half the amount.
        expect(Math.abs(values[3]! - 1)).toBeLessThanOrEqual(amount * (0.5625 + 0.5) + 1e-6);
      }),
    );
  });

  it('are normalised channel by channel in place', () => {
    const target = new Float32Array(5).fill(9);
    normaliseInto(target, 1, Float32Array.of(0.5, 0.5, 0.5), [0.5, 0.25, 0], [1, 0.25, 2]);
    expect([...target]).toEqual([9, 0, 1, 0.25, 9]);
  });
});
