// Small NIfTI files for tests, field by field, so that every quirk of a header can be asked for.
import type { VoxelType } from '../../src-core/imaging/volume-header.ts';

/** Fields of a header; what is absent has a plain default. */
export interface NiftiFields {
  readonly version?: 1 | 2;
  readonly littleEndian?: boolean;
  readonly dims?: readonly number[];
  readonly type?: VoxelType;
  readonly datatype?: number;
  readonly bitpix?: number;
  readonly pixdim?: readonly number[];
  readonly units?: number;
  readonly slope?: number;
  readonly intercept?: number;
  readonly qform?: number;
  readonly sform?: number;
  readonly quaternion?: readonly [number, number, number];
  readonly offset?: readonly [number, number, number];
  readonly srow?: readonly number[];
  readonly magic?: string;
  /** What the header says; the voxels lie where they lie. */
  readonly statedOffset?: number;
  /** Bytes between header and voxels, the four of the extension flag not counted. */
  readonly extension?: Uint8Array;
}

const TYPES: Readonly<Record<VoxelType, readonly [code: number, bytes: number]>> = {
  uint8: [2, 1],
  int16: [4, 2],
  int32: [8, 4],
  float32: [16, 4],
  float64: [64, 8],
  rgb24: [128, 3],
  int8: [256, 1],
  uint16: [512, 2],
  uint32: [768, 4],
  int64: [1024, 8],
  uint64: [1280, 8],
};

/** Bytes of an uncompressed .nii file; values are stored as they are, i fastest. */
export function niftiBytes(fields: NiftiFields, values: readonly number[]): Uint8Array {
  const { version = 1, littleEndian = true, type = 'int16', extension = new Uint8Array() } = fields;
  const [code, width] = TYPES[type];
  const start = (version === 1 ? 352 : 544) + extension.length;
  const valueBytes = type === 'rgb24' ? 1 : width;
  const bytes = new Uint8Array(start + values.length * valueBytes);
  const view = new DataView(bytes.buffer);
  const resolved = { ...fields, datatype: fields.datatype ?? code, bitpix: fields.bitpix ?? width * 8 };
  if (version === 1) header1(view, littleEndian, resolved, start);
  else header2(view, littleEndian, resolved, start);
  if (extension.length > 0) view.setUint8(version === 1 ? 348 : 540, 1);
  bytes.set(extension, start - extension.length);
  values.forEach((value, index) => setValue(view, start + index * valueBytes, type, littleEndian, value));
  return bytes;
}

type Resolved = NiftiFields & { readonly datatype: number; readonly bitpix: number };

function header1(view: DataView, le: boolean, fields: Resolved, start: number): void {
  const dims = fields.dims ?? [1, 1, 1];
  view.setInt32(0, 348, le);
  [dims.length, ...dims].forEach((extent, axis) => view.setInt16(40 + axis * 2, extent, le));
  view.setInt16(70, fields.datatype, le);
  view.setInt16(72, fields.bitpix, le);
  (fields.pixdim ?? [1, 1, 1, 1]).forEach((step, axis) => view.setFloat32(76 + axis * 4, step, le));
  view.setFloat32(108, fields.statedOffset ?? start, le);
  view.setFloat32(112, fields.slope ?? 1, le);
  view.setFloat32(116, fields.intercept ?? 0, le);
  view.setUint8(123, fields.units ?? 10);
  view.setInt16(252, fields.qform ?? 0, le);
  view.setInt16(254, fields.sform ?? 0, le);
  (fields.quaternion ?? [0, 0, 0]).forEach((value, index) => view.setFloat32(256 + index * 4, value, le));
  (fields.offset ?? [0, 0, 0]).forEach((value, index) => view.setFloat32(268 + index * 4, value, le));
  (fields.srow ?? []).forEach((value, index) => view.setFloat32(280 + index * 4, value, le));
  setText(view, 344, fields.magic ?? 'n+1\0');
}

function header2(view: DataView, le: boolean, fields: Resolved, start: number): void {
  const dims = fields.dims ?? [1, 1, 1];
  view.setInt32(0, 540, le);
  setText(view, 4, fields.magic ?? 'n+2\0\r\n\x1a\n');
  view.setInt16(12, fields.datatype, le);
  view.setInt16(14, fields.bitpix, le);
  [dims.length, ...dims].forEach((extent, axis) => view.setBigInt64(16 + axis * 8, BigInt(extent), le));
  (fields.pixdim ?? [1, 1, 1, 1]).forEach((step, axis) => view.setFloat64(104 + axis * 8, step, le));
  view.setBigInt64(168, BigInt(fields.statedOffset ?? start), le);
  view.setFloat64(176, fields.slope ?? 1, le);
  view.setFloat64(184, fields.intercept ?? 0, le);
  view.setInt32(344, fields.qform ?? 0, le);
  view.setInt32(348, fields.sform ?? 0, le);
  (fields.srow ?? []).forEach((value, index) => view.setFloat64(400 + index * 8, value, le));
  view.setInt32(500, fields.units ?? 10, le);
}

function setText(view: DataView, at: number, text: string): void {
  for (let index = 0; index < text.length; index += 1) view.setUint8(at + index, text.charCodeAt(index));
}

function setValue(view: DataView, at: number, type: VoxelType, le: boolean, value: number): void {
  const write: Record<VoxelType, () => void> = {
    uint8: () => view.setUint8(at, value),
    rgb24: () => view.setUint8(at, value),
    int8: () => view.setInt8(at, value),
    uint16: () => view.setUint16(at, value, le),
    int16: () => view.setInt16(at, value, le),
    uint32: () => view.setUint32(at, value, le),
    int32: () => view.setInt32(at, value, le),
    uint64: () => view.setBigUint64(at, BigInt(value), le),
    int64: () => view.setBigInt64(at, BigInt(value), le),
    float32: () => view.setFloat32(at, value, le),
    float64: () => view.setFloat64(at, value, le),
  };
  write[type]();
}
