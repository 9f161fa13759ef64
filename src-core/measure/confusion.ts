// Confusion matrix between two label maps, from which every overlap measure is read.
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';

/** Pixels by truth (row) and prediction (column); entry of truth t and prediction p is `counts[t · labels + p]`. */
export interface ConfusionMatrix {
  /** Number of label ids, background included. */
  readonly labels: number;
  readonly counts: Float64Array;
}

/** A matrix of zeros for `labels` label ids, background included. */
export function emptyConfusion(labels: number): ConfusionMatrix {
  return { labels, counts: new Float64Array(labels * labels) };
}

/**
 * Counts the pixels from `start` to `end` of two label maps. Pixels that the truth ignores (255) are left out; pixels that the
 * prediction ignores count as predicted background.
 *
 * @param into - matrix that the counts are added to, for pooling over units
 */
export function addToConfusion(
  into: ConfusionMatrix,
  truth: ArrayLike<number>,
  prediction: ArrayLike<number>,
  start = 0,
  end = truth.length,
): ConfusionMatrix {
  if (truth.length !== prediction.length) {
    throw new RangeError(`prediction: expected ${truth.length} labels like the truth, got ${prediction.length}`);
  }
  const { labels, counts } = into;
  for (let i = start; i < end; i++) {
    const wanted = truth[i]!;
    if (wanted === IGNORE) continue;
    const got = prediction[i]! === IGNORE ? BACKGROUND : prediction[i]!;
    if (wanted >= labels || got >= labels) {
      throw new RangeError(`label map: expected ids below ${labels} or ${IGNORE}, got ${Math.max(wanted, got)}`);
    }
    counts[wanted * labels + got]!++;
  }
  return into;
}

/** The confusion matrix of one pair of label maps; `labels` counts the background. */
export function confusionMatrix(
  truth: ArrayLike<number>,
  prediction: ArrayLike<number>,
  labels: number,
): ConfusionMatrix {
  return addToConfusion(emptyConfusion(labels), truth, prediction);
}

/** Adds the counts of `other` to `into`. */
export function poolConfusion(into: ConfusionMatrix, other: ConfusionMatrix): ConfusionMatrix {
  if (into.labels !== other.labels) {
    throw new RangeError(`confusion matrix: expected ${into.labels} labels, got ${other.labels}`);
  }
  other.counts.forEach((count, i) => (into.counts[i]! += count));
  return into;
}
