import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationPatch, type ClassOperation } from '../../../src-core/labels/class-operation.ts';
import { patched } from '../../../src-core/labels/patch.ts';
import { planeOf, rowsOf } from '../../support/label-rows.ts';
import { labelMaps } from '../../support/random-masks.ts';

const PLANE = planeOf('1010222', '1010202', '1100222', '0003000', '1000000');

/** Rows after an operation with nothing locked. */
function after(operation: ClassOperation): string[] {
  const patch = operationPatch(PLANE, operation, { locked: new Set() });
  return rowsOf(patch ? patched(PLANE, patch) : PLANE);
}

describe('an operation on a class', () => {
  it('keeps the largest part, drops small ones, fills holes', () => {
    expect(after({ kind: 'keepLargest', label: 1 })).toEqual(['1000222', '1000202', '1100222', '0003000', '0000000']);
    expect(after({ kind: 'removeSmall', label: 1, minimumPixels: 2 })[4]).toBe('0000000');
    expect(after({ kind: 'removeSmall', minimumPixels: 2 })[3]).toBe('0000000');
    expect(after({ kind: 'fillHoles', label: 2 })[1]).toBe('1010222');
    expect(after({ kind: 'fillHoles', label: 1 })).toEqual(rowsOf(PLANE));
  });

  it('clears, grows, moves and copies', () => {
    expect(after({ kind: 'clear', label: 2 })[0]).toBe('1010000');
    expect(after({ kind: 'clear' })).toEqual(Array(5).fill('0000000'));
    expect(after({ kind: 'resize', label: 3, distance: 1 })[4]).toBe('1003000');
    expect(after({ kind: 'move', label: 3, columns: 2, rows: 1 })[4]).toBe('1000030');
    expect(after({ kind: 'copy', from: planeOf(...Array<string>(5).fill('4444444')) })).toEqual(
      Array(5).fill('4444444'),
    );
  });

  it('is undefined where it changes nothing', () => {
    expect(operationPatch(PLANE, { kind: 'clear', label: 9 }, { locked: new Set() })).toBeUndefined();
  });

  it('never changes a locked class, whatever it is', () => {
    const operations: ClassOperation[] = [
      { kind: 'keepLargest' },
      { kind: 'removeSmall', minimumPixels: 4 },
      { kind: 'fillHoles' },
      { kind: 'clear' },
      { kind: 'smooth', radiusPx: 1 },
      { kind: 'resize', label: 1, distance: 2 },
      { kind: 'resize', label: 2, distance: -1 },
      { kind: 'move', label: 1, columns: 1, rows: -1 },
    ];
    fc.assert(
      fc.property(
        labelMaps(3, 10),
        fc.constantFrom(...operations),
        fc.subarray([1, 2, 3]),
        (plane, operation, locks) => {
          const locked = new Set(locks);
          const patch = operationPatch(plane, operation, { locked });
          const result = patch ? patched(plane, patch) : plane;
          plane.data.forEach((before, i) => {
            if (locked.has(before) || locked.has(result.data[i]!)) expect(result.data[i]).toBe(before);
          });
        },
      ),
    );
  });
});
