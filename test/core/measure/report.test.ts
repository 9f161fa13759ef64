import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EvaluationVolume } from '../../../src-core/measure/evaluation-volume.ts';
import { createEvaluation, type EvaluationReport } from '../../../src-core/measure/report.ts';
import { alignColumns, renderReport } from '../../../src-core/measure/report-table.ts';

const CLASSES = ['rv', 'MYO', ' Lv'];

/** Rows of digits as one slice, `x` ignored; slices apart by a space. */
function labels(...slices: string[]): Uint8Array {
  return Uint8Array.from([...slices.join('')], (digit) => (digit === 'x' ? 255 : Number(digit)));
}

function volume(parts: Partial<EvaluationVolume> & Pick<EvaluationVolume, 'truth' | 'prediction'>): EvaluationVolume {
  return { id: 'a', patient: 'p1', phase: null, spacing: null, shape: [1, 2, 4], ...parts };
}

function evaluate(classes: readonly string[], ...volumes: EvaluationVolume[]): EvaluationReport {
  const evaluation = createEvaluation(classes);
  volumes.forEach((each) => evaluation.add(each));
  return evaluation.finish();
}

describe('the evaluation report', () => {
  it('tells pooled, per volume and per slice apart', () => {
    // Volume a: slices with TP 1 FP 1 FN 0 and nothing at all. Volume b: TP 0 FP 1 FN 2.
    const report = evaluate(
      ['LV'],
      volume({ shape: [2, 1, 4], truth: labels('1000', '0000'), prediction: labels('1100', '0000') }),
      volume({ id: 'b', shape: [1, 1, 4], truth: labels('0110'), prediction: labels('1000') }),
    );
    const { dice, confusionRatio, intersectionOverUnion, precision, recall } = report.classes[0]!;
    expect(dice.pooled).toBeCloseTo(2 / 6, 12);
    expect(dice.perVolume).toEqual({ value: (2 / 3 + 0) / 2, counted: 2, leftOut: 0 });
    expect(dice.perSlice).toEqual({ value: (2 / 3 + 0) / 2, counted: 2, leftOut: 1 });
    expect(dice.perSliceEmptyAsOne.value).toBeCloseTo((2 / 3 + 1 + 0) / 3, 12);
    expect(intersectionOverUnion).toBeCloseTo(1 / 5, 12);
    expect(precision).toBeCloseTo(1 / 3, 12);
    expect(recall).toBeCloseTo(1 / 3, 12);
    expect(confusionRatio).toEqual({ pooled: 2, perVolume: { value: 1, counted: 1, leftOut: 1 } });
    expect(report.counts).toEqual({ volumes: 2, patients: 1, slices: 3, pixels: 12, volumesWithoutSpacing: 2 });
  });

  it('takes ignored predictions as background, leaves ignored truth out, and tells both shares', () => {
    const report = evaluate(['LV'], volume({ truth: labels('11x0', '0000'), prediction: labels('1x1x', '0000') }));
    expect(report.ignored).toEqual({ prediction: 2 / 8, truth: 1 / 8 });
    expect(report.classes[0]!.precision).toBe(1);
    expect(report.classes[0]!.recall).toBe(0.5);
  });

  it('measures HD95 where the spacing is known and both maps show the class', () => {
    const truth = labels('1000', '0000');
    const prediction = labels('0010', '0000');
    const spacing = [10, 1.5, 2] as const;
    const { hausdorff95Mm } = evaluate(
      ['LV'],
      volume({ truth, prediction, spacing }),
      volume({ id: 'b', truth, prediction }),
      volume({ id: 'c', truth, prediction: labels('0000', '0000'), spacing }),
    ).classes[0]!;
    expect(hausdorff95Mm).toEqual({ value: 4, counted: 1, leftOut: 2 });
  });

  it('compares cardiac function over the patients with both phases', () => {
    const spacing = [10, 10, 10] as const; // 1 mL a voxel
    const phases = (patient: string, ed: [string, string], es: [string, string]) =>
      (['ED', 'ES'] as const).map((phase, i) => {
        const [truth, prediction] = [ed, es][i]!.map((digits) => labels(digits)) as [Uint8Array, Uint8Array];
        return volume({ id: patient + phase, patient, phase, spacing, truth, prediction });
      });
    const { cardiac } = evaluate(
      CLASSES,
      ...phases('p1', ['33332221', '33322221'], ['33222211', '33222211']),
      ...phases('p2', ['33330000', '33330000'], ['30000000', '33000000']),
    );
    const measure = Object.fromEntries(cardiac!.measures.map((each) => [each.name, each]));
    expect(measure['LV EDV']).toMatchObject({ unit: 'mL', meanTruth: 4, meanPrediction: 3.5, bias: -0.5, patients: 2 });
    // Truth 50 and 75 %, prediction 33.3 and 50 %.
    expect(measure['LV EF']!.meanTruth).toBeCloseTo(62.5, 9);
    expect(measure['LV EF']!.bias).toBeCloseTo((-50 / 3 - 25) / 2, 9);
    expect(measure['LV EF']!.meanAbsoluteError).toBeCloseTo((50 / 3 + 25) / 2, 9);
    expect(measure['LV EF']!.standardDeviation).toBeCloseTo((25 - 50 / 3) / Math.SQRT2, 9);
    // Patient 2 has no right ventricle at end-diastole.
    expect(measure['RV EF']).toMatchObject({ patients: 1, meanTruth: -100 });
    expect(measure['Myocardial mass']!.meanTruth).toBeCloseTo((3 * 1.05) / 2, 9);
  });

  it('gives ejection fractions without spacing, and refuses a phase given twice', () => {
    const ed = volume({ phase: 'ED', truth: labels('1111', '0000'), prediction: labels('1111', '0000') });
    const es = volume({ phase: 'ES', truth: labels('1000', '0000'), prediction: labels('1100', '0000') });
    const { cardiac } = evaluate(['LV'], ed, es);
    expect(cardiac!.measures.map(({ name, bias }) => [name, bias])).toEqual([['LV EF', -25]]);
    expect(() => evaluate(['LV'], ed, ed)).toThrow(/patient p1: expected one volume of phase ED/);
    expect(evaluate(['cat'], ed, es).cardiac).toBeNull();
  });

  it('ranks error by uncertainty, by pixel and by slice', () => {
    const { ranking } = evaluate(
      ['LV'],
      volume({
        shape: [2, 1, 4],
        truth: labels('1111', '0000'),
        prediction: labels('1110', '0000'),
        uncertainty: Float32Array.of(0.1, 0.2, 0.3, 0.9, 0, 0, 0, 0),
      }),
    );
    expect(ranking!.pixels).toMatchObject({ area: 1 / 8 / 8, uninformed: 1 / 8, units: 8 });
    expect(ranking!.slices).toEqual({
      ...{ area: 1 / 8 / 2, uninformed: 1 / 8, units: 2 },
      curve: { coverage: [0.5, 1], risk: [0, 1 / 8] },
    });
    expect(evaluate(['LV'], volume({ truth: labels('11110000'), prediction: labels('11110000') })).ranking).toBeNull();
  });

  it('refuses maps that do not fill the shape, by name', () => {
    const truth = labels('0000', '0000');
    expect(() => evaluate(['LV'], volume({ truth, prediction: labels('0') }))).toThrow(
      /a: expected a prediction of 8 pixels for \(1, 2, 4\), got 1/,
    );
    expect(() => evaluate(['LV'], volume({ truth, prediction: truth, uncertainty: new Float32Array(3) }))).toThrow(
      /uncertainty of 8/,
    );
  });

  it('has nothing to say of nothing, without failing', () => {
    const report = evaluate(['LV']);
    expect(report.classes[0]!.dice.pooled).toBeNaN();
    expect(report.meanIntersectionOverUnion).toBeNaN();
    expect(JSON.parse(JSON.stringify(report)).ignored).toEqual({ prediction: null, truth: null });
    expect(renderReport(report)).toContain('0 volumes of 0 patients');
  });

  it('gives a perfect prediction 1 in every class it shows', () => {
    const map = fc.array(fc.constantFrom(0, 1, 2, 3), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(map, { minLength: 1, maxLength: 4 }), (maps) => {
        const volumes = maps.map((ids, i) => {
          const truth = Uint8Array.from(ids);
          return volume({ id: `v${i}`, truth, prediction: truth, spacing: [8, 1, 1] });
        });
        for (const [index, report] of evaluate(CLASSES, ...volumes).classes.entries()) {
          if (!maps.flat().some((label) => label === index + 1)) continue;
          expect([report.dice.pooled, report.dice.perVolume.value, report.precision, report.recall]).toEqual([
            1, 1, 1, 1,
          ]);
          expect(report.confusionRatio.pooled).toBe(0);
          expect(report.hausdorff95Mm.value).toBe(0);
        }
      }),
    );
  });
});

