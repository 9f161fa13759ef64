import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveTags, drawWindow, SLICE_TAGS, type TagOptions } from '../../../src-core/datasets/derive-tags.ts';
import { createRandom } from '../../../src-core/training/random.ts';

const CROPS: TagOptions = { ...SLICE_TAGS, kind: 'crops', windows: 8, window: 48, referenceSide: 160 };

describe('tags derived from masks', () => {
  const mask = { width: 4, height: 2, data: Uint8Array.of(0, 2, 255, 0, 0, 0, 0, 0) };

  it('say which classes a slice shows, to the last pixel; ignored pixels show nothing', () => {
    expect(deriveTags(mask, 3, SLICE_TAGS, createRandom(0))).toEqual([{ present: [0, 1, 0] }]);
  });

  it('say "none" on an empty slice, which is a tag', () => {
    expect(deriveTags({ ...mask, data: new Uint8Array(8) }, 2, SLICE_TAGS, createRandom(0))).toEqual([
      { present: [0, 0] },
    ]);
  });

  it('count windows in the reference image and keep them in stored pixels, inside the centre square', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 400 }),
        fc.integer({ min: 60, max: 400 }),
        fc.integer(),
        (width, height, seed) => {
          const square = Math.min(width, height);
          const window = drawWindow(width, height, CROPS, createRandom(seed));
          expect(window.width).toBe(Math.round((48 * square) / 160));
          expect(window.height).toBe(window.width);
          const [left, top] = [Math.floor((width - square) / 2), Math.floor((height - square) / 2)];
          expect(window.x).toBeGreaterThanOrEqual(left);
          expect(window.y).toBeGreaterThanOrEqual(top);
          expect(window.x + window.width).toBeLessThanOrEqual(left + square);
          expect(window.y + window.height).toBeLessThanOrEqual(top + square);
        },
      ),
    );
  });

  it('see a class in a window from a share of its pixels', () => {
    const side = 10;
    const one = new Uint8Array(side * side);
    one[0] = 1;
    const options = { ...CROPS, windows: 1, window: side, referenceSide: null };
    const seen = (minimumShare: number) =>
      deriveTags({ width: side, height: side, data: one }, 1, { ...options, minimumShare }, createRandom(1))[0]
        ?.present;
    expect(seen(0.01)).toEqual([1]);
    expect(seen(0.02)).toEqual([0]);
    expect(seen(0)).toEqual([1]);
  });

  it('repeat for the same seed and differ for another', () => {
    const blank = { width: 200, height: 180, data: new Uint8Array(36_000) };
    const draw = (seed: number) => JSON.stringify(deriveTags(blank, 1, CROPS, createRandom(seed).fork('item')));
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
    expect(JSON.parse(draw(1))).toHaveLength(8);
  });
});
