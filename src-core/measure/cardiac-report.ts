// Cardiac function of every patient from truth and prediction, and how far the two lie apart.
import {
  cardiacFunction,
  phaseCounts,
  voxelMl,
  type CardiacFunction,
  type CardiacLabels,
  type PhaseCounts,
} from './cardiac.ts';
import type { EvaluationVolume } from './evaluation-volume.ts';

/** Class names of each structure, compared without case. */
export interface CardiacNames {
  readonly lv: readonly string[];
  readonly rv: readonly string[];
  readonly myocardium: readonly string[];
}

/** Spellings met in public cardiac data sets. */
export const CARDIAC_NAMES: CardiacNames = {
  lv: ['LV', 'LVC', 'left ventricle', 'left ventricular cavity', 'LV cavity'],
  rv: ['RV', 'RVC', 'right ventricle', 'right ventricular cavity', 'RV cavity'],
  myocardium: ['MYO', 'LVM', 'myocardium', 'LV myocardium', 'left ventricular myocardium'],
};

/** One measure over patients: prediction against truth. */
export interface CardiacMeasure {
  readonly name: string;
  readonly unit: 'mL' | '%' | 'g';
  readonly meanTruth: number;
  readonly meanPrediction: number;
  /** Mean of prediction - truth. */
  readonly bias: number;
  readonly meanAbsoluteError: number;
  /** Of the differences, unbiased; limits of agreement are bias ± 1.96 of it. */
  readonly standardDeviation: number;
  /** Patients for whom both are known. */
  readonly patients: number;
}

export interface CardiacReport {
  readonly measures: readonly CardiacMeasure[];
  readonly patients: readonly {
    readonly patient: string;
    readonly truth: CardiacFunction;
    readonly prediction: CardiacFunction;
  }[];
}

interface Phase {
  readonly truth: PhaseCounts;
  readonly prediction: PhaseCounts;
  readonly spacing: EvaluationVolume['spacing'];
}

const MEASURES: readonly {
  readonly name: string;
  readonly unit: CardiacMeasure['unit'];
  readonly of: (heart: CardiacFunction) => number;
}[] = [
  { name: 'LV EDV', unit: 'mL', of: ({ lv }) => lv.edvMl },
  { name: 'LV ESV', unit: 'mL', of: ({ lv }) => lv.esvMl },
  { name: 'LV SV', unit: 'mL', of: ({ lv }) => lv.strokeVolumeMl },
  { name: 'LV EF', unit: '%', of: ({ lv }) => lv.ejectionFraction },
  { name: 'RV EDV', unit: 'mL', of: ({ rv }) => rv.edvMl },
  { name: 'RV ESV', unit: 'mL', of: ({ rv }) => rv.esvMl },
  { name: 'RV SV', unit: 'mL', of: ({ rv }) => rv.strokeVolumeMl },
  { name: 'RV EF', unit: '%', of: ({ rv }) => rv.ejectionFraction },
  { name: 'Myocardial mass', unit: 'g', of: ({ myocardialMassG }) => myocardialMassG },
];

/** The label ids of the structures among foreground classes. */
export function cardiacLabels(classes: readonly string[], names: CardiacNames = CARDIAC_NAMES): CardiacLabels {
  const labelOf = (spellings: readonly string[]) => {
    const wanted = spellings.map((name) => name.toLowerCase());
    const index = classes.findIndex((name) => wanted.includes(name.trim().toLowerCase()));
    return index < 0 ? undefined : index + 1;
  };
  return { lv: labelOf(names.lv), rv: labelOf(names.rv), myocardium: labelOf(names.myocardium) };
}

/** Gathers the phases of patients; `finish` gives null when no class is a structure or no phase is known. */
export function createCardiacEvaluation(
  classes: readonly string[],
  names?: CardiacNames,
): { add(volume: EvaluationVolume): void; finish(): CardiacReport | null } {
  const labels = cardiacLabels(classes, names);
  const known = Object.values(labels).some((label) => label !== undefined);
  const patients = new Map<string, Partial<Record<'ED' | 'ES', Phase>>>();
  return {
    add({ patient, phase, truth, prediction, spacing }) {
      if (!known || phase === null) return;
      const phases = patients.get(patient) ?? {};
      if (phases[phase]) throw new Error(`patient ${patient}: expected one volume of phase ${phase}, got two`);
      phases[phase] = { truth: phaseCounts(truth, labels), prediction: phaseCounts(prediction, labels), spacing };
      patients.set(patient, phases);
    },
    finish() {
      if (patients.size === 0) return null;
      const rows = [...patients].map(([patient, phases]) => ({
        patient,
        truth: heartOf(phases, 'truth'),
        prediction: heartOf(phases, 'prediction'),
      }));
      const measures = MEASURES.map((measure) => compare(measure, rows)).filter((measure) => measure.patients > 0);
      return { measures, patients: rows };
    },
  };
}

function heartOf({ ED, ES }: Partial<Record<'ED' | 'ES', Phase>>, source: 'truth' | 'prediction'): CardiacFunction {
  const spacing = ED && ES ? ES.spacing && ED.spacing : (ED ?? ES)!.spacing;
  // One phase of unknown size leaves ratios only. Frames of one scan share a grid; where they do not, end-systole is counted in voxels of end-diastole.
  const ratio = ED?.spacing && ES?.spacing ? voxelMl(ES.spacing) / voxelMl(ED.spacing) : 1;
  return cardiacFunction(ED?.[source] ?? {}, scaled(ES?.[source] ?? {}, ratio), spacing);
}

function scaled({ lv, rv }: PhaseCounts, ratio: number): PhaseCounts {
  return { lv: lv === undefined ? lv : lv * ratio, rv: rv === undefined ? rv : rv * ratio };
}

function compare({ name, unit, of }: (typeof MEASURES)[number], rows: CardiacReport['patients']): CardiacMeasure {
  const pairs = rows
    .map(({ truth, prediction }) => ({ truth: of(truth), prediction: of(prediction) }))
    .filter(({ truth, prediction }) => !Number.isNaN(truth) && !Number.isNaN(prediction));
  const differences = pairs.map(({ truth, prediction }) => prediction - truth);
  const bias = mean(differences);
  const squares = differences.map((difference) => (difference - bias) ** 2);
  return {
    name,
    unit,
    meanTruth: mean(pairs.map(({ truth }) => truth)),
    meanPrediction: mean(pairs.map(({ prediction }) => prediction)),
    bias,
    meanAbsoluteError: mean(differences.map(Math.abs)),
    standardDeviation: pairs.length < 2 ? NaN : Math.sqrt((mean(squares) * pairs.length) / (pairs.length - 1)),
    patients: pairs.length,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
