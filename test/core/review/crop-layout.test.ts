import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutWindows, USUAL_CROPS } from '../../../src-core/review/crop-layout.ts';
import { createRandom } from '../../../src-core/training/random.ts';

const size = { width: 200, height: 100 };

describe('windows to tap', () => {
  it('stand in rows and columns from edge to edge of the centre square', () => {
    const plan = { ...USUAL_CROPS, layout: 'grid', windows: 4, side: 0.4 } as const;
    expect(layoutWindows(size, plan, createRandom(1))).toEqual([
      { x: 50, y: 0, width: 40, height: 40 },
      { x: 110, y: 0, width: 40, height: 40 },
      { x: 50, y: 60, width: 40, height: 40 },
      { x: 110, y: 60, width: 40, height: 40 },
    ]);
  });

  it('are scattered apart, further than by chance', () => {
    const nearest = (windows: readonly { x: number; y: number }[]) =>
      Math.min(...windows.flatMap((a, i) => windows.slice(0, i).map((b) => Math.hypot(a.x - b.x, a.y - b.y))));
    const plan = { ...USUAL_CROPS, windows: 8, side: 0.2 };
    const random = createRandom(3);
    const byChance = Array.from({ length: 8 }, () => ({ x: random.below(81), y: random.below(81) }));
    expect(nearest(layoutWindows(size, plan, createRandom(3)))).toBeGreaterThan(2 * nearest(byChance));
  });

  it('lie inside the centre square, as many as asked for, the same for the same seed', () => {
    const plans = fc.record({
      layout: fc.constantFrom('grid' as const, 'scatter' as const),
      windows: fc.integer({ min: 1, max: 24 }),
      side: fc.double({ min: 0.02, max: 1, noNaN: true }),
      share: fc.constant(1),
    });
    const sides = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(plans, sides, sides, fc.nat(), (plan, width, height, seed) => {
        const windows = layoutWindows({ width, height }, plan, createRandom(seed));
        expect(windows).toHaveLength(plan.windows);
        const square = Math.min(width, height);
        const [left, top] = [Math.floor((width - square) / 2), Math.floor((height - square) / 2)];
        for (const { x, y, width: w, height: h } of windows) {
          expect([x >= left, y >= top, x + w <= left + square, y + h <= top + square]).toEqual([
            true,
            true,
            true,
            true,
          ]);
        }
        expect(layoutWindows({ width, height }, plan, createRandom(seed))).toEqual(windows);
      }),
    );
  });
});
