import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeBetween, shapesBetween } from '../../../src-core/labels/interpolate.ts';
import { copiedLabels, movedClass, resizedClass, smoothedLabels } from '../../../src-core/labels/reshape-class.ts';
import { planeOf, rowsOf } from '../../support/label-rows.ts';
import { labelMaps } from '../../support/random-masks.ts';

describe('growing and shrinking', () => {
  const dot = planeOf('0000000', '0000000', '0001000', '0020000', '0000000');

  it('goes as far as asked on every side', () => {
    expect(rowsOf(dot, resizedClass(dot, 1, 1))).toEqual(['0000000', '0001000', '0011100', '0021000', '0000000']);
    expect(rowsOf(dot, resizedClass(dot, 1, 1.5))).toEqual(['0000000', '0011100', '0011100', '0011100', '0000000']);
  });

  it('measures in the unit of the spacing', () => {
    expect(rowsOf(dot, resizedClass(dot, 1, 2, { x: 1, y: 2 }))).toEqual([
      '0000000',
      '0001000',
      '0111110',
      '0021000',
      '0000000',
    ]);
  });

  it('leaves background behind, and the border of the image where it is', () => {
    const block = planeOf('11110', '11110', '11110', '00220');
    expect(rowsOf(block, resizedClass(block, 1, -1))).toEqual(['11100', '11100', '00000', '00220']);
  });

  it('holds exactly the pixels within the distance', () => {
    fc.assert(
      fc.property(labelMaps(2, 10), fc.integer({ min: -3, max: 3 }), (plane, by) => {
        const after = resizedClass(plane, 1, by);
        const pixels = [...plane.data.keys()];
        const near = (i: number, wanted: (label: number) => boolean): boolean =>
          pixels.some((j) => {
            const [dx, dy] = [
              (i % plane.width) - (j % plane.width),
              Math.floor(i / plane.width) - Math.floor(j / plane.width),
            ];
            return wanted(plane.data[j]!) && dx * dx + dy * dy <= by * by;
          });
        for (const i of pixels) {
          const before = plane.data[i]!;
          const grown = near(i, (label) => label === 1) ? 1 : before;
          const shrunk = before === 1 && near(i, (label) => label !== 1) ? 0 : before;
          expect(after[i]).toBe(by > 0 ? grown : shrunk);
        }
      }),
    );
  });
});

describe('smoothing', () => {
  it('takes away spurs and fills dents', () => {
    const rough = planeOf(
      '0000000000',
      '0111111000',
      '0111111000',
      '0111011000',
      '0111111100',
      '0111111000',
      '0111111000',
      '0000000000',
    );
    expect(rowsOf(rough, smoothedLabels(rough, 1)).slice(2, 6)).toEqual(Array(4).fill('0111111000'));
  });

  it('leaves other classes to one another where one class is smoothed', () => {
    const two = planeOf('0000000', '0111220', '0122120', '0111220', '0000000', '3030303');
    const smooth = smoothedLabels(two, 1, 1);
    expect(rowsOf(two, smooth)[5]).toBe('3030303');
    two.data.forEach((before, i) => {
      if (before !== 1 && smooth[i] !== 1) expect(smooth[i]).toBe(before);
    });
  });

  it('of one class does to it what smoothing all does', () => {
    fc.assert(
      fc.property(labelMaps(3, 16), fc.integer({ min: 1, max: 2 }), (plane, radius) => {
        const all = smoothedLabels(plane, radius);
        const one = smoothedLabels(plane, radius, 2);
        expect(one.map((label) => (label === 2 ? 1 : 0))).toEqual(all.map((label) => (label === 2 ? 1 : 0)));
      }),
    );
  });

  it('leaves a map of one label alone', () => {
    const full = planeOf('111', '111');
    expect(smoothedLabels(full, 3)).toEqual(full.data);
  });
});

describe('moving and copying', () => {
  it('moves a class over others and leaves background behind', () => {
    const plane = planeOf('1200', '1100', '0003');
    expect(rowsOf(plane, movedClass(plane, 1, 1, 1))).toEqual(['0200', '0100', '0113']);
    expect(rowsOf(plane, movedClass(plane, 1, -1, 0))).toEqual(['0200', '1000', '0003']);
    expect(rowsOf(plane, movedClass(plane, 1, 9, 9))).toEqual(['0200', '0000', '0003']);
  });

  it('copies all classes, or one', () => {
    const here = planeOf('1122', '3000');
    const there = planeOf('0110', '2222');
    expect(copiedLabels(here, there)).toEqual(there.data);
    expect(rowsOf(here, copiedLabels(here, there, 1))).toEqual(['0112', '3000']);
    expect(() => copiedLabels(here, planeOf('01'))).toThrow('expected 4 x 2 pixels, got 2 x 1');
  });
});

describe('shapes between two drawn ones', () => {
  const disc = (centre: number, radius: number) => ({
    width: 40,
    height: 20,
    data: Uint8Array.from({ length: 800 }, (_, i) =>
      Math.hypot((i % 40) + 0.5 - centre, Math.floor(i / 40) + 0.5 - 10) < radius ? 1 : 0,
    ),
  });

  it('begin as the first and end as the second', () => {
    const [first, second] = [disc(10, 6), disc(24, 4)];
    expect(shapeBetween(first, second, 0)).toEqual(first);
    expect(shapeBetween(first, second, 1)).toEqual(second);
  });

  it('of two discs are the disc between, though they do not overlap', () => {
    const middle = shapeBetween(disc(8, 6), disc(28, 4), 0.5);
    const wanted = disc(18, 5);
    const differing = middle.data.filter((inside, i) => inside !== wanted.data[i]).length;
    // A disc of radius 5 has 80 pixels; its outline may run on either side of a pixel centre.
    expect(differing).toBeLessThanOrEqual(8);
  });

  it('are given for the slices in between that lack the class', () => {
    const empty = { width: 40, height: 20, data: new Uint8Array(800) };
    const drawn = [undefined, disc(10, 6), empty, undefined, disc(10, 3), empty];
    const shapes = shapesBetween(drawn, 1);
    expect([...shapes.keys()]).toEqual([2, 3]);
    const areas = [...shapes.values()].map(({ data }) => data.filter(Boolean).length);
    expect(areas[0]).toBeGreaterThan(areas[1]!);
    expect([...shapesBetween(drawn, 1, true).keys()]).toEqual([2, 3, 5, 0]);
    expect(shapesBetween(drawn, 2).size).toBe(0);
  });

  it('are refused of an empty mask', () => {
    expect(() => shapeBetween(disc(10, 5), disc(10, 0), 0.5)).toThrow('expected both to hold a pixel');
  });
});
