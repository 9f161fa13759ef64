// How a plane is laid on the canvas and which letters stand at its edges: radiological convention, the patient's left on the
// viewer's right. A choice of display only; stored pixels are never turned. What the header does not say is never guessed.
import type { Affine, Spacing } from '../../src-core/imaging/nifti-geometry.ts';
import type { Placement, Point } from './viewport.ts';

/** What is known of where a plane lies. */
export interface PlaneGeometry {
  /** Columns, rows and slices to millimetres towards right, front and head; null where it is unknown or contradictory. */
  readonly affine: Affine | null;
  /** Null where it is unknown. */
  readonly spacing: Spacing | null;
}

/** Letters at the edges of the canvas. */
export interface EdgeLetters {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

type Vector = readonly [number, number, number];

export const UNKNOWN_LETTERS: EdgeLetters = { left: '?', right: '?', top: '?', bottom: '?' };

/** Positive and negative end of each axis. */
const ENDS = [
  ['R', 'L'],
  ['A', 'P'],
  ['S', 'I'],
] as const;
/** A second letter is named from 22.5° on, where it is nearer to the diagonal than to the axis. */
const SECOND_LETTER = Math.sin(Math.PI / 8);
/** Rows and columns are exchanged only where that is clearly nearer to the convention. */
const CLEARLY = 1.2;

/** Whether the directions of the patient are known. */
export function isOriented({ affine }: PlaneGeometry): boolean {
  return affine !== null && isSound(axis(affine, 0)) && isSound(axis(affine, 1));
}

/** How the plane is laid on the canvas: as stored where its directions are unknown. */
export function placementOf(geometry: PlaneGeometry): Placement {
  const aspect = geometry.spacing ? geometry.spacing.y / geometry.spacing.x : 1;
  const stored = { column: { x: 1, y: 0 }, row: { x: 0, y: aspect } };
  const { affine } = geometry;
  if (!affine || !isOriented(geometry)) return stored;
  const [columns, rows] = [axis(affine, 0), axis(affine, 1)];
  const [right, down] = conventionOf(cross(columns, rows));
  const straight = Math.abs(dot(columns, right)) + Math.abs(dot(rows, down));
  const exchanged = Math.abs(dot(columns, down)) + Math.abs(dot(rows, right));
  const sign = (value: number): number => (value < 0 ? -1 : 1);
  if (exchanged > CLEARLY * straight) {
    return {
      column: { x: 0, y: sign(dot(columns, down)) },
      row: { x: aspect * sign(dot(rows, right)), y: 0 },
    };
  }
  return {
    column: { x: sign(dot(columns, right)), y: 0 },
    row: { x: 0, y: aspect * sign(dot(rows, down)) },
  };
}

/** Letters of the directions that the edges of the canvas point to; "?" where they are unknown or contradictory. */
export function edgeLetters(geometry: PlaneGeometry, placement: Placement): EdgeLetters {
  const { affine } = geometry;
  if (!affine || !isOriented(geometry)) return UNKNOWN_LETTERS;
  const along = (column: number, row: number): string =>
    letters(sum(scaled(axis(affine, 0), column), scaled(axis(affine, 1), row)));
  const { column, row } = placement;
  const at = (x: number, y: number): string => along(side(column, x, y), side(row, x, y));
  return { left: at(-1, 0), right: at(1, 0), top: at(0, -1), bottom: at(0, 1) };
}

/** Which way a stored axis goes along a direction of the screen. */
function side(step: Point, x: number, y: number): number {
  return Math.sign(step.x * x + step.y * y);
}

/** What the convention puts to the right and at the bottom, for a plane across this normal. */
function conventionOf(normal: Vector): readonly [Vector, Vector] {
  const [x, y, z] = normal.map(Math.abs) as [number, number, number]; // a vector has three
  const [left, back, feet]: Vector[] = [
    [-1, 0, 0],
    [0, -1, 0],
    [0, 0, -1],
  ];
  if (z >= x && z >= y) return [left!, back!];
  return y >= x ? [left!, feet!] : [back!, feet!];
}

function letters(direction: Vector): string {
  const parts = direction
    .map((value, i) => ({ size: Math.abs(value), letter: ENDS[i as 0 | 1 | 2][value < 0 ? 1 : 0] }))
    .sort((a, b) => b.size - a.size);
  return parts
    .filter(({ size }, place) => place === 0 || (place === 1 && size >= SECOND_LETTER))
    .map(({ letter }) => letter)
    .join('');
}

/** Direction of a stored axis, of length 1. */
function axis(affine: Affine, column: 0 | 1): Vector {
  const [x, y, z] = [affine[0][column], affine[1][column], affine[2][column]];
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function isSound(vector: Vector): boolean {
  return vector.every(Number.isFinite);
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function scaled(a: Vector, by: number): Vector {
  return [a[0] * by, a[1] * by, a[2] * by];
}

function sum(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
