// The report of `unia evaluate`: every measure of method.md 8, from volumes that are added one at a time and not kept.
// A measure without a value is NaN here and `null` in JSON; means leave it out and tell how many units they left out.
import { IGNORE } from '../imaging/plane.ts';
import { createCardiacEvaluation, type CardiacNames, type CardiacReport } from './cardiac-report.ts';
import { addToConfusion, emptyConfusion, poolConfusion, type ConfusionMatrix } from './confusion.ts';
import type { EvaluationVolume } from './evaluation-volume.ts';
import * as overlap from './overlap.ts';
import { overlapCounts, type MeanOfUnits, type OverlapCounts } from './overlap.ts';
import { createRankingEvaluation, type RankingReport } from './ranking-report.ts';
import { hausdorff95 } from './surface-distance.ts';

export interface EvaluationOptions {
  /** Class names of the cardiac structures, compared without case; `LV`, `RV` and `MYO` and their usual spellings if absent. */
  readonly cardiacNames?: CardiacNames;
}

/** Measures of one class over all volumes. */
export interface ClassReport {
  readonly name: string;
  readonly dice: {
    readonly pooled: number;
    readonly perVolume: MeanOfUnits;
    readonly perSlice: MeanOfUnits;
    /** As above, with 1 for units that have the class in neither map, which are left out otherwise. */
    readonly perVolumeEmptyAsOne: MeanOfUnits;
    readonly perSliceEmptyAsOne: MeanOfUnits;
  };
  readonly intersectionOverUnion: number;
  readonly precision: number;
  readonly recall: number;
  /** FP / TP; a volume without a true positive is left out of the mean. */
  readonly confusionRatio: { readonly pooled: number; readonly perVolume: MeanOfUnits };
  /** Mean over volumes of known spacing in mm; volumes with an empty map are left out. */
  readonly hausdorff95Mm: MeanOfUnits;
}

/** Means of the foreground classes' values, those without one left out. */
export interface MeanReport {
  readonly dicePooled: number;
  readonly dicePerVolume: number;
  readonly dicePerSlice: number;
  readonly intersectionOverUnion: number;
  readonly precision: number;
  readonly recall: number;
  readonly confusionRatioPooled: number;
  readonly confusionRatioPerVolume: number;
  readonly hausdorff95Mm: number;
}

/** One volume's own values, per class. */
export interface VolumeReport {
  readonly id: string;
  readonly patient: string;
  readonly phase: 'ED' | 'ES' | null;
  readonly dice: readonly number[];
  readonly hausdorff95Mm: readonly number[];
}

export interface EvaluationReport {
  readonly counts: {
    readonly volumes: number;
    readonly patients: number;
    readonly slices: number;
    readonly pixels: number;
    readonly volumesWithoutSpacing: number;
  };
  readonly classes: readonly ClassReport[];
  readonly mean: MeanReport;
  /** Of the pooled matrix, background included. */
  readonly meanIntersectionOverUnion: number;
  /** Shares of all pixels that are 255. Ignored predictions count as background, ignored truth is left out. */
  readonly ignored: { readonly prediction: number; readonly truth: number };
  /** Null unless classes are named as cardiac structures and phases are known. */
  readonly cardiac: CardiacReport | null;
  /** Null when no volume has an uncertainty. */
  readonly ranking: RankingReport | null;
  readonly volumes: readonly VolumeReport[];
}

/** Gathers volumes; keeps counts of each, never its pixels. */
export interface Evaluation {
  add(volume: EvaluationVolume): void;
  finish(): EvaluationReport;
}

/** What is kept of a volume. */
interface VolumeCounts extends VolumeReport {
  readonly confusion: ConfusionMatrix;
  readonly slices: readonly ConfusionMatrix[];
}

/** An evaluation of foreground `classes`, whose label ids are their index + 1. */
export function createEvaluation(classes: readonly string[], options: EvaluationOptions = {}): Evaluation {
  const labels = classes.length + 1;
  const volumes: VolumeCounts[] = [];
  const ignored = { prediction: 0, truth: 0 };
  let pixels = 0;
  let withoutSpacing = 0;
  const cardiac = createCardiacEvaluation(classes, options.cardiacNames);
  const ranking = createRankingEvaluation();
  return {
    add(volume) {
      checkVolume(volume);
      volumes.push(countVolume(volume, classes.length));
      pixels += volume.truth.length;
      ignored.prediction += countIgnored(volume.prediction);
      ignored.truth += countIgnored(volume.truth);
      if (volume.spacing === null) withoutSpacing++;
      cardiac.add(volume);
      ranking.add(volume);
    },
    finish() {
      const pooled = emptyConfusion(labels);
      for (const { confusion } of volumes) poolConfusion(pooled, confusion);
      const reports = classes.map((name, index) => classReport(name, index, pooled, volumes));
      return {
        counts: {
          volumes: volumes.length,
          patients: new Set(volumes.map(({ patient }) => patient)).size,
          slices: volumes.reduce((sum, { slices }) => sum + slices.length, 0),
          pixels,
          volumesWithoutSpacing: withoutSpacing,
        },
        classes: reports,
        mean: meanReport(reports),
        meanIntersectionOverUnion: overlap.meanIntersectionOverUnion(pooled),
        ignored: { prediction: ignored.prediction / pixels, truth: ignored.truth / pixels },
        cardiac: cardiac.finish(),
        ranking: ranking.finish(),
        volumes: volumes.map(({ id, patient, phase, dice, hausdorff95Mm }) => ({
          id,
          patient,
          phase,
          dice,
          hausdorff95Mm,
        })),
      };
    },
  };
}

