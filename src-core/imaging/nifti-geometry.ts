// Geometry of a NIfTI header: which of its matrices to believe, and the voxel spacing.
// Real files (ACDC among them) carry an sform of 1 mm voxels beside a correct qform, so readers that
// always prefer one of them get volumes wrong by an order of magnitude. Rule: spacing comes from pixdim;
// a matrix whose column lengths differ from pixdim by more than 1 % gives way to one that agrees, and the
// contradiction is reported.

/** Distances between voxel centres along i, j and k, in millimetres. */
export interface Spacing {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Three rows of four: voxel indices (i, j, k, 1) to millimetres. */
export type Affine = readonly [AffineRow, AffineRow, AffineRow];
export type AffineRow = readonly [number, number, number, number];

/** Where a volume lies in space, as far as its header can be believed. */
export interface Geometry {
  readonly affine: Affine;
  /** Which part of the header the affine is from; `pixdim`: sizes only, `axes`: directions of the axes, in other formats. */
  readonly source: 'sform' | 'qform' | 'pixdim' | 'axes';
  /** Null where the header does not say: units unset, or all ones with no matrix. Never guessed. */
  readonly spacing: Spacing | null;
  /** What is contradictory, in words; absent when the header agrees with itself. */
  readonly contradiction?: string;
}

/** The header fields that geometry is read from. */
export interface GeometryFields {
  /** pixdim[0..3]; the first is the handedness factor of the quaternion. */
  readonly pixdim: readonly number[];
  /** xyzt_units: low three bits 1 metre, 2 millimetre, 3 micrometre. */
  readonly units: number;
  readonly qformCode: number;
  readonly sformCode: number;
  /** b, c, d of the quaternion and the three offsets. */
  readonly quaternion: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
  readonly sform: Affine;
}

const TOLERATED_DISAGREEMENT = 0.01;
const MILLIMETRES_PER_UNIT: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 0.001 };

/** Chooses the matrix and the spacing of a header, and says where they contradict each other. */
export function resolveGeometry(fields: GeometryFields): Geometry {
  const steps = voxelSteps(fields.pixdim);
  const spacing = resolveSpacing(fields, steps);
  const candidates: { source: 'sform' | 'qform'; affine: Affine }[] = [];
  if (fields.sformCode > 0) candidates.push({ source: 'sform', affine: fields.sform });
  if (fields.qformCode > 0) candidates.push({ source: 'qform', affine: quaternionAffine(fields, steps) });
  const preferred = candidates[0];
  if (!preferred) return { affine: scaleAffine(steps), source: 'pixdim', spacing };
  if (agreesWithPixdim(preferred.affine, steps)) return { ...preferred, spacing };

  const other = candidates.find((candidate) => agreesWithPixdim(candidate.affine, steps));
  const lengths = columnLengths(preferred.affine).map(inWords).join(' x ');
  const said = `${preferred.source} says voxels of ${lengths}, pixdim says ${steps.map(inWords).join(' x ')}`;
  if (other) return { ...other, spacing, contradiction: `${said}; ${other.source} agrees with pixdim and is used` };
  return { ...preferred, spacing, contradiction: `${said}; sizes are taken from pixdim` };
}

/** The affine where the header states one and nothing in it speaks against it; null otherwise. */
export function trustedAffine({ affine, source, contradiction }: Geometry): Affine | null {
  return source === 'pixdim' || contradiction !== undefined ? null : affine;
}

function resolveSpacing(fields: GeometryFields, steps: readonly [number, number, number]): Spacing | null {
  const millimetres = MILLIMETRES_PER_UNIT[fields.units & 7];
  if (millimetres === undefined) return null;
  if (fields.pixdim.slice(1, 4).some((step) => !Number.isFinite(step) || step === 0)) return null;
  const untouched = steps.every((step) => step === 1) && fields.qformCode <= 0 && fields.sformCode <= 0;
  if (untouched) return null;
  return { x: steps[0] * millimetres, y: steps[1] * millimetres, z: steps[2] * millimetres };
}

/** |pixdim[1..3]|, 1 where it is missing or not a number, as the reference readers do. */
function voxelSteps(pixdim: readonly number[]): readonly [number, number, number] {
  const step = (axis: number): number => {
    const value = Math.abs(pixdim[axis] ?? 0);
    return Number.isFinite(value) && value > 0 ? value : 1;
  };
  return [step(1), step(2), step(3)];
}

function agreesWithPixdim(affine: Affine, steps: readonly [number, number, number]): boolean {
  return columnLengths(affine).every((length, axis) => {
    const step = steps[axis] ?? 1;
    return Math.abs(length - step) <= TOLERATED_DISAGREEMENT * step;
  });
}

function columnLengths(affine: Affine): readonly number[] {
  return [0, 1, 2].map((column) => Math.hypot(...affine.map((row) => row[column] ?? 0)));
}

/** Method 2 of nifti1.h: rotation from the quaternion, scaled by pixdim, k mirrored where pixdim[0] < 0. */
function quaternionAffine(fields: GeometryFields, steps: readonly [number, number, number]): Affine {
  const [b, c, d] = fields.quaternion;
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const [x, y] = steps;
  const z = (fields.pixdim[0] ?? 1) < 0 ? -steps[2] : steps[2];
  const [ox, oy, oz] = fields.offset;
  return [
    [(a * a + b * b - c * c - d * d) * x, 2 * (b * c - a * d) * y, 2 * (b * d + a * c) * z, ox],
    [2 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2 * (c * d - a * b) * z, oy],
    [2 * (b * d - a * c) * x, 2 * (c * d + a * b) * y, (a * a + d * d - b * b - c * c) * z, oz],
  ];
}

function scaleAffine([x, y, z]: readonly [number, number, number]): Affine {
  return [
    [x, 0, 0, 0],
    [0, y, 0, 0],
    [0, 0, z, 0],
  ];
}

function inWords(millimetres: number): string {
  return String(Number(millimetres.toPrecision(4)));
}

/** Geometry of formats that state the direction and step of each axis: vectors towards right, front and head, in millimetres. */
export function axesGeometry(
  axes: readonly (readonly [number, number, number])[],
  origin: readonly [number, number, number],
): Geometry {
  const lengths = axes.map((axis) => Math.hypot(...axis));
  const sound =
    axes.length === 3 && [...lengths, ...origin].every(Number.isFinite) && lengths.every((step) => step > 0);
  if (!sound) return sizesGeometry([]);
  const [i, j, k] = axes as [Axis, Axis, Axis]; // three, as checked
  // Adding 0 makes 0 of -0.
  const row = (at: 0 | 1 | 2): AffineRow => [i[at] + 0, j[at] + 0, k[at] + 0, origin[at] + 0];
  const [x, y, z] = lengths as [number, number, number];
  return { affine: [row(0), row(1), row(2)], source: 'axes', spacing: { x, y, z } };
}

type Axis = readonly [number, number, number];

/** Geometry of formats that state the sizes of voxels only, in millimetres; an empty list where they state nothing. */
export function sizesGeometry(steps: readonly number[]): Geometry {
  const [x, y, z] = steps;
  const known = [x, y, z].every((step) => step !== undefined && Number.isFinite(step) && step > 0);
  if (!known || x === undefined || y === undefined || z === undefined) {
    return { affine: scaleAffine([1, 1, 1]), source: 'pixdim', spacing: null };
  }
  return { affine: scaleAffine([x, y, z]), source: 'pixdim', spacing: { x, y, z } };
}
