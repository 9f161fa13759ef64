// NIfTI-1 and NIfTI-2 single files (.nii): header fields, and where each slice lies in the bytes.
// Own reader, because the header is untrusted: sizes are checked before anything is allocated, big-endian
// 64-bit fields are read exactly, extensions are only copied, and the geometry follows our rule.
import { resolveGeometry, type Affine, type AffineRow } from './nifti-geometry.ts';
import { refuse, type Refusal } from './refusal.ts';
import { phaseBytes, refuseExtents, VOXEL_BYTES, type VolumeHeader, type VoxelType } from './volume-header.ts';

/** What a NIfTI header says, checked. */
export interface NiftiHeader extends VolumeHeader {
  readonly version: 1 | 2;
  /** dim[0], the number of axes stated: 2, 3 or 4 here (longer ones only when their extent is 1). */
  readonly rank: number;
  /** Byte at which the voxels begin. */
  readonly voxelOffset: number;
}

/** Bytes of the header that `parseNiftiHeader` needs at least: NIfTI-2 with its extension flag. */
export const NIFTI_HEADER_BYTES = 544;

const VOXEL_TYPES: Readonly<Record<number, VoxelType>> = {
  2: 'uint8',
  4: 'int16',
  8: 'int32',
  16: 'float32',
  64: 'float64',
  128: 'rgb24',
  256: 'int8',
  512: 'uint16',
  768: 'uint32',
  1024: 'int64',
  1280: 'uint64',
};

