import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confusionMatrix } from '../../../src-core/measure/confusion.ts';
import {
  confusionRatio,
  dice,
  intersectionOverUnion,
  meanIntersectionOverUnion,
  meanOfUnits,
  overlapCounts,
  precision,
  recall,
} from '../../../src-core/measure/overlap.ts';

const count = fc.nat(1000);
const someCounts = fc.record({ truePositive: count, falsePositive: count, falseNegative: count });
const nothing = { truePositive: 0, falsePositive: 0, falseNegative: 0 };

describe('overlap of one class', () => {
  it('follows from its counts', () => {
    const counts = { truePositive: 6, falsePositive: 2, falseNegative: 4 };
    expect(dice(counts)).toBeCloseTo(12 / 18, 12);
    expect(intersectionOverUnion(counts)).toBeCloseTo(6 / 12, 12);
    expect(precision(counts)).toBeCloseTo(6 / 8, 12);
    expect(recall(counts)).toBeCloseTo(6 / 10, 12);
    expect(confusionRatio(counts)).toBeCloseTo(2 / 6, 12);
  });

  it('reads its counts from a confusion matrix', () => {
    const confusion = confusionMatrix([0, 0, 1, 1, 2, 1], [0, 1, 1, 2, 1, 1], 3);
    expect(overlapCounts(confusion, 1)).toEqual({ truePositive: 2, falsePositive: 2, falseNegative: 1 });
    expect(() => overlapCounts(confusion, 3)).toThrow(/expected 0 to 2, got 3/);
  });

  it('has no value without pixels, unless an empty unit counts as one', () => {
    expect(dice(nothing)).toBeNaN();
    expect(dice(nothing, 'one')).toBe(1);
    expect(intersectionOverUnion(nothing)).toBeNaN();
    expect(precision(nothing)).toBeNaN();
    expect(recall(nothing)).toBeNaN();
    expect(confusionRatio({ ...nothing, falsePositive: 5 })).toBeNaN();
  });

  it('ties Dice, intersection over union, precision and recall together', () => {
    fc.assert(
      fc.property(someCounts, (counts) => {
        fc.pre(counts.truePositive > 0);
        const [d, iou] = [dice(counts), intersectionOverUnion(counts)];
        const [p, r] = [precision(counts), recall(counts)];
        expect(d).toBeCloseTo((2 * iou) / (1 + iou), 10);
        expect(d).toBeCloseTo((2 * p * r) / (p + r), 10);
        expect(confusionRatio(counts)).toBeCloseTo(1 / p - 1, 8);
      }),
    );
  });
});

describe('means over units', () => {
  it('leave out units without a value and tell how many', () => {
    expect(meanOfUnits([0.5, NaN, 1])).toEqual({ value: 0.75, counted: 2, leftOut: 1 });
    expect(meanOfUnits([NaN])).toEqual({ value: NaN, counted: 0, leftOut: 1 });
    expect(meanOfUnits([])).toEqual({ value: NaN, counted: 0, leftOut: 0 });
  });

  it('average the intersection over union with the background and without absent classes', () => {
    // Background 2 of 3, class 1: 1 of 2, class 2 in neither map.
    const confusion = confusionMatrix([0, 0, 0, 1], [0, 0, 1, 1], 3);
    expect(meanIntersectionOverUnion(confusion)).toBeCloseTo((2 / 3 + 1 / 2) / 2, 12);
  });
});
