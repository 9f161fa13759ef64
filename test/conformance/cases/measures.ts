import type { CaseMap } from '../registry.ts';

/** Measures: segmentation_metrics, hd95, cardiac, risk_coverage_auc. */
export const cases: CaseMap = {};
