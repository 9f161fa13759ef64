import { describe, expect, it } from 'vitest';
import { indexFileNames, withoutExtension } from '../../../src-core/datasets/file-names.ts';
import { mapAhead } from '../../../src-core/datasets/map-ahead.ts';
import { pairMasks } from '../../../src-core/datasets/mask-files.ts';
import { maskLabels } from '../../../src-core/datasets/mask-labels.ts';

describe('masks beside images', () => {
  it('are found in a masks folder beside images, whatever their extension, and by suffix', () => {
    const { images, maskOf, orphans } = pairMasks([
      'images/a.jpg',
      'masks/a.png',
      'masks/b.png',
      'c.png',
      'c_mask.png',
    ]);
    expect(images).toEqual(['images/a.jpg', 'c.png']);
    expect([...maskOf]).toEqual([
      ['images/a.jpg', 'masks/a.png'],
      ['c.png', 'c_mask.png'],
    ]);
    expect(orphans).toEqual(['masks/b.png']);
  });

  it('are told apart by the folders around them', () => {
    const { maskOf } = pairMasks(['p1/images/1.png', 'p1/masks/1.png', 'p2/images/1.png', 'p2/masks/1.png']);
    expect([...maskOf]).toEqual([
      ['p1/images/1.png', 'p1/masks/1.png'],
      ['p2/images/1.png', 'p2/masks/1.png'],
    ]);
  });

  it('are none where a folder of images happens to be called labels', () => {
    expect(pairMasks(['labels/a.png', 'labels/b.png']).images).toEqual(['labels/a.png', 'labels/b.png']);
  });

  it('hold class k as value k, white too where there is one class, or what a person says', () => {
    expect(maskLabels(undefined, ['LV']).values).toEqual({ 1: 1, 255: 1 });
    expect(maskLabels(undefined, ['RV', 'LV']).values).toEqual({ 1: 1, 2: 2 });
    expect(maskLabels({ 1: 'LV', 3: 'RV' }, ['RV', 'LV']).values).toEqual({ 1: 2, 3: 1 });
  });
});

describe('names of files in tables', () => {
  const lookUp = indexFileNames(['x/é.png', 'x/b.png', 'y/b.png', 'v.nii.gz']);

  it('may leave out folders and extension, and may spell accents either way', () => {
    expect(lookUp('e\u0301')).toEqual({ kind: 'file', path: 'x/é.png' });
    expect(lookUp('./x\\b.png')).toEqual({ kind: 'file', path: 'x/b.png' });
    expect(lookUp('v')).toEqual({ kind: 'file', path: 'v.nii.gz' });
    expect(withoutExtension('a.b/c.nii.gz')).toBe('a.b/c');
  });

  it('are ambiguous where two files share them', () => {
    expect(lookUp('b.png')).toEqual({ kind: 'ambiguous' });
    expect(lookUp('y/b')).toEqual({ kind: 'file', path: 'y/b.png' });
    expect(lookUp('c.png')).toEqual({ kind: 'absent' });
  });
});

describe('reading ahead', () => {
  it('keeps order and never has more under way than allowed', async () => {
    let running = 0;
    let most = 0;
    const results: number[] = [];
    const work = async (value: number) => {
      most = Math.max(most, ++running);
      await new Promise((resume) => setTimeout(resume, 5 - value));
      running -= 1;
      return value * 2;
    };
    for await (const result of mapAhead([1, 2, 3, 4, 5], 3, work)) results.push(result);
    expect(results).toEqual([2, 4, 6, 8, 10]);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('passes on a failure where its turn comes', async () => {
    const results: number[] = [];
    const run = async () => {
      const work = (value: number) => (value === 2 ? Promise.reject(new Error('two')) : Promise.resolve(value));
      for await (const result of mapAhead([1, 2, 3], 3, work)) results.push(result);
    };
    await expect(run()).rejects.toThrow('two');
    expect(results).toEqual([1]);
  });
});
