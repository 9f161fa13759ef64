import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN } from '../../../src-core/review/tag.ts';
import { averagePrecision, meanAveragePrecision } from '../../../src-core/measure/average-precision.ts';

describe('average precision', () => {
  it('sums precision where the recall rises', () => {
    // Hits at ranks 1 and 3.
    expect(averagePrecision([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0])).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  it('is the share of positives when all scores are equal', () => {
    expect(averagePrecision([1, 1, 1, 1], [1, 0, 0, 0])).toBeCloseTo(0.25, 12);
  });

  it('has no value without a positive and refuses lists of different lengths', () => {
    expect(averagePrecision([0.3, 0.2], [0, 0])).toBeNaN();
    expect(() => averagePrecision([0.3], [0, 1])).toThrow(/expected 1 values.*got 2/);
  });

  it('is 1 exactly when every positive outranks every negative', () => {
    const image = fc.record({ score: fc.nat(20), present: fc.boolean() });
    fc.assert(
      fc.property(fc.array(image, { minLength: 1, maxLength: 20 }), (images) => {
        fc.pre(images.some(({ present }) => present));
        const value = averagePrecision(
          images.map(({ score }) => score),
          images.map(({ present }) => (present ? 1 : 0)),
        );
        const scoresOf = (wanted: boolean) =>
          images.filter((each) => each.present === wanted).map(({ score }) => score);
        const separated = Math.min(...scoresOf(true)) > Math.max(-Infinity, ...scoresOf(false));
        if (separated) expect(value).toBeCloseTo(1, 12);
        else expect(value).toBeLessThan(1 - 1e-9);
        expect(value).toBeGreaterThan(0);
      }),
    );
  });

  it('leaves an image out of the ranking of a class of which its tag says nothing', () => {
    const scores = [[0.9], [0.8], [0.1]];
    expect(meanAveragePrecision(scores, [[UNKNOWN], [1], [0]], 1).mean).toBe(1);
  });

  it('is averaged over the classes that some image shows', () => {
    const scores = [
      [0.9, 0.2],
      [0.4, 0.3],
    ];
    const result = meanAveragePrecision(
      scores,
      [
        [0, 0],
        [1, 0],
      ],
      2,
    );
    expect(result.mean).toBeCloseTo(0.5, 12);
    expect(result.perClass[1]).toBeNaN();
  });
});
