// What the volumes of a patient say together.
import type { EvaluationReport } from '../../../src-core/measure/report.ts';

/** One patient: means over the volumes that have a value; null where none has. */
export interface PatientMeans {
  readonly patient: string;
  readonly volumes: number;
  /** Of each class, in the project's order. */
  readonly dice: readonly (number | null)[];
  readonly hausdorff95Mm: readonly (number | null)[];
  /** Over the classes. */
  readonly meanDice: number | null;
}

/** Every patient of a report, in its order. */
export function patientMeans({ volumes, classes }: EvaluationReport): PatientMeans[] {
  const each = classes.map((_, i) => i);
  return [...Map.groupBy(volumes, ({ patient }) => patient)].map(([patient, own]) => {
    const dice = each.map((i) => mean(own.map((volume) => volume.dice[i])));
    return {
      ...{ patient, volumes: own.length, dice, meanDice: mean(dice) },
      hausdorff95Mm: each.map((i) => mean(own.map((volume) => volume.hausdorff95Mm[i]))),
    };
  });
}

function mean(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value): value is number => Number.isFinite(value));
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