function checkVolume({ id, shape, prediction, truth, uncertainty }: EvaluationVolume): void {
  const expected = shape[0] * shape[1] * shape[2];
  for (const [name, map] of Object.entries({ prediction, truth, uncertainty })) {
    if (map !== undefined && map.length !== expected) {
      throw new RangeError(
        `${id}: expected a ${name} of ${expected} pixels for (${shape.join(', ')}), got ${map.length}`,
      );
    }
  }
}

function countVolume(volume: EvaluationVolume, classCount: number): VolumeCounts {
  const { id, patient, phase, shape, prediction, truth } = volume;
  const labels = classCount + 1;
  const sliceSize = shape[1] * shape[2];
  const slices = Array.from({ length: shape[0] }, (_, slice) =>
    addToConfusion(emptyConfusion(labels), truth, prediction, slice * sliceSize, (slice + 1) * sliceSize),
  );
  const confusion = emptyConfusion(labels);
  for (const slice of slices) poolConfusion(confusion, slice);
  const ids = Array.from({ length: classCount }, (_, index) => index + 1);
  return {
    id,
    patient,
    phase,
    slices,
    confusion,
    dice: ids.map((label) => overlap.dice(overlapCounts(confusion, label))),
    hausdorff95Mm: ids.map((label) => volumeHausdorff(volume, label)),
  };
}

/** HD95 of one class in mm. A volume of one slice is measured in its plane, where its outline is the surface. */
function volumeHausdorff({ shape, spacing, prediction, truth }: EvaluationVolume, label: number): number {
  if (spacing === null) return NaN;
  const inTruth = truth.map((id) => (id === label ? 1 : 0));
  const inPrediction = prediction.map((id, i) => (id === label && truth[i] !== IGNORE ? 1 : 0));
  const axes = shape[0] === 1 ? 1 : 0;
  return hausdorff95(inTruth, inPrediction, shape.slice(axes), spacing.slice(axes));
}

function classReport(
  name: string,
  index: number,
  pooledConfusion: ConfusionMatrix,
  volumes: readonly VolumeCounts[],
): ClassReport {
  const label = index + 1;
  const pooled = overlapCounts(pooledConfusion, label);
  const perVolume = volumes.map(({ confusion }) => overlapCounts(confusion, label));
  const perSlice = volumes.flatMap(({ slices }) => slices.map((slice) => overlapCounts(slice, label)));
  const withSpacing = volumes.map(({ hausdorff95Mm }) => hausdorff95Mm[index]!);
  return {
    name,
    dice: {
      pooled: overlap.dice(pooled),
      perVolume: meanDice(perVolume, 'skip'),
      perSlice: meanDice(perSlice, 'skip'),
      perVolumeEmptyAsOne: meanDice(perVolume, 'one'),
      perSliceEmptyAsOne: meanDice(perSlice, 'one'),
    },
    intersectionOverUnion: overlap.intersectionOverUnion(pooled),
    precision: overlap.precision(pooled),
    recall: overlap.recall(pooled),
    confusionRatio: {
      pooled: overlap.confusionRatio(pooled),
      perVolume: overlap.meanOfUnits(perVolume.map(overlap.confusionRatio)),
    },
    hausdorff95Mm: overlap.meanOfUnits(withSpacing),
  };
}

function meanDice(units: readonly OverlapCounts[], empty: overlap.EmptyUnit): MeanOfUnits {
  return overlap.meanOfUnits(units.map((counts) => overlap.dice(counts, empty)));
}

function meanReport(classes: readonly ClassReport[]): MeanReport {
  const meanOf = (value: (report: ClassReport) => number) => overlap.meanOfUnits(classes.map(value)).value;
  return {
    dicePooled: meanOf(({ dice }) => dice.pooled),
    dicePerVolume: meanOf(({ dice }) => dice.perVolume.value),
    dicePerSlice: meanOf(({ dice }) => dice.perSlice.value),
    intersectionOverUnion: meanOf(({ intersectionOverUnion }) => intersectionOverUnion),
    precision: meanOf(({ precision }) => precision),
    recall: meanOf(({ recall }) => recall),
    confusionRatioPooled: meanOf(({ confusionRatio }) => confusionRatio.pooled),
    confusionRatioPerVolume: meanOf(({ confusionRatio }) => confusionRatio.perVolume.value),
    hausdorff95Mm: meanOf(({ hausdorff95Mm }) => hausdorff95Mm.value),
  };
}

function countIgnored(map: Uint8Array): number {
  let count = 0;
  for (const id of map) if (id === IGNORE) count++;
  return count;
}
