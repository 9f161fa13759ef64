import { describe, expect, it } from 'vitest';
import { heartReport, type HeartPhase } from '../../../src-core/measure/heart-report.ts';

const phase = (phaseIndex: number, name: string, voxels: HeartPhase['voxels']): HeartPhase => ({
  ...{ phaseIndex, name, voxels },
  ...{ reviewed: 0, slices: 3 },
});
const LABELS = { rv: 1, myocardium: 2, lv: 3 };

describe('the report of a heart', () => {
  it('gives volumes in mL and the function from the phases that are named ED and ES', () => {
    const heart = heartReport(
      'p1',
      [phase(4, 'ES', [50, 90, 40]), phase(0, 'ED', [100, 80, 100]), phase(2, '', [70, 85, 60])],
      [10, 2, 2],
      LABELS,
    );
    expect(heart.phases.map(({ phaseIndex }) => phaseIndex)).toEqual([0, 2, 4]);
    expect(heart.voxelMl).toBeCloseTo(0.04, 12);
    expect(heart.function?.lv.ejectionFraction).toBeCloseTo(60, 12);
    expect(heart.function?.lv.edvMl).toBeCloseTo(4, 12);
    expect(heart.function?.myocardialMassG).toBeCloseTo(80 * 0.04 * 1.05, 12);
  });

  it('keeps ratios and gives no volumes where the spacing is not known', () => {
    const heart = heartReport('p1', [phase(0, 'ED', [0, 0, 10]), phase(1, 'ES', [0, 0, 5])], null, LABELS);
    expect(heart.voxelMl).toBeNull();
    expect(heart.function?.lv.ejectionFraction).toBe(50);
    expect(heart.function?.lv.edvMl).toBeNaN();
  });

  it('gives no function where ED or ES is missing or has slices without a mask', () => {
    expect(heartReport('p1', [phase(0, 'ED', [1, 1, 1])], null, LABELS).function).toBeNull();
    const incomplete = [phase(0, 'ED', [1, 1, 1]), phase(1, 'ES', null)];
    expect(heartReport('p1', incomplete, null, LABELS).function).toBeNull();
  });
});
