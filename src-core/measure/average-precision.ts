// Image-level average precision: how well a class's score ranks the images that show it above those that do not.
import { UNKNOWN } from '../review/tag.ts';

/**
 * Average precision Σ (R_k - R_{k-1}) P_k over the distinct scores from high to low, equal scores entering together;
 * NaN when no image shows the class.
 *
 * @param scores - one score per image
 * @param present - per image, non-zero where the class is present
 */
export function averagePrecision(scores: ArrayLike<number>, present: ArrayLike<number>): number {
  if (scores.length !== present.length) {
    throw new RangeError(`present: expected ${scores.length} values like the scores, got ${present.length}`);
  }
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const positives = order.filter((i) => present[i]).length;
  let found = 0;
  let foundBefore = 0;
  let total = 0;
  order.forEach((i, rank) => {
    if (present[i]) found++;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[i]) return; // the tie goes on
    total += (found - foundBefore) * (found / (rank + 1));
    foundBefore = found;
  });
  return total / positives;
}

export interface MeanAveragePrecision {
  /** Mean over the classes that any image shows; NaN when there is none. */
  readonly mean: number;
  /** Per class, NaN where no image shows it. */
  readonly perClass: readonly number[];
}

/**
 * Mean average precision over classes.
 *
 * @param scores - per image, one score per class
 * @param present - per image, 1, 0 or `UNKNOWN` per class; images whose tag says nothing of a class are left out of its ranking
 */
export function meanAveragePrecision(
  scores: readonly ArrayLike<number>[],
  present: readonly ArrayLike<number>[],
  classes: number,
): MeanAveragePrecision {
  const perClass = Array.from({ length: classes }, (_, index) => {
    const said = [...present.keys()].filter((image) => present[image]![index] !== UNKNOWN);
    return averagePrecision(
      said.map((image) => scores[image]![index]!),
      said.map((image) => present[image]![index]!),
    );
  });
  const known = perClass.filter((value) => !Number.isNaN(value));
  return { mean: known.reduce((sum, value) => sum + value, 0) / known.length, perClass };
}
