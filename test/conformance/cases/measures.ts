import { cardiacFunction, phaseCounts } from '../../../src-core/measure/cardiac.ts';
import { addToConfusion, confusionMatrix, emptyConfusion } from '../../../src-core/measure/confusion.ts';
import * as overlap from '../../../src-core/measure/overlap.ts';
import { riskCoverageArea } from '../../../src-core/measure/risk-coverage.ts';
import { hausdorff95, surfaceOf } from '../../../src-core/measure/surface-distance.ts';
import type { NpyArray } from '../npz.ts';
import { npy, npyScalar, type CaseMap, type CaseOutputs } from '../registry.ts';

/** Measures: segmentation_metrics, hd95, cardiac, risk_coverage_auc. Options have the types that the generator gave them. */
export const cases: CaseMap = {
  segmentation_metrics: ({ options, inputs }) => segmentationMetrics(options['classes'] as number, inputs),

  hd95({ options, inputs }) {
    const { a, b } = inputs as { a: NpyArray; b: NpyArray };
    const spacing = options['spacing'] as number[];
    return {
      max: npyScalar(hausdorff95(a.data, b.data, a.shape, spacing)),
      pooled: npyScalar(hausdorff95(a.data, b.data, a.shape, spacing, 'pooled')),
      surface: npy(a.shape, surfaceOf(a.data, a.shape)),
    };
  },

  cardiac({ options, inputs }) {
    const labels = { lv: options['lv'], rv: options['rv'], myocardium: options['myo'] } as Record<string, number>;
    const [ed, es] = ['ed', 'es'].map((phase) => phaseCounts(inputs[phase]!.data, labels));
    const { lv, rv, myocardialMassG } = cardiacFunction(ed!, es!, options['spacing'] as number[]);
    return {
      lv_edv: npyScalar(lv.edvMl),
      lv_esv: npyScalar(lv.esvMl),
      lv_ef: npyScalar(lv.ejectionFraction),
      rv_edv: npyScalar(rv.edvMl),
      rv_esv: npyScalar(rv.esvMl),
      rv_ef: npyScalar(rv.ejectionFraction),
      myo_mass: npyScalar(myocardialMassG),
    };
  },

  risk_coverage_auc: ({ inputs }) => ({
    auc: npyScalar(riskCoverageArea(inputs['loss']!.data, inputs['uncertainty']!.data)),
  }),
};

/** Every volume is a pair `pred_i`, `gt_i` of shape (slices, rows, columns). */
function segmentationMetrics(labels: number, inputs: Record<string, NpyArray>): CaseOutputs {
  const count = Object.keys(inputs).filter((name) => name.startsWith('gt_')).length;
  const volumes = Array.from({ length: count }, (_, i) => ({ truth: inputs[`gt_${i}`]!, got: inputs[`pred_${i}`]! }));
  const pooled = emptyConfusion(labels);
  for (const { truth, got } of volumes) addToConfusion(pooled, truth.data, got.data);
  const perVolume = volumes.map(({ truth, got }) => confusionMatrix(truth.data, got.data, labels));
  const perSlice = volumes.flatMap(({ truth, got }) => {
    const size = truth.shape[1]! * truth.shape[2]!;
    return Array.from({ length: truth.shape[0]! }, (_, slice) =>
      addToConfusion(emptyConfusion(labels), truth.data, got.data, slice * size, (slice + 1) * size),
    );
  });
  const ids = Array.from({ length: labels }, (_, label) => label);
  const outputs: CaseOutputs = {
    confusion: npy([labels, labels], pooled.counts),
    iou: npy(
      [labels],
      ids.map((id) => overlap.intersectionOverUnion(overlap.overlapCounts(pooled, id))),
    ),
    miou: npyScalar(overlap.meanIntersectionOverUnion(pooled)),
  };
  for (const label of ids.slice(1, -1)) {
    for (const [unit, matrices] of Object.entries({ pooled: [pooled], volume: perVolume, slice: perSlice })) {
      const counts = matrices.map((matrix) => overlap.overlapCounts(matrix, label));
      const put = (name: string, values: number[]) => {
        const { value, counted } = overlap.meanOfUnits(values);
        outputs[name] = npy([2], [value, counted]);
      };
      for (const empty of ['skip', 'one'] as const) {
        const values = counts.map((each) => overlap.dice(each, empty));
        put(`dsc_${label}_${unit}_${empty}`, values);
      }
      if (unit !== 'slice') put(`cr_${label}_${unit}`, counts.map(overlap.confusionRatio));
    }
  }
  return outputs;
}
