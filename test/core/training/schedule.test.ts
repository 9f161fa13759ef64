import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRateFactor, openGates, type GateShares } from '../../../src-core/training/schedule.ts';

const POLYNOMIAL = { total: 40, warmUpShare: 0.1, decay: 'polynomial', power: 0.9 } as const;

describe('learning rate', () => {
  it('rises in equal parts during the warm-up', () => {
    expect([0, 1, 2, 3].map((t) => learningRateFactor(POLYNOMIAL, t))).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it('decays as a power of what is left', () => {
    expect(learningRateFactor(POLYNOMIAL, 4)).toBe(1);
    // Half of the 36 iterations after the warm-up are done.
    expect(learningRateFactor(POLYNOMIAL, 22)).toBeCloseTo(0.5 ** 0.9, 12);
  });

  it('decays as half a cosine', () => {
    const cosine = { ...POLYNOMIAL, decay: 'cosine' } as const;
    expect(learningRateFactor(cosine, 22)).toBeCloseTo(0.5, 12);
    expect(learningRateFactor(cosine, 13)).toBeCloseTo(0.5 + Math.SQRT1_2 / 2, 12);
  });

  it('has no warm-up for a share of none, even in a run of one iteration', () => {
    expect(learningRateFactor({ ...POLYNOMIAL, warmUpShare: 0, total: 1 }, 0)).toBe(1);
  });

  it('lies in 0..1, never rises after the warm-up, and ends at 0', () => {
    const options = fc.record({
      total: fc.integer({ min: 1, max: 5000 }),
      warmUpShare: fc.double({ min: 0, max: 1, noNaN: true }),
      decay: fc.constantFrom('polynomial' as const, 'cosine' as const),
      power: fc.double({ min: 0.1, max: 4, noNaN: true }),
    });
    fc.assert(
      fc.property(options, fc.nat(5000), (given, t) => {
        const [now, next] = [learningRateFactor(given, t), learningRateFactor(given, t + 1)];
        expect(now).toBeGreaterThanOrEqual(0);
        expect(now).toBeLessThanOrEqual(1);
        if (t >= Math.round(given.warmUpShare * given.total)) expect(next).toBeLessThanOrEqual(now);
        expect(learningRateFactor(given, 2 * given.total + 1)).toBeCloseTo(0, 12);
      }),
    );
  });
});

describe('gates', () => {
  const shares: GateShares = {
    segmentation: 0.1,
    secondComplement: 0.3,
    auxiliaryToFinal: 0.4,
    extraComplement: null,
    uncertaintyAndAffinity: 0,
  };

  it('open at the first iteration that reaches their share', () => {
    expect(openGates(shares, 20, 1).segmentation).toBe(false);
    expect(openGates(shares, 20, 2).segmentation).toBe(true);
    // 30 % of 7 is 2.1: the third iteration is still before it.
    expect(openGates(shares, 7, 2).secondComplement).toBe(false);
    expect(openGates(shares, 7, 3).secondComplement).toBe(true);
  });

  it('never open without a share, and are open from the start with a share of none', () => {
    expect(openGates(shares, 20, 19)).toMatchObject({ extraComplement: false, uncertaintyAndAffinity: true });
    expect(openGates(shares, 20, 0)).toMatchObject({ auxiliaryToFinal: false, uncertaintyAndAffinity: true });
  });
});
