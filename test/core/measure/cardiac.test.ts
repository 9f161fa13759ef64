import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardiacFunction, phaseCounts, voxelMl } from '../../../src-core/measure/cardiac.ts';

describe('cardiac function', () => {
  it('turns voxel counts into mL, percent and grams', () => {
    // 1.5 · 1.5 · 10 mm = 0.0225 mL a voxel.
    const diastole = { lv: 4000, rv: 5000, myocardium: 3000 };
    const { lv, rv, myocardialMassG } = cardiacFunction(diastole, { lv: 1600, rv: 2500 }, [10, 1.5, 1.5]);
    expect(lv.edvMl).toBeCloseTo(90, 9);
    expect(lv.esvMl).toBeCloseTo(36, 9);
    expect(lv.strokeVolumeMl).toBeCloseTo(54, 9);
    expect(lv.ejectionFraction).toBeCloseTo(60, 9);
    expect(rv.ejectionFraction).toBeCloseTo(50, 9);
    expect(myocardialMassG).toBeCloseTo(3000 * 0.0225 * 1.05, 9);
  });

  it('gives the ratios only when the spacing is unknown', () => {
    const { lv, myocardialMassG } = cardiacFunction({ lv: 100, myocardium: 10 }, { lv: 40 }, null);
    expect(lv.ejectionFraction).toBe(60);
    expect([lv.edvMl, lv.esvMl, lv.strokeVolumeMl, myocardialMassG]).toEqual([NaN, NaN, NaN, NaN]);
  });

  it('has no ejection fraction of an empty ventricle or a missing structure', () => {
    const { lv, rv } = cardiacFunction({ lv: 0 }, { lv: 10 }, [1, 1, 1]);
    expect(lv.ejectionFraction).toBeNaN();
    expect(lv.edvMl).toBe(0);
    expect(rv.edvMl).toBeNaN();
  });

  it('counts voxels by label, and nothing where a structure has no label', () => {
    expect(phaseCounts([0, 1, 3, 3, 255], { lv: 3, rv: 1 })).toEqual({ lv: 2, rv: 1, myocardium: undefined });
    expect(voxelMl([10, 2, 2])).toBeCloseTo(0.04, 12);
    expect(voxelMl(null)).toBeNaN();
  });

  it('keeps the ejection fraction whatever the spacing', () => {
    const size = fc.double({ min: 0.1, max: 20, noNaN: true });
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.tuple(size, size, size), (diastolic, systolic, spacing) => {
        const counts = [{ lv: diastolic + 1 }, { lv: systolic }] as const;
        const known = cardiacFunction(...counts, spacing).lv;
        expect(known.ejectionFraction).toBe(cardiacFunction(...counts, null).lv.ejectionFraction);
        expect(known.ejectionFraction).toBeCloseTo((100 * known.strokeVolumeMl) / known.edvMl, 5);
      }),
    );
  });
});
