import { describe, expect, it } from 'vitest';
import { chooseClassesOf, mapClasses } from '../../../src-core/datasets/class-choice.ts';
import type { FoundVolume } from '../../../src-core/datasets/importer.ts';
import { decodeLabels, encodeLabels } from '../../../src-core/labels/label-codec.ts';

const FOUND = ['RV', 'MYO', 'LV'];
const VOLUME: FoundVolume = {
  ...{ id: 'a', patient: 'a', file: 'a.nii', kind: 'nifti', phaseIndex: 0, phase: '', frame: null },
  ...{ width: 5, height: 1, channels: 1, range: { low: 0, high: 1 }, spacing: null, affine: null },
  truth: { file: 'a_gt.nii', kind: 'nifti', phaseIndex: 0, values: { 10: 1, 20: 2, 30: 3, 40: 255 } },
  items: [
    {
      ...{ id: 'a_z00', slice: 0, tags: [{ present: [1, 1, 0] }] },
      mask: encodeLabels({ width: 5, height: 1, data: Uint8Array.of(0, 1, 2, 3, 255) }),
    },
  ],
};

describe('classes chosen of those found', () => {
  it('carry over to tags, truth and masks, renamed, merged and reordered', () => {
    const mapping = mapClasses(FOUND, [
      { name: 'muscle', sources: ['myo'] },
      { name: 'cavity', sources: ['LV', 'RV'] },
    ]);
    const { truth, items } = chooseClassesOf(VOLUME, mapping);
    expect(truth?.values).toEqual({ 10: 2, 20: 1, 30: 2, 40: 255 });
    expect(items[0]?.tags).toEqual([{ present: [1, 1] }]);
    expect([...decodeLabels(items[0]!.mask!).data]).toEqual([0, 2, 1, 2, 255]);
  });

  it('make background of what nobody chose', () => {
    const { truth, items } = chooseClassesOf(VOLUME, mapClasses(FOUND, [{ name: 'LV', sources: ['LV'] }]));
    expect(truth?.values).toEqual({ 30: 1, 40: 255 });
    expect(items[0]?.tags).toEqual([{ present: [0] }]);
    expect([...decodeLabels(items[0]!.mask!).data]).toEqual([0, 0, 0, 1, 255]);
  });

  it('keep their colours', () => {
    expect(mapClasses(FOUND, [{ name: 'LV', sources: ['LV'] }]).colours).toBeUndefined();
    expect(mapClasses(FOUND, [{ name: 'LV', sources: ['LV'], colour: '#CC79A7' }]).colours).toEqual(['#cc79a7']);
  });

  it('are new where the source names none', () => {
    const { classes, colours } = mapClasses([], [{ name: 'cell', sources: [], colour: '#0072b2' }]);
    expect([classes, colours]).toEqual([['cell'], ['#0072b2']]);
  });

  it('are refused where they are ambiguous', () => {
    const failing = (...choices: Parameters<typeof mapClasses>[1]) => {
      return () => mapClasses(FOUND, choices);
    };
    expect(failing()).toThrow('classes: expected at least one class, got none');
    expect(failing({ name: ' ', sources: ['LV'] })).toThrow('expected a name for class 1');
    expect(failing({ name: 'a', sources: [] })).toThrow('class "a": expected at least one class of the source');
    expect(failing({ name: 'a', sources: ['LV'] }, { name: 'A', sources: ['RV'] })).toThrow('got "A" again');
    expect(failing({ name: 'a', sources: ['LV'] }, { name: 'b', sources: ['lv'] })).toThrow('is part of "a" already');
    expect(failing({ name: 'a', sources: ['LV'], colour: 'red' })).toThrow('expected a colour such as #56b4e9');
  });
});