/** Reads and checks a header from the first bytes of an uncompressed file (544, or the whole file if it is shorter). */
export function parseNiftiHeader(bytes: Uint8Array): NiftiHeader | Refusal {
  if (bytes.length < 352) return refuse('a NIfTI header of 348 bytes and 4 more', `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layout = detectLayout(view);
  if (!layout) return refuse('a NIfTI header (348 or 540 in its first four bytes)', `${view.getInt32(0, true)}`);
  if (layout.version === 2 && bytes.length < 540)
    return refuse('a NIfTI-2 header of 540 bytes', `${bytes.length} bytes`);
  const raw = layout.version === 1 ? readFields1(view, layout.littleEndian) : readFields2(view, layout.littleEndian);
  if (raw.magic === 'ni1' || raw.magic === 'ni2') {
    return refuse('a single file with header and voxels (.nii)', 'the header of a .hdr/.img pair');
  }
  if (raw.magic !== `n+${layout.version}`)
    return refuse(`the magic word n+${layout.version}`, JSON.stringify(raw.magic));
  return checkFields(raw, layout.version, layout.littleEndian);
}

/** Bytes that a whole file must have, header included. */
export function niftiFileBytes(header: NiftiHeader): number {
  return header.voxelOffset + header.phases * phaseBytes(header);
}

interface RawFields {
  readonly magic: string;
  readonly dim: readonly number[];
  readonly datatype: number;
  readonly bitpix: number;
  readonly pixdim: readonly number[];
  readonly voxelOffset: number;
  readonly slope: number;
  readonly intercept: number;
  readonly units: number;
  readonly qformCode: number;
  readonly sformCode: number;
  readonly quaternion: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
  readonly sform: Affine;
}

function detectLayout(view: DataView): { version: 1 | 2; littleEndian: boolean } | undefined {
  for (const littleEndian of [true, false]) {
    const size = view.getInt32(0, littleEndian);
    if (size === 348) return { version: 1, littleEndian };
    if (size === 540) return { version: 2, littleEndian };
  }
  return undefined;
}

function checkFields(raw: RawFields, version: 1 | 2, littleEndian: boolean): NiftiHeader | Refusal {
  const rank = raw.dim[0] ?? 0;
  if (rank < 2 || rank > 7) return refuse('2 to 7 axes in dim[0]', `${rank}`);
  const extents = raw.dim.slice(1, rank + 1);
  const voxelType = VOXEL_TYPES[raw.datatype];
  if (!voxelType) return refuse('a real-valued or RGB voxel type', `datatype code ${raw.datatype}`);
  const wrongExtents = refuseExtents(extents, voxelType);
  if (wrongExtents) return wrongExtents;
  const [width = 1, height = 1, slices = 1, phases = 1] = extents;
  const bytesPerVoxel = VOXEL_BYTES[voxelType];
  if (raw.bitpix !== bytesPerVoxel * 8) {
    return refuse(`bitpix ${bytesPerVoxel * 8} for ${voxelType}`, `bitpix ${raw.bitpix}`);
  }
  const voxelOffset = resolveVoxelOffset(raw.voxelOffset, version);
  if (voxelOffset === undefined) return refuse('a whole number of bytes in vox_offset', `${raw.voxelOffset}`);
  // A slope of 0 or not a number means "none" in the standard.
  const scaled = Number.isFinite(raw.slope) && raw.slope !== 0;
  return {
    version,
    littleEndian,
    rank,
    width,
    height,
    slices,
    phases,
    voxelType,
    bytesPerVoxel,
    voxelOffset,
    slope: scaled ? raw.slope : 1,
    intercept: scaled && Number.isFinite(raw.intercept) ? raw.intercept : 0,
    geometry: resolveGeometry(raw),
  };
}

/** Some writers leave 0 (or less than the header) in a single file; the voxels then follow the header. */
function resolveVoxelOffset(stated: number, version: 1 | 2): number | undefined {
  const least = version === 1 ? 352 : 544;
  if (!Number.isSafeInteger(stated) || stated < 0) return undefined;
  return Math.max(stated, least);
}

function readFields1(view: DataView, littleEndian: boolean): RawFields {
  const short = (at: number): number => view.getInt16(at, littleEndian);
  const float = (at: number): number => view.getFloat32(at, littleEndian);
  const row = (at: number): AffineRow => [float(at), float(at + 4), float(at + 8), float(at + 12)];
  return {
    magic: readText(view, 344, 4),
    dim: Array.from({ length: 8 }, (_, axis) => short(40 + axis * 2)),
    datatype: short(70),
    bitpix: short(72),
    pixdim: Array.from({ length: 8 }, (_, axis) => float(76 + axis * 4)),
    voxelOffset: float(108),
    slope: float(112),
    intercept: float(116),
    units: view.getUint8(123),
    qformCode: short(252),
    sformCode: short(254),
    quaternion: [float(256), float(260), float(264)],
    offset: [float(268), float(272), float(276)],
    sform: [row(280), row(296), row(312)],
  };
}

function readFields2(view: DataView, littleEndian: boolean): RawFields {
  const double = (at: number): number => view.getFloat64(at, littleEndian);
  const long = (at: number): number => Number(view.getBigInt64(at, littleEndian));
  const row = (at: number): AffineRow => [double(at), double(at + 8), double(at + 16), double(at + 24)];
  return {
    magic: readText(view, 4, 4),
    dim: Array.from({ length: 8 }, (_, axis) => long(16 + axis * 8)),
    datatype: view.getInt16(12, littleEndian),
    bitpix: view.getInt16(14, littleEndian),
    pixdim: Array.from({ length: 8 }, (_, axis) => double(104 + axis * 8)),
    voxelOffset: long(168),
    slope: double(176),
    intercept: double(184),
    units: view.getInt32(500, littleEndian),
    qformCode: view.getInt32(344, littleEndian),
    sformCode: view.getInt32(348, littleEndian),
    quaternion: [double(352), double(360), double(368)],
    offset: [double(376), double(384), double(392)],
    sform: [row(400), row(432), row(464)],
  };
}

function readText(view: DataView, at: number, length: number): string {
  let text = '';
  for (let index = at; index < at + length && view.getUint8(index) !== 0; index += 1) {
    text += String.fromCharCode(view.getUint8(index));
  }
  return text;
}
