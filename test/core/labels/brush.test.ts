import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pressedRadius, strokeRegion, type Dab } from '../../../src-core/labels/brush.ts';
import { paintRegion, NO_RULES } from '../../../src-core/labels/paint.ts';
import { areaOf, type Region } from '../../../src-core/labels/region.ts';

const MAP = { width: 14, height: 12 };
const dab = fc.record({
  x: fc.double({ min: -3, max: 17, noNaN: true }),
  y: fc.double({ min: -3, max: 15, noNaN: true }),
  radius: fc.double({ min: 0, max: 4, noNaN: true }),
});

describe('a stroke', () => {
  it('covers the pixels whose centres lie in the disc', () => {
    const point = { x: 8.5, y: 7.5 };
    expect(areaOf(strokeRegion(MAP, { ...point, radius: 1 }, { ...point, radius: 1 }))).toBe(5);
    expect(areaOf(strokeRegion(MAP, { ...point, radius: 1.5 }, { ...point, radius: 1.5 }))).toBe(9);
  });

  it('of any size paints the pixel under it', () => {
    for (const at of [5.01, 5.5, 5.99]) {
      const press = { x: at, y: at, radius: 0.1 };
      const { window, inside } = strokeRegion(MAP, press, press);
      expect([...inside].filter(Boolean)).toHaveLength(1);
      const index = inside.indexOf(1);
      expect([window.x + (index % window.width), window.y + Math.floor(index / window.width)]).toEqual([5, 5]);
    }
  });

  it('covers every centre that the disc passes over and, at its ends, the pixels under it', () => {
    fc.assert(
      fc.property(dab, dab, (from, to) => {
        maskOf(strokeRegion(MAP, from, to)).forEach((set, i) => {
          const outside = outsideBy(i, from, to);
          // The way is sampled, so what lies within a twentieth of a pixel may fall either way.
          if (outside < -0.05) expect(set, `pixel ${i}`).toBe(1);
          if (outside > 0.05 && !isUnder(i, from) && !isUnder(i, to)) expect(set, `pixel ${i}`).toBe(0);
        });
      }),
    );
  });

  it('of the finest brush has no gaps', () => {
    fc.assert(
      fc.property(dab, dab, (from, to) => {
        const ends = [from, to].map((end): Dab => ({
          x: Math.min(13.9, Math.max(0, end.x)),
          y: Math.min(11.9, Math.max(0, end.y)),
          radius: 0,
        }));
        const covered = maskOf(strokeRegion(MAP, ends[0]!, ends[1]!));
        const reached = new Set([covered.indexOf(1)]);
        for (const at of reached) {
          for (const step of [-15, -14, -13, -1, 1, 13, 14, 15]) if (covered[at + step] === 1) reached.add(at + step);
        }
        expect(reached.size).toBe(covered.filter(Boolean).length);
      }),
    );
  });

  it('changes only pixels of a label map that differ', () => {
    const plane = { ...MAP, data: new Uint8Array(168).fill(1) };
    const press = { x: 7, y: 6, radius: 3 };
    expect(paintRegion(plane, strokeRegion(plane, press, press), 1, NO_RULES)).toBeUndefined();
  });

  it('is as wide as it is pressed', () => {
    expect(pressedRadius(10, undefined)).toBe(10);
    expect(pressedRadius(10, 1)).toBe(10);
    expect(pressedRadius(10, 0)).toBe(2);
    expect(pressedRadius(10, 0.5)).toBeCloseTo(6, 9);
  });
});

function maskOf(...regions: Region[]): Uint8Array {
  const mask = new Uint8Array(MAP.width * MAP.height);
  for (const { window, inside } of regions) {
    inside.forEach((set, i) => {
      if (set) mask[(window.y + Math.floor(i / window.width)) * MAP.width + window.x + (i % window.width)] = 1;
    });
  }
  return mask;
}

/** How far outside the moving disc the centre of a pixel lies; negative inside. */
function outsideBy(index: number, from: Dab, to: Dab): number {
  const [x, y] = [(index % MAP.width) + 0.5, Math.floor(index / MAP.width) + 0.5];
  const steps = Array.from({ length: 201 }, (_, i) => i / 200);
  return Math.min(
    ...steps.map((t) => {
      const radius = Math.max(0.5, from.radius) * (1 - t) + Math.max(0.5, to.radius) * t;
      return Math.hypot(x - from.x - (to.x - from.x) * t, y - from.y - (to.y - from.y) * t) - radius;
    }),
  );
}

function isUnder(index: number, { x, y }: Dab): boolean {
  return Math.floor(x) === index % MAP.width && Math.floor(y) === Math.floor(index / MAP.width);
}