describe('the report as a table', () => {
  it('aligns its columns', () => {
    expect(
      alignColumns([
        ['name', 'n'],
        ['a', '10'],
      ]),
    ).toBe('name   n\n--------\na     10');
    expect(alignColumns([])).toBe('');
  });

  it('shows every class, the heart, the ranking and what is left out', () => {
    const spacing = [10, 10, 10] as const;
    const uncertainty = new Float32Array(8);
    const text = renderReport(
      evaluate(
        CLASSES,
        volume({ phase: 'ED', truth: labels('33332221'), prediction: labels('3333222x'), spacing, uncertainty }),
        volume({ phase: 'ES', truth: labels('33222211'), prediction: labels('33222211'), uncertainty }),
      ),
    );
    expect(text).toMatch(/^class +DSC pooled/m);
    expect(text).toMatch(/^mean +0\.9/m);
    expect(text).toMatch(/^LV EF \(%\) +50\.0 +50\.0 +0\.0 +- +0\.0 +1$/m);
    expect(text).toMatch(/^error of pixels +0\.0625/m);
    expect(text).toContain('6.3 % of the prediction (taken as background)');
    expect(text).toContain('1 volume without a known pixel size');
    expect(text).not.toContain('NaN');
    expect(text.endsWith('\n')).toBe(true);
  });
});
