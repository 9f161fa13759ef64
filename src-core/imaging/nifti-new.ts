// A NIfTI-1 header for volumes that came in another format: their size, spacing and affine, and nothing else.
import type { Affine, Spacing } from './nifti-geometry.ts';
import { parseNiftiHeader, type NiftiHeader } from './nifti.ts';
import { isRefusal } from './refusal.ts';
import { VOXEL_BYTES, type VoxelType } from './volume-header.ts';

/** What the header is to say. */
export interface NewVolume {
  readonly width: number;
  readonly height: number;
  readonly slices: number;
  readonly voxelType: Exclude<VoxelType, 'rgb24'>;
  /** Null where it is not known; the header then says so by leaving out the unit. */
  readonly spacing: Spacing | null;
  readonly affine: Affine | null;
}

const HEADER_BYTES = 348;
/** The header and four bytes that say "no extension". */
const VOXELS_AT = 352;
const MILLIMETRES = 2;
/** "Coordinates of the scanner". */
const SCANNER = 1;
const CODES: Readonly<Record<NewVolume['voxelType'], number>> = {
  uint8: 2,
  int16: 4,
  int32: 8,
  float32: 16,
  float64: 64,
  int8: 256,
  uint16: 512,
  uint32: 768,
  int64: 1024,
  uint64: 1280,
};

/** A header, as values and as the bytes that come before the voxels. Little-endian. */
export function newNiftiHeader(volume: NewVolume): { readonly header: NiftiHeader; readonly headerBytes: Uint8Array } {
  const { width, height, slices, voxelType, spacing, affine } = volume;
  const headerBytes = new Uint8Array(VOXELS_AT);
  const view = new DataView(headerBytes.buffer);
  view.setInt32(0, HEADER_BYTES, true);
  [3, width, height, slices, 1, 1, 1, 1].forEach((extent, axis) => view.setInt16(40 + axis * 2, extent, true));
  view.setInt16(70, CODES[voxelType], true);
  view.setInt16(72, VOXEL_BYTES[voxelType] * 8, true);
  const { x, y, z } = spacing ?? { x: 1, y: 1, z: 1 };
  [1, x, y, z].forEach((step, axis) => view.setFloat32(76 + axis * 4, step, true));
  view.setFloat32(108, VOXELS_AT, true);
  view.setFloat32(112, 1, true);
  view.setUint8(123, spacing ? MILLIMETRES : 0);
  if (affine) {
    view.setInt16(254, SCANNER, true);
    affine.flat().forEach((value, index) => view.setFloat32(280 + index * 4, value, true));
  }
  headerBytes.set([0x6e, 0x2b, 0x31], 344); // n+1
  const header = parseNiftiHeader(headerBytes);
  if (isRefusal(header)) throw new Error(`volume: expected ${header.expected}, got ${header.found}`);
  return { header, headerBytes };
}
