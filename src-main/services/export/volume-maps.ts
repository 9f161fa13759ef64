// Masks, uncertainty and images of whole volumes as NIfTI: on the header of their source where that is NIfTI, else on a
// new one with the geometry that the project knows.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { newNiftiHeader } from '../../../src-core/imaging/nifti-new.ts';
import { writePhaseVolume } from '../../../src-core/imaging/nifti-writer.ts';
import type { NiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { IGNORE } from '../../../src-core/imaging/plane.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import type { VoxelType } from '../../../src-core/imaging/volume-header.ts';
import type { VoxelValues } from '../../../src-core/imaging/voxels.ts';
import { openNiftiFile, readNiftiHeaderBytes } from '../nifti-file.ts';
import type { Project, ProjectVolume } from '../project.ts';
import { SourceDecoder } from '../source-decoder.ts';
import { locateSource } from '../source-files.ts';
import { translateLabels, type LabelIds } from './label-ids.ts';
import type { MaskSelection, SelectedVolume } from './mask-selection.ts';

/** A NIfTI header as values and as bytes. */
export interface VolumeHeaderBytes {
  readonly header: NiftiHeader;
  readonly headerBytes: Uint8Array;
}

/** Decoded slices kept while a volume is put together. */
const CACHE_BYTES = 64 * 2 ** 20;

/** Whether an item is a slice of a volume, and no picture by itself. */
export function isVolume({ source }: ProjectVolume): boolean {
  return source.kind !== 'raster';
}

/** The header to write maps of a volume on. */
export async function volumeHeader(project: Project, volume: ProjectVolume): Promise<VolumeHeaderBytes> {
  if (volume.source.kind !== 'nifti') return newNiftiHeader({ ...volume, voxelType: 'uint8' });
  const { path, file } = await openSource(project, volume);
  return { header: file.header, headerBytes: await readNiftiHeaderBytes(path, file.header) };
}

/** A volume's image as a compressed file of its own: of a 4-D source the one phase, voxels and header as they are stored. */
export async function phaseFile(project: Project, volume: ProjectVolume): Promise<Uint8Array> {
  if (volume.source.kind !== 'nifti') return compress(await convertedImage(project, volume));
  const { path, file } = await openSource(project, volume);
  const voxels = await file.phase(volume.phaseIndex);
  if (isRefusal(voxels)) throw new Error(`${path}: expected ${voxels.expected}, found ${voxels.found}`);
  return compress(writePhaseVolume(file.header, await readNiftiHeaderBytes(path, file.header), voxels));
}

/** Exported ids of every voxel, slice by slice in storage order; 255 in slices that are not exported. */
export function labelVolume(
  selection: MaskSelection,
  { volume, items }: SelectedVolume,
  labelIds: LabelIds,
): Uint8Array {
  const size = volume.width * volume.height;
  const labels = new Uint8Array(size * volume.slices).fill(IGNORE);
  for (const selected of items) {
    labels.set(translateLabels(selection.mask(selected), labelIds), selected.item.slice * size);
  }
  return labels;
}

/** Uncertainty of every voxel; NaN in slices that have none. */
export function uncertaintyVolume(selection: MaskSelection, { volume, items }: SelectedVolume): Float32Array {
  const size = volume.width * volume.height;
  const values = new Float32Array(size * volume.slices).fill(NaN);
  for (const { item } of items) {
    const map = selection.uncertainty(item.id);
    if (map) values.set(map.data, item.slice * size);
  }
  return values;
}

const gzipped = promisify(gzip);
/** Byte of a gzip header that names the operating system; 255 is "unknown". */
const OPERATING_SYSTEM = 9;

/** Node's gzip leaves the time of its header 0; the system is blanked too, so that equal maps give equal files. */
export async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  const file = await gzipped(bytes, { level: 6 });
  file[OPERATING_SYSTEM] = 255;
  return file;
}

async function openSource(project: Project, { source }: ProjectVolume) {
  const path = await locateSource(project.directory, source);
  const file = await openNiftiFile(path);
  if (isRefusal(file)) throw new Error(`${path}: expected ${file.expected}, found ${file.found}`);
  return { path, file };
}

/** An uncompressed NIfTI file of a volume that came as something else, values as they are meant. */
async function convertedImage(project: Project, volume: ProjectVolume): Promise<Uint8Array> {
  if (volume.channels !== 1) throw new Error(`${volume.id}: expected a grey volume, got a coloured one`);
  const decoder = new SourceDecoder(project.directory, CACHE_BYTES);
  const planes: VoxelValues[] = [];
  for (let slice = 0; slice < volume.slices; slice++) planes.push(await decoder.image(volume, slice));
  const voxelType = commonType(planes);
  const { header, headerBytes } = newNiftiHeader({ ...volume, voxelType });
  const size = volume.width * volume.height;
  const values = new ARRAYS[voxelType](size * volume.slices);
  planes.forEach((plane, slice) => values.set(plane, slice * size));
  return writePhaseVolume(header, headerBytes, new Uint8Array(values.buffer));
}

const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Partial<Record<VoxelType, unknown>>;

/** The one type that all slices have, else the widest. */
function commonType(planes: readonly VoxelValues[]): keyof typeof ARRAYS {
  const types = new Set(planes.map(typeOf));
  const [only] = types;
  return types.size === 1 && only ? only : 'float64';
}

function typeOf(values: VoxelValues): keyof typeof ARRAYS {
  // One of them is the array's own class.
  const names = Object.keys(ARRAYS) as (keyof typeof ARRAYS)[];
  return names.find((name) => values instanceof ARRAYS[name])!;
}
