import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { decodePatch, encodePatch } from '../../../src-core/labels/patch-codec.ts';
import {
  applyPatch,
  boundsOf,
  composeAll,
  composePatches,
  invertPatch,
  patchBetween,
  patched,
  type LabelPatch,
} from '../../../src-core/labels/patch.ts';
import { planeOf } from '../../support/label-rows.ts';

const SIZE = { width: 7, height: 5 };
const anyPlane = fc
  .array(fc.constantFrom(0, 0, 0, 1, 2, 255), { minLength: 35, maxLength: 35 })
  .map((labels): LabelPlane => ({ ...SIZE, data: Uint8Array.from(labels) }));
const differing = fc.tuple(anyPlane, anyPlane).filter(([a, b]) => a.data.some((label, i) => label !== b.data[i]));

describe('a patch', () => {
  it('holds the pixels that changed, in runs of one change', () => {
    const patch = patchBetween(planeOf('0011', '1100'), planeOf('0221', '1100'));
    expect(patch).toEqual({
      width: 4,
      height: 2,
      runs: [
        { start: 1, length: 1, before: 0, after: 2 },
        { start: 2, length: 1, before: 1, after: 2 },
      ],
    });
  });

  it('is undefined where nothing changed', () => {
    expect(patchBetween(planeOf('01'), planeOf('01'))).toBeUndefined();
  });

  it('looks only inside the window it is given, cut at the border', () => {
    const window = { x: 1, y: -3, width: 9, height: 4 };
    expect(patchBetween(planeOf('000', '000'), planeOf('111', '111'), window)?.runs).toEqual([
      { start: 1, length: 2, before: 0, after: 1 },
    ]);
  });

  it('turns one map into the other, and its inverse turns it back', () => {
    fc.assert(
      fc.property(differing, ([before, after]) => {
        const patch = patchBetween(before, after)!;
        const changed = patched(before, patch);
        expect(changed).toEqual(after);
        applyPatch(changed, invertPatch(patch));
        expect(changed).toEqual(before);
      }),
    );
  });

  it('refuses a map of other labels or of another size, and leaves it as it was', () => {
    const patch = patchBetween(planeOf('000', '000'), planeOf('010', '001'))!;
    const other = planeOf('000', '002');
    expect(() => applyPatch(other, patch)).toThrow('expected label 0 at column 2, row 1, got 2');
    expect(other).toEqual(planeOf('000', '002'));
    expect(() => applyPatch(planeOf('000'), patch)).toThrow('expected 3 x 1 pixels, got 3 x 2');
  });

  it('has bounds around every changed pixel and no others', () => {
    fc.assert(
      fc.property(differing, ([before, after]) => {
        const changed = [...before.data.keys()].filter((i) => before.data[i] !== after.data[i]);
        const columns = changed.map((i) => i % SIZE.width);
        const rows = changed.map((i) => Math.floor(i / SIZE.width));
        const [left, top] = [Math.min(...columns), Math.min(...rows)];
        const { x, y, width, height } = boundsOf(patchBetween(before, after)!);
        expect([y, height]).toEqual([top, Math.max(...rows) - top + 1]);
        // A run that goes on in the next row spans the width.
        expect(x).toBeLessThanOrEqual(left);
        expect(x + width).toBeGreaterThanOrEqual(Math.max(...columns) + 1);
      }),
    );
    expect(boundsOf(patchBetween(planeOf('000', '000'), planeOf('010', '010'))!)).toEqual({
      x: 1,
      y: 0,
      width: 1,
      height: 2,
    });
  });
});

describe('patches one after another', () => {
  it('join into one that does the same', () => {
    fc.assert(
      fc.property(anyPlane, anyPlane, anyPlane, (a, b, c) => {
        const patches = [patchBetween(a, b), patchBetween(b, c)].filter((each) => each !== undefined);
        expect(composeAll(patches)).toEqual(patchBetween(a, c));
      }),
    );
  });

  it('leave nothing where one takes the other back', () => {
    const patch = patchBetween(planeOf('000'), planeOf('011'))!;
    expect(composePatches(patch, invertPatch(patch))).toBeUndefined();
    expect(composeAll([])).toBeUndefined();
  });

  it('are refused in the wrong order', () => {
    const first = patchBetween(planeOf('00'), planeOf('01'))!;
    const second = patchBetween(planeOf('02'), planeOf('03'))!;
    expect(() => composePatches(first, second)).toThrow('leaves label 2 at pixel 1, got 1');
  });
});

describe('the bytes of a patch', () => {
  it('give the patch back', () => {
    fc.assert(
      fc.property(differing, ([before, after]) => {
        const patch = patchBetween(before, after)!;
        expect(decodePatch(encodePatch(patch))).toEqual(patch);
      }),
    );
  });

  it('of a brush stroke across a map of 512 x 512 are far fewer than 2 KB', () => {
    const bytes = encodePatch(stroke());
    expect(bytes.length).toBeLessThan(1200);
  });

  it('are refused where they were cut, changed or are others', () => {
    const bytes = encodePatch(stroke());
    expect(() => decodePatch(bytes.subarray(0, -1))).toThrow(/do not match their checksum/);
    const changed = bytes.slice();
    changed[20]! ^= 1;
    expect(() => decodePatch(changed)).toThrow(/do not match their checksum/);
    expect(() => decodePatch(new Uint8Array(40))).toThrow(/expected a header "ULP1"/);
  });

  it('are refused where a run lies outside the map, though the checksum holds', () => {
    const outside = { width: 4, height: 4, runs: [{ start: 14, length: 3, before: 0, after: 1 }] };
    expect(() => decodePatch(encodePatch(outside))).toThrow('runs in order on 4 x 4 pixels, got one at 14');
  });
});

/** A disc of 20 px drawn from corner to corner over two other classes. */
function stroke(): LabelPatch {
  const before = { width: 512, height: 512, data: new Uint8Array(512 * 512) };
  before.data.fill(1, 512 * 100, 512 * 200);
  const after = { ...before, data: before.data.slice() };
  for (let y = 0; y < 512; y++) {
    for (let x = 0; x < 512; x++) if (Math.abs(x - y) * Math.SQRT1_2 < 20) after.data[y * 512 + x] = 2;
  }
  return patchBetween(before, after)!;
}
