import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cohensKappa } from '../../../src-core/measure/agreement.ts';
import { confusionMatrix } from '../../../src-core/measure/confusion.ts';

describe("Cohen's kappa", () => {
  it('corrects the observed agreement for chance', () => {
    // 20 yes-yes, 5, 10, 15: agreement .7 against .5 by chance.
    expect(cohensKappa({ labels: 2, counts: Float64Array.of(20, 5, 10, 15) })).toBeCloseTo(0.4, 12);
  });

  it('has no value when both used one label throughout', () => {
    expect(cohensKappa(confusionMatrix([0, 0], [0, 0], 2))).toBeNaN();
    expect(cohensKappa(confusionMatrix([], [], 2))).toBeNaN();
  });

  it('is 1 for equal maps of two labels or more, symmetric, and never above 1', () => {
    const pair = fc.tuple(fc.nat(2), fc.nat(2));
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 40 }), (pairs) => {
        const first = pairs.map(([a]) => a);
        const second = pairs.map(([, b]) => b);
        fc.pre(new Set(first).size > 1);
        expect(cohensKappa(confusionMatrix(first, first, 3))).toBeCloseTo(1, 12);
        const kappa = cohensKappa(confusionMatrix(first, second, 3));
        expect(kappa).toBeCloseTo(cohensKappa(confusionMatrix(second, first, 3)), 12);
        expect(kappa).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});
