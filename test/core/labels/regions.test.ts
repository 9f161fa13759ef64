import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectedComponents } from '../../../src-core/labels/components.ts';
import { paintLabels, paintRegion } from '../../../src-core/labels/paint.ts';
import { patched } from '../../../src-core/labels/patch.ts';
import { polygonRegion } from '../../../src-core/labels/polygon.ts';
import { areaOf } from '../../../src-core/labels/region.ts';
import { floodRegion, wandRegion } from '../../../src-core/labels/region-growing.ts';
import { planeOf, rowsOfRegion } from '../../support/label-rows.ts';
import { labelMaps } from '../../support/random-masks.ts';

const SIZE = { width: 6, height: 4 };
const points = (...pairs: [number, number][]) => pairs.map(([x, y]) => ({ x, y }));

describe('a polygon', () => {
  it('holds the pixels whose centres it goes around', () => {
    expect(rowsOfRegion(SIZE, polygonRegion(SIZE, points([1.4, 0.4], [4.6, 0.4], [4.6, 2.6], [1.4, 2.6])))).toEqual([
      '011110',
      '011110',
      '011110',
      '000000',
    ]);
  });

  it('leaves out what it goes around twice', () => {
    const twice = points([0, 0], [6, 0], [6, 4], [0, 4], [0, 0], [2, 1], [4, 1], [4, 3], [2, 3], [2, 1]);
    expect(rowsOfRegion(SIZE, polygonRegion(SIZE, twice))).toEqual(['111111', '110011', '110011', '111111']);
  });

  it('may reach beyond the image, and needs three points', () => {
    const wide = points([-9, -9], [20, -9], [20, 20], [-9, 20]);
    expect(areaOf(polygonRegion(SIZE, wide))).toBe(24);
    expect(areaOf(polygonRegion(SIZE, wide.slice(0, 2)))).toBe(0);
    expect(areaOf(polygonRegion(SIZE, points([30, 30], [40, 30], [30, 40])))).toBe(0);
  });
});

describe('a flood', () => {
  it('takes the component of the pixel it begins on', () => {
    fc.assert(
      fc.property(labelMaps(3, 12), fc.nat(), (plane, pick) => {
        const seed = pick % plane.data.length;
        const { of } = connectedComponents(plane.data, [plane.height, plane.width]);
        const region = floodRegion(plane, { x: seed % plane.width, y: Math.floor(seed / plane.width) });
        const expected = Array.from(of, (each) => (each === of[seed] ? '1' : '0')).join('');
        expect(rowsOfRegion(plane, region).join('')).toBe(expected);
      }),
    );
  });

  it('refuses to begin beside the map', () => {
    expect(() => floodRegion(planeOf('00'), { x: 2, y: 0 })).toThrow('expected a pixel of 2 x 1, got (2, 0)');
  });
});

describe('the wand', () => {
  const values = [1, 1, 2, 5, 1, 1, 1, 2, 3, 5, 1, 1, 9, 9, 9, 5, 1, 1, 1, 1, 1, 5, 5, 5];

  it('takes what hangs together and is like the pixel under it', () => {
    const wand = (tolerance: number) => wandRegion(SIZE, values, { x: 0, y: 0 }, { tolerance, mostPixels: Infinity });
    expect(rowsOfRegion(SIZE, wand(0))).toEqual(['110000', '100000', '000000', '000000']);
    expect(rowsOfRegion(SIZE, wand(2))).toEqual(['111000', '111000', '000000', '000000']);
  });

  it('stops at the most pixels it may take, nearest first', () => {
    const region = wandRegion(SIZE, new Uint8Array(24), { x: 2, y: 1 }, { tolerance: 0, mostPixels: 5 });
    expect(rowsOfRegion(SIZE, region)).toEqual(['001000', '011100', '001000', '000000']);
  });

  it('refuses values of another size', () => {
    expect(() => wandRegion(SIZE, [1, 2], { x: 0, y: 0 }, { tolerance: 1, mostPixels: 9 })).toThrow(
      /expected 6 x 4.*got 2/,
    );
  });
});

describe('painting', () => {
  it('keeps every rule at once: locks, one class only, a range of values', () => {
    fc.assert(
      fc.property(
        labelMaps(3, 10),
        fc.nat(3),
        fc.subarray([0, 1, 2, 3]),
        fc.option(fc.nat(3)),
        (plane, label, locks, only) => {
          const locked = new Set(locks);
          const values = plane.data.map((_, i) => i % 5);
          const rules = { locked, only: only ?? undefined, range: { values, from: 1, to: 3 } };
          const region = {
            window: { x: 0, y: 0, width: plane.width, height: plane.height },
            inside: plane.data.map(() => 1),
          };
          const patch = paintRegion(plane, region, label, rules);
          const after = patch ? patched(plane, patch) : plane;
          plane.data.forEach((before, i) => {
            const free = !locked.has(before) && !locked.has(label) && (only === null || before === only);
            expect(after.data[i]).toBe(free && values[i]! >= 1 && values[i]! <= 3 ? label : before);
          });
          expect(
            paintLabels(
              plane,
              plane.data.map(() => label),
              rules,
            ),
          ).toEqual(patch);
        },
      ),
    );
  });

  it('refuses labels or values of another size', () => {
    const plane = planeOf('00', '00');
    expect(() => paintLabels(plane, [1], { locked: new Set() })).toThrow(
      'labels: expected 4 like the label map, got 1',
    );
    const range = { values: [1], from: 0, to: 1 };
    expect(() => paintLabels(plane, plane.data, { locked: new Set(), range })).toThrow('image values: expected 4');
  });
});
