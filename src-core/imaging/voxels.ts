// Stored voxel bytes to numbers, for every numeric type of volume files and both byte orders.
import type { VolumeHeader, VoxelType } from './volume-header.ts';

/** How raw voxels are to be read. */
export type VoxelLayout = Pick<VolumeHeader, 'voxelType' | 'bytesPerVoxel' | 'littleEndian' | 'slope' | 'intercept'>;

/** One value per voxel (three for rgb24), in storage order. */
export type VoxelValues =
  Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** Values of one slice, rows first, channels interleaved. */
export interface PlaneValues {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly values: VoxelValues;
}

/**
 * Numbers of consecutive voxels, slope and intercept applied.
 * The narrowest exact array is given; bytes are only copied where alignment, byte order or scaling need it.
 *
 * @param bytes - whole voxels as stored
 */
export function decodeVoxels(layout: VoxelLayout, bytes: Uint8Array): VoxelValues {
  const stored = storedValues(layout, bytes);
  if (layout.slope === 1 && layout.intercept === 0) return stored;
  const scaled = new Float64Array(stored.length);
  for (let index = 0; index < stored.length; index += 1) {
    scaled[index] = (stored[index] ?? 0) * layout.slope + layout.intercept;
  }
  return scaled;
}

function storedValues(layout: VoxelLayout, bytes: Uint8Array): VoxelValues {
  const { voxelType, bytesPerVoxel } = layout;
  if (voxelType === 'uint8' || voxelType === 'rgb24') return bytes;
  const count = Math.floor(bytes.length / bytesPerVoxel);
  if (voxelType === 'int8') return new Int8Array(bytes.buffer, bytes.byteOffset, count);
  if (voxelType === 'int64' || voxelType === 'uint64') return wideIntegers(layout, bytes, count);
  const aligned = layout.littleEndian ? copyAligned(bytes) : swapBytes(bytes, bytesPerVoxel);
  return typedView(voxelType, aligned, count);
}

function typedView(
  voxelType: Exclude<VoxelType, 'uint8' | 'int8' | 'rgb24' | 'int64' | 'uint64'>,
  bytes: Uint8Array,
  count: number,
): VoxelValues {
  switch (voxelType) {
    case 'uint16':
      return new Uint16Array(bytes.buffer, bytes.byteOffset, count);
    case 'int16':
      return new Int16Array(bytes.buffer, bytes.byteOffset, count);
    case 'uint32':
      return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
    case 'int32':
      return new Int32Array(bytes.buffer, bytes.byteOffset, count);
    case 'float32':
      return new Float32Array(bytes.buffer, bytes.byteOffset, count);
    case 'float64':
      return new Float64Array(bytes.buffer, bytes.byteOffset, count);
  }
}

/** 64-bit integers as doubles: exact to 2^53, beyond anything an image holds. */
function wideIntegers(layout: VoxelLayout, bytes: Uint8Array, count: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const wide =
      layout.voxelType === 'int64'
        ? view.getBigInt64(index * 8, layout.littleEndian)
        : view.getBigUint64(index * 8, layout.littleEndian);
    values[index] = Number(wide);
  }
  return values;
}

/** Typed arrays need an aligned start; 8 covers every type. */
function copyAligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}

function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = new Uint8Array(bytes.length);
  for (let start = 0; start + width <= bytes.length; start += width) {
    for (let byte = 0; byte < width; byte += 1) swapped[start + byte] = bytes[start + width - 1 - byte] ?? 0;
  }
  return swapped;
}
