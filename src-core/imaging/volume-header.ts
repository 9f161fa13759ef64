// What every volume format says of its voxels, in one form.
import type { Geometry } from './nifti-geometry.ts';
import { refuse, type Refusal } from './refusal.ts';

/** How one voxel value is stored. */
export type VoxelType =
  'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'uint64' | 'int64' | 'float32' | 'float64' | 'rgb24';

/** A checked header. Axis order is storage order: i fastest, then j, k, time. */
export interface VolumeHeader {
  readonly littleEndian: boolean;
  readonly width: number;
  readonly height: number;
  readonly slices: number;
  readonly phases: number;
  readonly voxelType: VoxelType;
  readonly bytesPerVoxel: number;
  /** Stored value · slope + intercept is the value meant; 1 and 0 where the header states none. */
  readonly slope: number;
  readonly intercept: number;
  readonly geometry: Geometry;
}

/** A header with the place of its voxels, for formats whose voxels may lie in another file or be packed as a whole. */
export interface StoredVolume {
  readonly header: VolumeHeader;
  /** File beside the header's that holds the voxels; absent where they follow the header. */
  readonly dataFile?: string;
  /** Byte at which they begin; `fromEnd` where they are what the file ends with. */
  readonly offset: number | 'fromEnd';
  readonly packing: 'none' | 'gzip' | 'zlib';
  /** Whether the values of all phases lie together at each voxel, instead of one phase after another. */
  readonly phasesTogether: boolean;
}

/** Bytes of a voxel of each type. */
export const VOXEL_BYTES: Readonly<Record<VoxelType, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float32: 4,
  float64: 8,
  rgb24: 3,
};

/** Largest single phase that is ever held in memory. */
const MAX_PHASE_BYTES = 2 ** 31 - 1;

/** Bytes of one phase (one volume of a 4-D file). */
export function phaseBytes(header: Pick<VolumeHeader, 'width' | 'height' | 'slices' | 'bytesPerVoxel'>): number {
  return header.slices * planeBytes(header);
}

/** Bytes of one slice. */
export function planeBytes({
  width,
  height,
  bytesPerVoxel,
}: Pick<VolumeHeader, 'width' | 'height' | 'bytesPerVoxel'>): number {
  return width * height * bytesPerVoxel;
}

/** Why extents cannot be read; undefined where they can. They come from a file and may be anything. */
export function refuseExtents(extents: readonly number[], type: VoxelType): Refusal | undefined {
  const stated = extents.join(' x ');
  if (extents.some((extent) => !Number.isSafeInteger(extent) || extent < 1)) return refuse('axes of 1 or more', stated);
  if (extents.slice(4).some((extent) => extent > 1)) return refuse('at most 4 axes (x, y, z, time)', stated);
  const [width = 1, height = 1, slices = 1, phases = 1] = extents;
  const perPhase = width * height * slices * VOXEL_BYTES[type];
  if (perPhase <= MAX_PHASE_BYTES && Number.isSafeInteger(perPhase * phases)) return undefined;
  return refuse('a volume of less than 2 GiB', `${stated} of ${type}, ${perPhase} bytes a volume`);
}

/** Size and type in words. */
export function describeVolume({ width, height, slices, phases, voxelType }: VolumeHeader): string {
  return `${[width, height, slices, ...(phases > 1 ? [phases] : [])].join(' x ')} voxels of ${voxelType}`;
}
