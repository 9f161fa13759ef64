import { describe, expect, it } from 'vitest';
import { numberClasses, presetNumbering } from '../../../src-core/datasets/label-numbering.ts';

const CLASSES = ['RV', 'MYO', 'LV'];

describe('numbering classes by name', () => {
  it('turns ACDC’s order into that of M&Ms', () => {
    expect(numberClasses(CLASSES, presetNumbering('acdc'))).toEqual([1, 2, 3]);
    expect(numberClasses(CLASSES, presetNumbering('mnms'))).toEqual([3, 2, 1]);
  });

  it('leaves a class out at 0, and refuses two classes of one id', () => {
    expect(numberClasses(CLASSES, { lv: 9, myo: 0, rv: 4 })).toEqual([4, 0, 9]);
    expect(() => numberClasses(CLASSES, { LV: 1, MYO: 1, RV: 2 })).toThrow('got 1 twice');
    expect(() => numberClasses(CLASSES, { LV: 1.5, MYO: 1, RV: 2 })).toThrow('LV=1.5');
  });
});
