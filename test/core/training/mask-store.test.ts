import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { largestComponentsOnly, MaskStore, withoutAbsentClasses } from '../../../src-core/training/mask-store.ts';

describe('pseudo masks and tagged windows', () => {
  const whole = (present: readonly number[]) => ({ area: { x: 0, y: 0, width: 2, height: 2 }, present });

  test('a class is background inside a window tagged not to show it', () => {
    const labels = Uint8Array.from([1, 2, 255, 1, 1, 2, 0, 1, 1]);
    const cleared = withoutAbsentClasses(labels, 3, [whole([0, 1])]);
    expect([...cleared]).toEqual([0, 2, 255, 0, 0, 2, 0, 1, 1]);
  });

  test('a window tagged to show the class changes nothing', () => {
    const labels = Uint8Array.from([1, 1, 1, 1]);
    expect([...withoutAbsentClasses(labels, 2, [whole([1])])]).toEqual([1, 1, 1, 1]);
  });

  test('windows that reach over the border are clipped', () => {
    const outside = { area: { x: -5, y: 1, width: 20, height: 20 }, present: [0] };
    expect([...withoutAbsentClasses(Uint8Array.from([1, 1, 1, 1]), 2, [outside])]).toEqual([1, 1, 0, 0]);
  });

  test('without windows the labels stay, and the input is never changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (labels) => {
        const before = labels.slice();
        expect(withoutAbsentClasses(labels, 4, [])).toEqual(before);
        withoutAbsentClasses(labels, 4, [
          { area: { x: 0, y: 0, width: 4, height: 4 }, present: Array<number>(254).fill(0) },
        ]);
        expect(labels).toEqual(before);
      }),
    );
  });

  test('all but the largest part of a class is ignored, the rest stays', () => {
    const labels = Uint8Array.from([1, 1, 0, 1, 0, 0, 0, 2, 255]);
    expect([...largestComponentsOnly(labels, 3)]).toEqual([1, 1, 0, 1, 0, 0, 0, 2, 255]);
    expect([...largestComponentsOnly(Uint8Array.from([1, 1, 0, 0, 0, 0, 0, 2, 1]), 3)]).toEqual([
      1, 1, 0, 0, 0, 0, 0, 2, 255,
    ]);
  });

  test('the store gives back what was put in and names what it lacks', () => {
    const store = new MaskStore();
    store.put('a', Uint8Array.from([0, 1, 255, 2]), 2);
    expect([...store.get('a')]).toEqual([0, 1, 255, 2]);
    expect(() => store.get('b')).toThrow('"b"');
  });
});
