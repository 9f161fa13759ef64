// Maps over a NIfTI image: the source's header is copied byte for byte, extensions included, so that any reader
// lays the map exactly over the image. Only these fields change: dim[0] and dim[4] (a phase of a 4-D source is 3-D),
// datatype, bitpix, slope and intercept (none), cal_min and cal_max (none), intent, and vox_offset where the
// source's was not where its voxels are. Voxels keep their storage order.
import type { NiftiHeader } from './nifti.ts';
import { phaseBytes } from './volume-header.ts';

/** Offsets of the changed fields. */
interface FieldOffsets {
  readonly dim: number;
  readonly dimBytes: 2 | 8;
  readonly datatype: number;
  readonly bitpix: number;
  readonly voxelOffset: number;
  readonly slope: number;
  readonly intercept: number;
  readonly calMax: number;
  readonly calMin: number;
  readonly intent: number;
}

const OFFSETS: Readonly<Record<1 | 2, FieldOffsets>> = {
  1: {
    dim: 40,
    dimBytes: 2,
    datatype: 70,
    bitpix: 72,
    voxelOffset: 108,
    slope: 112,
    intercept: 116,
    calMax: 124,
    calMin: 128,
    intent: 68,
  },
  2: {
    dim: 16,
    dimBytes: 8,
    datatype: 12,
    bitpix: 14,
    voxelOffset: 168,
    slope: 176,
    intercept: 184,
    calMax: 192,
    calMin: 200,
    intent: 504,
  },
};

const INTENT_NONE = 0;
const INTENT_LABEL = 1002;
const UINT8 = 2;
const FLOAT32 = 16;
const LABELS = { datatype: UINT8, bytes: 1, intent: INTENT_LABEL };
const VALUES = { datatype: FLOAT32, bytes: 4, intent: INTENT_NONE };

/**
 * Bytes of a .nii label map.
 *
 * @param header - parsed header of the source image
 * @param headerBytes - the source's first `header.voxelOffset` bytes, uncompressed
 * @param labels - one id a voxel of one phase, in storage order (i fastest, then j, then k)
 */
export function writeLabelVolume(header: NiftiHeader, headerBytes: Uint8Array, labels: Uint8Array): Uint8Array {
  return writeVolume(header, headerBytes, labels.length, 1, LABELS, (view, at) => bytesOf(view).set(labels, at));
}

/** Bytes of a .nii label map of every phase of a 4-D source, one after the other; parameters as for `writeLabelVolume`. */
export function writeLabelSeries(header: NiftiHeader, headerBytes: Uint8Array, labels: Uint8Array): Uint8Array {
  const write = (view: DataView, at: number): void => bytesOf(view).set(labels, at);
  return writeVolume(header, headerBytes, labels.length, header.phases, LABELS, write);
}

/**
 * Bytes of a .nii file of one phase of a 4-D source: its voxels as they are stored, its header but for the number of phases.
 *
 * @param voxels - stored bytes of the phase
 */
export function writePhaseVolume(header: NiftiHeader, headerBytes: Uint8Array, voxels: Uint8Array): Uint8Array {
  const expected = phaseBytes(header);
  if (voxels.length !== expected) throw new Error(`phase: expected ${expected} bytes of voxels, got ${voxels.length}`);
  const file = new Uint8Array(header.voxelOffset + voxels.length);
  file.set(headerBytes.subarray(0, header.voxelOffset));
  file.set(voxels, header.voxelOffset);
  const view = new DataView(file.buffer);
  setSinglePhase(view, header);
  setVoxelOffset(view, header);
  return file;
}

/** Bytes of a .nii map of float32 values, such as uncertainty; parameters as for `writeLabelVolume`. */
export function writeValueVolume(header: NiftiHeader, headerBytes: Uint8Array, values: Float32Array): Uint8Array {
  return writeVolume(header, headerBytes, values.length, 1, VALUES, (view, at) =>
    values.forEach((value, index) => view.setFloat32(at + index * 4, value, header.littleEndian)),
  );
}

function writeVolume(
  header: NiftiHeader,
  headerBytes: Uint8Array,
  count: number,
  phases: number,
  type: { readonly datatype: number; readonly bytes: number; readonly intent: number },
  fill: (view: DataView, at: number) => void,
): Uint8Array {
  const { width, height, slices, voxelOffset } = header;
  const voxels = width * height * slices * phases;
  if (count !== voxels) {
    const extents = [width, height, slices, ...(phases > 1 ? [phases] : [])].join(' x ');
    throw new Error(`map: expected ${extents} = ${voxels} values, got ${count}`);
  }
  if (headerBytes.length < voxelOffset) {
    throw new Error(`header: expected its ${voxelOffset} bytes up to the voxels, got ${headerBytes.length}`);
  }
  const file = new Uint8Array(voxelOffset + voxels * type.bytes);
  file.set(headerBytes.subarray(0, voxelOffset));
  const view = new DataView(file.buffer);
  setFields(view, header, type);
  if (phases === 1) setSinglePhase(view, header);
  fill(view, voxelOffset);
  return file;
}

function setFields(
  view: DataView,
  header: NiftiHeader,
  type: { datatype: number; bytes: number; intent: number },
): void {
  const at = OFFSETS[header.version];
  const { littleEndian } = header;
  const real = (offset: number, value: number): void =>
    header.version === 1 ? view.setFloat32(offset, value, littleEndian) : view.setFloat64(offset, value, littleEndian);
  view.setInt16(at.datatype, type.datatype, littleEndian);
  view.setInt16(at.bitpix, type.bytes * 8, littleEndian);
  real(at.slope, 1);
  real(at.intercept, 0);
  real(at.calMax, 0);
  real(at.calMin, 0);
  if (header.version === 1) view.setInt16(at.intent, type.intent, littleEndian);
  else view.setInt32(at.intent, type.intent, littleEndian);
  setVoxelOffset(view, header);
}

/** Some sources state another offset than that of their voxels. */
function setVoxelOffset(view: DataView, { version, littleEndian, voxelOffset }: NiftiHeader): void {
  const at = OFFSETS[version].voxelOffset;
  if (version === 1) view.setFloat32(at, voxelOffset, littleEndian);
  else view.setBigInt64(at, BigInt(voxelOffset), littleEndian);
}

function setSinglePhase(view: DataView, { version, rank, littleEndian }: NiftiHeader): void {
  if (rank <= 3) return;
  const at = OFFSETS[version];
  setDim(view, at, 0, 3, littleEndian);
  for (let axis = 4; axis <= rank; axis += 1) setDim(view, at, axis, 1, littleEndian);
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset);
}

function setDim(view: DataView, at: FieldOffsets, axis: number, extent: number, littleEndian: boolean): void {
  const offset = at.dim + axis * at.dimBytes;
  if (at.dimBytes === 2) view.setInt16(offset, extent, littleEndian);
  else view.setBigInt64(offset, BigInt(extent), littleEndian);
}
