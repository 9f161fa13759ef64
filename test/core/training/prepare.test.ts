import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IGNORE, type LabelPlane, type Plane } from '../../../src-core/imaging/plane.ts';
import {
  prepareImage,
  prepareLabels,
  restoreLabels,
  restoreMap,
  sampleChannels,
  shownArea,
  windowInSquare,
  type Preparation,
} from '../../../src-core/training/prepare.ts';

/** The letter F, which no turn or mirror image maps onto itself, `scale` pixels a stroke. */
function letterF(width: number, height: number, scale: number): LabelPlane {
  const rows = ['####', '#...', '###.', '#...', '#...'];
  const data = new Uint8Array(width * height);
  const [left, top] = [Math.floor((width - 4 * scale) / 2), Math.floor((height - 5 * scale) / 2)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = rows[Math.floor((y - top) / scale)]?.[Math.floor((x - left) / scale)];
      if (cell === '#') data[y * width + x] = 1;
    }
  }
  return { width, height, data };
}

const asPlane = ({ width, height, data }: LabelPlane): Plane => ({
  width,
  height,
  channels: 1,
  data: Float32Array.from(data),
});

function dice(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [both, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    both += 2 * a[i]! * b[i]!;
    sum += a[i]! + b[i]!;
  }
  return both / sum;
}

describe('the square and back', () => {
  it.for<[string, number, number, Preparation]>([
    ['its own size', 60, 60, { square: 'centre', side: 60 }],
    ['a smaller square', 90, 90, { square: 'centre', side: 48 }],
    ['a larger square', 41, 41, { square: 'centre', side: 64 }],
    ['the centre of a wide image', 101, 60, { square: 'centre', side: 48 }],
    ['the centre of a high image of odd size', 57, 83, { square: 'centre', side: 48 }],
    ['a stretched wide image', 97, 55, { square: 'stretch', side: 64 }],
  ])('keep the letter F upright over %s', ([, width, height, preparation]) => {
    const letter = letterF(width, height, Math.floor(Math.min(width, height) / 7));
    const there = prepareLabels(letter, preparation);
    expect(dice(restoreLabels(there, letter, preparation).data, letter.data)).toBeGreaterThan(0.9);
    // Image and labels come to the square alike.
    const shown = prepareImage(asPlane(letter), preparation).subarray(0, preparation.side ** 2);
    expect(dice(shown.map(Math.round), there)).toBeGreaterThan(0.9);
    const back = restoreMap(Float32Array.from(there), letter, preparation);
    expect(dice(back.map(Math.round), letter.data)).toBeGreaterThan(0.85);
  });

  it('are the identity where the square is the image', () => {
    const side = fc.integer({ min: 1, max: 9 });
    const labels = side.chain((n) =>
      fc.uint8Array({ minLength: n * n, maxLength: n * n }).map((data) => ({ width: n, height: n, data })),
    );
    fc.assert(
      fc.property(labels, fc.constantFrom('centre' as const, 'stretch' as const), (plane, square) => {
        const preparation = { square, side: plane.width };
        expect(prepareLabels(plane, preparation)).toEqual(plane.data);
        expect(restoreLabels(plane.data, plane, preparation)).toEqual(plane);
        const values = Float32Array.from(plane.data);
        expect(restoreMap(values, plane, preparation)).toEqual(values);
      }),
    );
  });

  it('leaves what the square does not show to the given value', () => {
    const preparation = { square: 'centre', side: 4 } as const;
    const restored = restoreMap(new Float32Array(16).fill(0.5), { width: 8, height: 4 }, preparation, -1);
    expect([...restored.subarray(0, 8)]).toEqual([-1, -1, 0.5, 0.5, 0.5, 0.5, -1, -1]);
    const labels = restoreLabels(new Uint8Array(16).fill(3), { width: 8, height: 4 }, preparation);
    expect([...labels.data.subarray(0, 8)]).toEqual([0, 0, 3, 3, 3, 3, 0, 0]);
  });

  it('keeps ignored pixels ignored', () => {
    const plane = { width: 6, height: 4, data: new Uint8Array(24).fill(IGNORE) };
    expect(prepareLabels(plane, { square: 'centre', side: 8 }).every((label) => label === IGNORE)).toBe(true);
  });

  it('keeps the colours of an RGB image in planes of their own', () => {
    const plane: Plane = { width: 1, height: 1, channels: 3, data: Float32Array.of(0.1, 0.2, 0.3) };
    const expected = [0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3].map(Math.fround);
    expect([...prepareImage(plane, { square: 'stretch', side: 2 })]).toEqual(expected);
  });
});

describe('windows', () => {
  it('move with the centre square of a wide image', () => {
    // 200 x 100 shows columns 50..150 at half size.
    const preparation = { square: 'centre', side: 50 } as const;
    const stored = { width: 200, height: 100 };
    expect(shownArea(stored, preparation)).toEqual({ x: 50, y: 0, width: 100, height: 100 });
    expect(windowInSquare({ x: 60, y: 20, width: 40, height: 30 }, stored, preparation)).toEqual({
      x: 5,
      y: 10,
      width: 20,
      height: 15,
    });
  });

  it('stretch with a stretched image', () => {
    const preparation = { square: 'stretch', side: 50 } as const;
    expect(windowInSquare({ x: 60, y: 20, width: 40, height: 30 }, { width: 200, height: 100 }, preparation)).toEqual({
      x: 15,
      y: 10,
      width: 10,
      height: 15,
    });
  });

  it('show in the square what they show in the stored image', () => {
    const size = fc.integer({ min: 6, max: 40 });
    fc.assert(
      fc.property(size, size, fc.constantFrom('centre' as const, 'stretch' as const), (width, height, square) => {
        // A slope is exact under bilinear sampling, away from the border.
        const data = Float32Array.from(
          { length: width * height },
          (_, i) => 2 * (i % width) + 3 * Math.floor(i / width),
        );
        const plane: Plane = { width, height, channels: 1, data };
        const preparation = { square, side: 64 };
        const { x, y, width: across, height: down } = shownArea(plane, preparation);
        const window = { x: x + across / 4, y: y + down / 4, width: across / 2, height: down / 2 };
        const squarePlane: Plane = {
          width: 64,
          height: 64,
          channels: 1,
          data: prepareImage(plane, preparation).slice(0, 64 * 64),
        };
        const direct = sampleChannels(plane, window, 8);
        const throughSquare = sampleChannels(squarePlane, windowInSquare(window, plane, preparation), 8);
        throughSquare.forEach((value, i) => expect(Math.abs(value - direct[i]!)).toBeLessThan(0.35));
      }),
      { numRuns: 40 },
    );
  });
});
