// Overlap of one class between truth and prediction, and the mean of a measure over units (slices, volumes): method.md 8 and 10.
// A measure without a value (no pixel to divide by) is NaN; means leave it out and tell how many they left out.
import type { ConfusionMatrix } from './confusion.ts';

/** Pixels of one class in one unit. */
export interface OverlapCounts {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/** What Dice of a unit with neither a true nor a predicted pixel is: left out, or full agreement. */
export type EmptyUnit = 'skip' | 'one';

/** The counts of one label id, read from a confusion matrix. */
export function overlapCounts({ labels, counts }: ConfusionMatrix, label: number): OverlapCounts {
  if (!(label >= 0 && label < labels)) throw new RangeError(`label: expected 0 to ${labels - 1}, got ${label}`);
  const truePositive = counts[label * labels + label]!;
  let inTruth = 0;
  let inPrediction = 0;
  for (let other = 0; other < labels; other++) {
    inTruth += counts[label * labels + other]!;
    inPrediction += counts[other * labels + label]!;
  }
  return { truePositive, falsePositive: inPrediction - truePositive, falseNegative: inTruth - truePositive };
}

/** Dice similarity coefficient 2 TP / (2 TP + FP + FN); `empty` decides a unit without the class in either map. */
export function dice({ truePositive, falsePositive, falseNegative }: OverlapCounts, empty: EmptyUnit = 'skip'): number {
  const total = 2 * truePositive + falsePositive + falseNegative;
  if (total === 0) return empty === 'one' ? 1 : NaN;
  return (2 * truePositive) / total;
}

/** TP / (TP + FP + FN); NaN where the class is in neither map. */
export function intersectionOverUnion({ truePositive, falsePositive, falseNegative }: OverlapCounts): number {
  return truePositive / (truePositive + falsePositive + falseNegative);
}

/** TP / (TP + FP); NaN where nothing was predicted. */
export function precision({ truePositive, falsePositive }: OverlapCounts): number {
  return truePositive / (truePositive + falsePositive);
}

/** TP / (TP + FN); NaN where there was nothing to find. */
export function recall({ truePositive, falseNegative }: OverlapCounts): number {
  return truePositive / (truePositive + falseNegative);
}

/** Confusion ratio FP / TP; NaN, not infinity, where TP is 0. */
export function confusionRatio({ truePositive, falsePositive }: OverlapCounts): number {
  return truePositive === 0 ? NaN : falsePositive / truePositive;
}

/** A mean over the units that have a value. */
export interface MeanOfUnits {
  /** NaN when no unit has a value. */
  readonly value: number;
  readonly counted: number;
  /** Units without a value (NaN). */
  readonly leftOut: number;
}

/** The mean of the values that are not NaN, with the number of those and of the others. */
export function meanOfUnits(values: readonly number[]): MeanOfUnits {
  const present = values.filter((value) => !Number.isNaN(value));
  const sum = present.reduce((total, value) => total + value, 0);
  return { value: sum / present.length, counted: present.length, leftOut: values.length - present.length };
}

/** Mean intersection over union of one pooled matrix, background included, classes in neither map left out. */
export function meanIntersectionOverUnion(confusion: ConfusionMatrix): number {
  const labels = Array.from({ length: confusion.labels }, (_, label) => label);
  return meanOfUnits(labels.map((label) => intersectionOverUnion(overlapCounts(confusion, label)))).value;
}
