import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDiscLearner, drawDiscs, type DiscBaseline } from '../../../src-core/measure/disc-baseline.ts';

/** A filled rectangle of one label. */
function mask(width: number, height: number, label: number, [x, y, w, h]: [number, number, number, number]) {
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [column, row] = [i % width, Math.floor(i / width)];
    return column >= x && column < x + w && row >= y && row < y + h ? label : 0;
  });
  return { width, height, data };
}

describe('the disc baseline', () => {
  it('takes the mean centre and area, as shares of the shorter side', () => {
    const learner = createDiscLearner(2);
    learner.add(mask(20, 10, 1, [10, 5, 2, 2])); // centre (11, 6), area 4
    learner.add(mask(10, 10, 1, [4, 4, 4, 3])); // centre (6, 5.5), area 12
    learner.add(mask(10, 10, 2, [0, 0, 0, 0])); // shows nothing: does not count
    const [disc, none] = learner.finish();
    expect(disc!.x).toBeCloseTo((0.1 + 0.1) / 2, 12);
    expect(disc!.y).toBeCloseTo((0.1 + 0.05) / 2, 12);
    expect(disc!.radius).toBeCloseTo(Math.sqrt(0.08 / Math.PI), 12);
    expect(none).toBeUndefined();
  });

  it('draws tagged classes only, small discs over large ones', () => {
    const discs: DiscBaseline = [{ x: 0, y: 0, radius: 0.1 }, { x: 0, y: 0, radius: 0.3 }, undefined];
    const both = drawDiscs(discs, 21, 21, [1, 1, 1]);
    expect(both.data[10 * 21 + 10]).toBe(1);
    expect(both.data[10 * 21 + 14]).toBe(2);
    expect(both.data[0]).toBe(0);
    expect([...new Set(drawDiscs(discs, 21, 21, [0, 1, 0]).data)].sort()).toEqual([0, 2]);
    expect(drawDiscs(discs, 21, 21, [0, 0, 1]).data.some(Boolean)).toBe(false);
    expect(() => drawDiscs(discs, 21, 21, [1])).toThrow(/expected 3 tags, got 1/);
  });

  it('finds its own discs again', () => {
    const at = fc.double({ min: -0.2, max: 0.2, noNaN: true });
    fc.assert(
      fc.property(at, at, fc.double({ min: 0.15, max: 0.25, noNaN: true }), (x, y, radius) => {
        const learner = createDiscLearner(1);
        learner.add(drawDiscs([{ x, y, radius }], 80, 64, [1]));
        const [found] = learner.finish();
        // A disc of 10 px or more is sampled to well under a pixel of 1/64.
        expect(Math.abs(found!.x - x)).toBeLessThan(0.005);
        expect(Math.abs(found!.y - y)).toBeLessThan(0.005);
        expect(Math.abs(found!.radius - radius)).toBeLessThan(0.005);
      }),
    );
  });
});
