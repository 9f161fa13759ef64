// How well the uncertainty map ranks error, pixel by pixel and slice by slice.
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';
import type { EvaluationVolume } from './evaluation-volume.ts';
import {
  createUncertaintyHistogram,
  riskCoverageArea,
  riskCoverageCurve,
  type RiskCoverageCurve,
} from './risk-coverage.ts';

/** Area under a risk-coverage curve beside what a useless ranking gives. */
export interface RankingArea {
  /** Lower is better. */
  readonly area: number;
  /** Mean error; the area of a ranking that knows nothing. */
  readonly uninformed: number;
  readonly units: number;
  readonly curve: RiskCoverageCurve;
}

export interface RankingReport {
  /** Every pixel is a unit; its error is 0 or 1. From a histogram: pixels whose uncertainty shares one of `bins` equal bins are ties. */
  readonly pixels: RankingArea & { readonly bins: number };
  /** Every slice is a unit: its share of wrong pixels, ranked by its mean uncertainty. */
  readonly slices: RankingArea;
}

/** Gathers volumes that have an uncertainty; `finish` gives null when none had. */
export function createRankingEvaluation(): { add(volume: EvaluationVolume): void; finish(): RankingReport | null } {
  const histogram = createUncertaintyHistogram();
  const sliceErrors: number[] = [];
  const sliceUncertainties: number[] = [];
  let pixels = 0;
  return {
    add({ shape, truth, prediction, uncertainty }) {
      if (!uncertainty) return;
      const sliceSize = shape[1] * shape[2];
      for (let slice = 0; slice < shape[0]; slice++) {
        let counted = 0;
        let wrong = 0;
        let total = 0;
        for (let i = slice * sliceSize; i < (slice + 1) * sliceSize; i++) {
          if (truth[i] === IGNORE) continue;
          const isWrong = truth[i] !== (prediction[i] === IGNORE ? BACKGROUND : prediction[i]);
          histogram.add(uncertainty[i]!, isWrong);
          counted++;
          total += uncertainty[i]!;
          if (isWrong) wrong++;
        }
        if (counted === 0) continue;
        pixels += counted;
        sliceErrors.push(wrong / counted);
        sliceUncertainties.push(total / counted);
      }
    },
    finish() {
      if (pixels === 0) return null;
      return {
        pixels: {
          area: histogram.area(),
          uninformed: histogram.errorRate(),
          units: pixels,
          bins: histogram.bins,
          curve: histogram.curve(),
        },
        slices: {
          area: riskCoverageArea(sliceErrors, sliceUncertainties),
          uninformed: sliceErrors.reduce((sum, error) => sum + error, 0) / sliceErrors.length,
          units: sliceErrors.length,
          curve: riskCoverageCurve(sliceErrors, sliceUncertainties),
        },
      };
    },
  };
}
