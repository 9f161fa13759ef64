// NIfTI-1 bytes of the synthetic phantom, with the header that ACDC files have: an sform of 1 mm voxels that contradicts
// the true qform, and the spacing in pixdim. Fields and offsets: nifti1.h.
import type { Phantom } from './phantom.ts';

const HEADER_BYTES = 352;
const UINT8 = 2;
const INT16 = 4;
/** xyzt_units: millimetres and seconds. */
const MM_AND_SECONDS = 2 + 8;
const DESCRIPTION = 'synthetic phantom';
/** b, c, d of a unit quaternion: the slices stand oblique in the body, as short-axis slices do. */
const ORIENTATION = [0.36, 0.48, 0.64] as const;
const ORIGIN_MM = [-92, -118, 41] as const;

/** Which of the two matrices claims to be the better one. */
export interface FormCodes {
  readonly sform: number;
  readonly qform: number;
}

/** An uncompressed file of one or more phases; 3-D for one, 4-D for more. Intensities are int16, labels uint8. */
export function phantomNifti(
  phantom: Phantom,
  volumes: readonly (Int16Array | Uint8Array)[],
  codes: FormCodes,
): Uint8Array {
  const [first] = volumes;
  if (!first) throw new Error('phantom volumes: expected one or more, got none');
  const { size, slices, spacing, secondsPerPhase } = phantom;
  const volumeBytes = first.byteLength;
  const bytes = new Uint8Array(HEADER_BYTES + volumes.length * volumeBytes);
  const view = new DataView(bytes.buffer);
  const short = (at: number, values: readonly number[]) => values.forEach((v, i) => view.setInt16(at + 2 * i, v, true));
  const float = (at: number, values: readonly number[]) =>
    values.forEach((v, i) => view.setFloat32(at + 4 * i, v, true));
  const text = (at: number, value: string) =>
    bytes.set(
      Uint8Array.from(value, (letter) => letter.charCodeAt(0)),
      at,
    );

  view.setInt32(0, 348, true);
  short(40, [volumes.length > 1 ? 4 : 3, size, size, slices, volumes.length, 1, 1, 1]); // dim
  short(70, first instanceof Int16Array ? [INT16, 16] : [UINT8, 8]); // datatype, bitpix
  float(76, [1, spacing.x, spacing.y, spacing.z, secondsPerPhase, 1, 1, 1]); // qfac and pixdim
  float(108, [HEADER_BYTES, 1, 0]); // vox_offset, scl_slope, scl_inter
  view.setUint8(123, MM_AND_SECONDS);
  text(148, DESCRIPTION);
  short(252, [codes.qform, codes.sform]);
  float(256, [...ORIENTATION, ...ORIGIN_MM]);
  float(280, [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0]); // the sform of 1 mm voxels
  text(344, 'n+1');

  volumes.forEach((volume, i) => {
    const at = HEADER_BYTES + i * volumeBytes;
    if (volume instanceof Uint8Array) bytes.set(volume, at);
    else volume.forEach((value, k) => view.setInt16(at + 2 * k, value, true));
  });
  return bytes;
}
