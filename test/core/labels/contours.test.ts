import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectedComponents } from '../../../src-core/labels/components.ts';
import { fillRings, traceJoinedRings, tracePolygons } from '../../../src-core/labels/contours.ts';
import { drawMask, LETTER_F, masks } from '../../support/random-masks.ts';

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

  it('fill what of a foreign ring lies in the image', () => {
    expect(fillRings([[-5, -5, 99, -5, 99, 99, -5, 99]], 3, 2).data).toEqual(new Uint8Array(6).fill(1));
    expect(fillRings([[0, 0, 1, 1]], 3, 2).data).toEqual(new Uint8Array(6));
  });
});
