import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectedComponents } from '../../../src-core/labels/components.ts';
import { traceJoinedRings, tracePolygons } from '../../../src-core/labels/contours.ts';
import type { Window } from '../../../src-core/imaging/plane.ts';
import { fillRings, regionOfShapes } from '../../../src-core/labels/fill-rings.ts';
import { drawMask, LETTER_F, masks } from '../../support/random-masks.ts';

const isIn = ({ x, y, width, height }: Window, column: number, row: number): boolean =>
  column >= x && column < x + width && row >= y && row < y + height;

/** Whether the rings cross the line from a point to the left an odd number of times. */
function isInside(rings: readonly (readonly number[])[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const [x1, y1, x2, y2] = [0, 1, 2, 3].map((k) => ring[(i + k) % ring.length]!) as [
        number,
        number,
        number,
        number,
      ];
      if (y1 <= y !== y2 <= y && x1 + ((y - y1) * (x2 - x1)) / (y2 - y1) <= x) inside = !inside;
    }
  }
  return inside;
}

describe('polygons along pixel edges', () => {
  it('go clockwise around the outside and the other way around holes', () => {
    expect(tracePolygons(drawMask(['...', '.#.', '...']))).toEqual([{ outer: [1, 1, 2, 1, 2, 2, 1, 2], holes: [] }]);
    expect(tracePolygons(drawMask(['.....', '.###.', '.#.#.', '.###.', '.....']))).toEqual([
      { outer: [1, 1, 4, 1, 4, 4, 1, 4], holes: [[2, 3, 3, 3, 3, 2, 2, 2]] },
    ]);
  });

  it('join a hole to its outside by a slit', () => {
    expect(traceJoinedRings(drawMask(['###', '#.#', '###']))).toEqual([
      [0, 0, 3, 0, 3, 3, 0, 3, 0, 1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 0, 1],
    ]);
  });

  it('keep pixels apart that touch at a corner, and join what they enclose', () => {
    expect(tracePolygons(drawMask(['#.', '.#']))).toHaveLength(2);
    const [part, ...others] = tracePolygons(drawMask(['####', '#.##', '##.#', '####']));
    expect(others).toEqual([]);
    expect(part!.holes).toHaveLength(1);
  });

  it('give every mask back, with holes as rings or joined, one part for each component', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        const { width, height, data } = mask;
        const parts = tracePolygons(mask);
        const rings = parts.flatMap(({ outer, holes }) => [outer, ...holes]);
        expect(fillRings(rings, width, height)).toEqual(mask);
        expect(fillRings(traceJoinedRings(mask), width, height)).toEqual(mask);
        expect(parts).toHaveLength(connectedComponents(data, [height, width]).labels.filter(Boolean).length);
      }),
      { numRuns: 300 },
    );
  });

  it('do not turn the letter F, and bear small errors of their corners', () => {
    const rings = traceJoinedRings(LETTER_F).map((ring) => ring.map((value, i) => value + (i % 3) * 0.1 - 0.1));
    expect(fillRings(rings, LETTER_F.width, LETTER_F.height)).toEqual(LETTER_F);
  });

  it('fill the pixels whose centres their rings go around an odd number of times, wherever the corners lie', () => {
    const corner = fc.double({ min: -4, max: 14, noNaN: true }).map((value) => Math.round(value * 8) / 8);
    const ring = fc.array(corner, { maxLength: 24 }).map((values) => values.slice(0, values.length & ~1));
    fc.assert(
      fc.property(fc.array(ring, { maxLength: 3 }), fc.nat(9), fc.nat(9), (rings, width, height) => {
        const expected = Array.from({ length: width * height }, (_, i) =>
          isInside(rings, (i % width) + 0.5, Math.floor(i / width) + 0.5) ? 1 : 0,
        );
        expect([...fillRings(rings, width, height).data]).toEqual(expected);
        const { window, inside } = regionOfShapes([rings], { width, height });
        const covered = expected.filter((_, i) => isIn(window, i % width, Math.floor(i / width)));
        expect([...inside]).toEqual(covered);
        expect(expected.reduce<number>((sum, each) => sum + each, 0)).toBe(inside.reduce((sum, each) => sum + each, 0));
      }),
      { numRuns: 500 },
    );
  });

  it('take no more memory or time for going up and down a tall image many thousand times', () => {
    const [width, height] = [8, 65_535];
    const zigzag = Array.from({ length: 20_000 }, (_, i) => [i % 7, i % 2 === 0 ? 0 : height]).flat();
    const { data } = fillRings([zigzag], width, height);
    expect(data).toHaveLength(width * height);
    expect(data.every((value, i) => i % width < 6 || value === 0)).toBe(true);
  });

  it('fill what of a foreign ring lies in the image', () => {
    expect(fillRings([[-5, -5, 99, -5, 99, 99, -5, 99]], 3, 2).data).toEqual(new Uint8Array(6).fill(1));
    expect(fillRings([[0, 0, 1, 1]], 3, 2).data).toEqual(new Uint8Array(6));
  });
});
