// Volumes, ejection fraction and myocardial mass from label maps of end-diastole (ED) and end-systole (ES): method.md 10.

/** Density of myocardium in g/mL. */
export const MYOCARDIUM_DENSITY = 1.05;

/** Voxels of the three structures in one phase; undefined where the classes do not hold it. */
export interface PhaseCounts {
  readonly lv?: number | undefined;
  readonly rv?: number | undefined;
  readonly myocardium?: number | undefined;
}

/** One ventricle over the cycle. Volumes in mL are NaN without spacing; what lacks a phase is NaN. */
export interface VentricleFunction {
  readonly edvMl: number;
  readonly esvMl: number;
  /** EDV - ESV in mL. */
  readonly strokeVolumeMl: number;
  /** (EDV - ESV) / EDV in percent; a ratio, known without spacing. Negative when ES is the larger. */
  readonly ejectionFraction: number;
}

export interface CardiacFunction {
  readonly lv: VentricleFunction;
  readonly rv: VentricleFunction;
  /** Mass in g at end-diastole. */
  readonly myocardialMassG: number;
}

/** Label ids of the structures. */
export interface CardiacLabels {
  readonly lv?: number | undefined;
  readonly rv?: number | undefined;
  readonly myocardium?: number | undefined;
}

/** Counts the voxels of each structure in a label map. */
export function phaseCounts(map: ArrayLike<number>, labels: CardiacLabels): PhaseCounts {
  return {
    lv: countOf(map, labels.lv),
    rv: countOf(map, labels.rv),
    myocardium: countOf(map, labels.myocardium),
  };
}

function countOf(map: ArrayLike<number>, label: number | undefined): number | undefined {
  if (label === undefined) return undefined;
  let count = 0;
  for (let i = 0; i < map.length; i++) if (map[i] === label) count++;
  return count;
}

/** The volume of one voxel in mL, NaN when the spacing is unknown. */
export function voxelMl(spacingMm: readonly number[] | null): number {
  return spacingMm === null ? NaN : spacingMm.reduce((product, size) => product * size, 1) / 1000;
}

/**
 * Cardiac function from voxel counts. Both phases must lie on the same grid: they are two frames of one scan.
 *
 * @param spacingMm - voxel size per axis; null gives the ejection fractions only
 */
export function cardiacFunction(
  endDiastole: PhaseCounts,
  endSystole: PhaseCounts,
  spacingMm: readonly number[] | null,
): CardiacFunction {
  const ml = voxelMl(spacingMm);
  return {
    lv: ventricle(endDiastole.lv, endSystole.lv, ml),
    rv: ventricle(endDiastole.rv, endSystole.rv, ml),
    myocardialMassG: (endDiastole.myocardium ?? NaN) * ml * MYOCARDIUM_DENSITY,
  };
}

function ventricle(diastolic = NaN, systolic = NaN, ml: number): VentricleFunction {
  return {
    edvMl: diastolic * ml,
    esvMl: systolic * ml,
    strokeVolumeMl: (diastolic - systolic) * ml,
    // Of no voxels at end-diastole nothing can be ejected: NaN, even where the systolic map has some.
    ejectionFraction: diastolic === 0 ? NaN : (100 * (diastolic - systolic)) / diastolic,
  };
}
