// Volumes of every structure over the cycle of one patient, from label maps alone: no truth is needed.
import { cardiacFunction, voxelMl, type CardiacFunction, type CardiacLabels } from './cardiac.ts';

/** What is counted in one phase. */
export interface HeartPhase {
  /** Number of the phase in its recording, from 0. */
  readonly phaseIndex: number;
  /** `ED`, `ES`, or empty. */
  readonly name: string;
  /** Voxels of each class, in the project's order; null unless every slice has a mask. */
  readonly voxels: readonly number[] | null;
  /** Slices that a person has reviewed, and all. */
  readonly reviewed: number;
  readonly slices: number;
}

/** One patient's heart. */
export interface HeartReport {
  readonly patient: string;
  /** Volume of a voxel in mL; null where the spacing is not known: ratios hold, volumes do not. */
  readonly voxelMl: number | null;
  /** In the order of the cycle. */
  readonly phases: readonly HeartPhase[];
  /** From ED to ES; null where either is missing or incomplete. Values are NaN as `CardiacFunction` says. */
  readonly function: CardiacFunction | null;
}

/** Sums up a patient's phases. ED and ES are those that the source names. */
export function heartReport(
  patient: string,
  phases: readonly HeartPhase[],
  spacingMm: readonly number[] | null,
  labels: CardiacLabels,
): HeartReport {
  const ordered = phases.toSorted((a, b) => a.phaseIndex - b.phaseIndex);
  const countsAt = (name: string) => {
    const voxels = ordered.find((phase) => phase.name === name)?.voxels;
    const of = (label: number | undefined) => (label === undefined ? undefined : voxels?.[label - 1]);
    return voxels ? { lv: of(labels.lv), rv: of(labels.rv), myocardium: of(labels.myocardium) } : undefined;
  };
  const [diastole, systole] = [countsAt('ED'), countsAt('ES')];
  return {
    patient,
    voxelMl: spacingMm === null ? null : voxelMl(spacingMm),
    phases: ordered,
    function: diastole && systole ? cardiacFunction(diastole, systole, spacingMm) : null,
  };
}
