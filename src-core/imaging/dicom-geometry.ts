// Where the slices of a DICOM series lie: their order along the normal, the spacing and the affine.
// DICOM counts millimetres towards the patient's left and back, everything else here towards right and front.
import type { DicomFrame } from './dicom-header.ts';
import type { Affine, Spacing } from './nifti-geometry.ts';

export type Vector = readonly [number, number, number];

/** Directions that differ by less than this in any component are the same. */
const SAME_DIRECTION = 1e-3;
/** Gaps between slices may differ by this share of their mean. */
const EVEN_GAPS = 0.02;

/** Distance along the slices' normal; undefined where position or orientation is not stated. */
export function placeAlongNormal({ position, columns, rows }: DicomFrame): number | undefined {
  if (!position || !columns || !rows) return undefined;
  const normal = cross(columns, rows);
  return position[0] * normal[0] + position[1] * normal[1] + position[2] * normal[2];
}

/** How the pixels of a frame follow each other. */
type FrameGrid = Pick<DicomFrame, 'columns' | 'rows' | 'columnStep' | 'rowStep'>;

/** Whether two frames look the same way and have pixels of one size. */
export function isParallel(a: FrameGrid, b: FrameGrid): boolean {
  const pairs: (readonly [Vector | undefined, Vector | undefined])[] = [
    [a.columns, b.columns],
    [a.rows, b.rows],
  ];
  return (
    pairs.every(([one, other]) => one === other || (one && other && isSame(one, other))) &&
    isSameStep(a.rowStep, b.rowStep) &&
    isSameStep(a.columnStep, b.columnStep)
  );
}

/** Geometry of slices in order. */
export interface StackGeometry {
  /** Null where the files do not say. */
  readonly spacing: Spacing | null;
  /** Columns, rows and slices to millimetres towards right, front and head; null where the files do not say. */
  readonly affine: Affine | null;
  /** What is doubtful, in words. */
  readonly doubt?: string;
}

/** Spacing and affine of slices that are in order along their normal. */
export function stackGeometry(slices: readonly DicomFrame[]): StackGeometry {
  const [first, last] = [slices[0], slices.at(-1)];
  if (!first || !last) return { spacing: null, affine: null };
  const { position, columns, rows, columnStep: x, rowStep: y } = first;
  if (!isStep(x) || !isStep(y)) return { spacing: null, affine: null };
  const gaps = gapsOf(slices);
  const gap = gaps.length > 0 ? gaps.reduce((sum, each) => sum + each, 0) / gaps.length : undefined;
  const z = gap ?? first.sliceStep;
  const spacing = isStep(z) ? { x, y, z } : null;
  if (!position || !columns || !rows || !spacing || !isFrame(columns, rows)) return { spacing, affine: null };
  const normal = cross(columns, rows);
  const between: Vector =
    gap === undefined || !last.position
      ? scaled(normal, spacing.z)
      : scaled(difference(last.position, position), 1 / gaps.length);
  const affine = affineOf(scaled(columns, x), scaled(rows, y), between, position);
  const [least, most] = [Math.min(...gaps), Math.max(...gaps)];
  if (gap === undefined || most - least <= EVEN_GAPS * gap) return { spacing, affine };
  const doubt = `the slices lie ${inWords(least)} to ${inWords(most)} mm apart; ${inWords(gap)} mm, their mean, is used`;
  return { spacing, affine, doubt };
}

function gapsOf(slices: readonly DicomFrame[]): number[] {
  const places = slices.map(placeAlongNormal);
  if (places.some((place) => place === undefined)) return [];
  return places.slice(1).map((place, index) => place! - places[index]!); // checked above
}

/** Towards left and back become towards right and front. */
function affineOf(i: Vector, j: Vector, k: Vector, origin: Vector): Affine {
  const row = (axis: 0 | 1 | 2, sign: number) =>
    // Adding 0 makes 0 of -0.
    [sign * i[axis] + 0, sign * j[axis] + 0, sign * k[axis] + 0, sign * origin[axis] + 0] as const;
  return [row(0, -1), row(1, -1), row(2, 1)];
}

function isFrame(columns: Vector, rows: Vector): boolean {
  const upright = columns[0] * rows[0] + columns[1] * rows[1] + columns[2] * rows[2];
  const lengths = [columns, rows].map((vector) => Math.hypot(...vector));
  return Math.abs(upright) < 0.01 && lengths.every((length) => Math.abs(length - 1) < 0.01);
}

function isSame(a: Vector, b: Vector): boolean {
  return a.every((value, axis) => Math.abs(value - b[axis]!) < SAME_DIRECTION);
}

function isSameStep(a: number | undefined, b: number | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && Math.abs(a - b) <= SAME_DIRECTION * a);
}

function isStep(step: number | undefined): step is number {
  return step !== undefined && Number.isFinite(step) && step > 0;
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function difference(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function scaled(vector: Vector, by: number): Vector {
  return [vector[0] * by, vector[1] * by, vector[2] * by];
}

function inWords(millimetres: number): string {
  return String(Number(millimetres.toPrecision(4)));
}
