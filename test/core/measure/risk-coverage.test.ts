import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createUncertaintyHistogram,
  riskCoverageArea,
  riskCoverageCurve,
} from '../../../src-core/measure/risk-coverage.ts';

const item = fc.record({ loss: fc.nat(100).map((n) => n / 100), uncertainty: fc.nat(6).map((n) => n / 8) });
const items = fc.array(item, { minLength: 1, maxLength: 40 });

describe('the area under the risk-coverage curve', () => {
  it('is the mean of the risks of the most certain items', () => {
    // Risks 0, 0, 1/3, 2/4.
    expect(riskCoverageArea([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.5])).toBeCloseTo((1 / 3 + 2 / 4) / 4, 12);
  });

  it('is the mean loss when all are equally uncertain', () => {
    expect(riskCoverageArea([0, 1, 1, 0], [3, 3, 3, 3])).toBeCloseTo(0.5, 12);
  });

  it('has no value of no items and refuses what cannot be ranked', () => {
    expect(riskCoverageArea([], [])).toBeNaN();
    expect(() => riskCoverageArea([1], [NaN])).toThrow(/NaN at 0/);
    expect(() => riskCoverageArea([1], [])).toThrow(/expected 1 values.*got 0/);
  });

  it('does not depend on the order of the items or the scale of the uncertainty', () => {
    fc.assert(
      fc.property(items, (list) => {
        const loss = list.map((each) => each.loss);
        const uncertainty = list.map((each) => each.uncertainty);
        const area = riskCoverageArea(loss, uncertainty);
        expect(riskCoverageArea(loss.toReversed(), uncertainty.toReversed())).toBeCloseTo(area, 10);
        const stretched = uncertainty.map((value) => 3 * value + 7);
        expect(riskCoverageArea(loss, stretched)).toBeCloseTo(area, 10);
      }),
    );
  });

  it('is smallest when the loss itself ranks', () => {
    fc.assert(
      fc.property(items, (list) => {
        const loss = list.map((each) => each.loss);
        const area = riskCoverageArea(
          loss,
          list.map((each) => each.uncertainty),
        );
        expect(riskCoverageArea(loss, loss)).toBeLessThanOrEqual(area + 1e-12);
      }),
    );
  });
});

describe('the histogram of uncertainty', () => {
  it('gives the area of the listed pixels when no bin mixes values', () => {
    fc.assert(
      fc.property(items, (list) => {
        const histogram = createUncertaintyHistogram(8);
        for (const { loss, uncertainty } of list) histogram.add(uncertainty, loss > 0.5);
        const wrong = list.map(({ loss }) => (loss > 0.5 ? 1 : 0));
        const listed = riskCoverageArea(
          wrong,
          list.map((each) => each.uncertainty),
        );
        expect(histogram.area()).toBeCloseTo(listed, 10);
        expect(histogram.errorRate()).toBeCloseTo(wrong.filter((each) => each === 1).length / list.length, 10);
      }),
    );
  });

  it('takes 1 into its last bin and refuses NaN', () => {
    const histogram = createUncertaintyHistogram(4);
    histogram.add(1, true);
    histogram.add(0, false);
    expect(histogram.area()).toBeCloseTo(0.25, 12);
    expect(() => histogram.add(NaN, true)).toThrow(/NaN/);
  });
});

describe('the risk-coverage curve', () => {
  it('gives the mean loss of the most certain units at each step', () => {
    const { coverage, risk } = riskCoverageCurve([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.5]);
    expect(coverage).toEqual([0.25, 0.5, 0.75, 1]);
    [0, 0, 1 / 3, 2 / 4].forEach((expected, i) => expect(risk[i]).toBeCloseTo(expected, 12));
  });

  it('shares the loss within a tie and is empty of no units', () => {
    expect(riskCoverageCurve([1, 0], [0.5, 0.5]).risk).toEqual([0.5, 0.5]);
    expect(riskCoverageCurve([], [])).toEqual({ coverage: [], risk: [] });
  });

  it('has the area as its mean where every unit is a point, and ends at the mean loss', () => {
    fc.assert(
      fc.property(items, (list) => {
        const loss = list.map((each) => each.loss);
        const uncertainty = list.map((each) => each.uncertainty);
        const { risk } = riskCoverageCurve(loss, uncertainty);
        const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
        expect(mean(risk)).toBeCloseTo(riskCoverageArea(loss, uncertainty), 10);
        expect(risk.at(-1)).toBeCloseTo(mean(loss), 10);
      }),
    );
  });

  it('of a histogram keeps to the asked number of points', () => {
    const histogram = createUncertaintyHistogram(64);
    for (let i = 0; i < 10_000; i += 1) histogram.add((i % 64) / 64, i % 64 > 60);
    const { coverage, risk } = histogram.curve();
    expect(coverage).toHaveLength(200);
    expect(risk[0]).toBe(0);
    expect(risk.at(-1)).toBeCloseTo(histogram.errorRate(), 12);
  });
});
