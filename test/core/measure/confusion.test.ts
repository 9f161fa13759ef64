import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addToConfusion, confusionMatrix, emptyConfusion, poolConfusion } from '../../../src-core/measure/confusion.ts';

describe('the confusion matrix', () => {
  it('has the truth in its rows and the prediction in its columns', () => {
    const { counts } = confusionMatrix([0, 0, 1, 1, 2], [0, 1, 1, 1, 0], 3);
    expect([...counts]).toEqual([1, 1, 0, 0, 2, 0, 1, 0, 0]);
  });

  it('leaves out pixels that the truth ignores and takes ignored predictions as background', () => {
    const { counts } = confusionMatrix([255, 1, 0], [1, 255, 255], 2);
    expect([...counts]).toEqual([1, 0, 1, 0]);
  });

  it('refuses label ids that it has no row for, and maps of different sizes', () => {
    expect(() => confusionMatrix([3], [0], 3)).toThrow(/expected ids below 3 or 255, got 3/);
    expect(() => confusionMatrix([0, 0], [0], 3)).toThrow(/expected 2 labels.*got 1/);
    expect(() => poolConfusion(emptyConfusion(2), emptyConfusion(3))).toThrow(/expected 2 labels, got 3/);
  });

  it('pools parts into the whole', () => {
    const pair = fc.tuple(fc.constantFrom(0, 1, 2, 255), fc.constantFrom(0, 1, 2, 255));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 60 }), fc.nat(60), (pairs, cut) => {
        const truth = pairs.map(([wanted]) => wanted);
        const prediction = pairs.map(([, got]) => got);
        const at = Math.min(cut, pairs.length);
        const parts = addToConfusion(emptyConfusion(3), truth, prediction, 0, at);
        poolConfusion(parts, addToConfusion(emptyConfusion(3), truth, prediction, at));
        expect(parts).toEqual(confusionMatrix(truth, prediction, 3));
        expect(parts.counts.reduce((sum, count) => sum + count, 0)).toBe(truth.filter((id) => id !== 255).length);
      }),
    );
  });
});
