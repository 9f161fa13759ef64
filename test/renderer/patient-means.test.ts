import { describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../src-core/measure/report.ts';
import { patientMeans } from '../../src-renderer/views/results/patient-means.ts';

const report = (volumes: readonly object[]) =>
  ({ classes: [{ name: 'RV' }, { name: 'LV' }], volumes }) as unknown as EvaluationReport; // the rest is not read

describe('the means of a patient', () => {
  it('are those of the volumes that have a value, class by class', () => {
    const means = patientMeans(
      report([
        { patient: 'a', phase: 'ED', dice: [0.8, NaN], hausdorff95Mm: [4, null] },
        { patient: 'b', phase: 'ED', dice: [NaN, NaN], hausdorff95Mm: [null, null] },
        { patient: 'a', phase: 'ES', dice: [0.6, 0.9], hausdorff95Mm: [2, 3] },
      ]),
    );
    expect(means.map(({ patient, volumes }) => [patient, volumes])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(means[0]!.dice[0]).toBeCloseTo(0.7);
    expect(means[0]!.dice[1]).toBe(0.9);
    expect(means[0]!.meanDice).toBeCloseTo(0.8);
    expect(means[0]!.hausdorff95Mm).toEqual([3, 3]);
    expect(means[1]).toMatchObject({ dice: [null, null], hausdorff95Mm: [null, null], meanDice: null });
  });
});
