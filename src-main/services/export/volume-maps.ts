// Masks and uncertainty of whole volumes, on the header of their source.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { NiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { writePhaseVolume } from '../../../src-core/imaging/nifti-writer.ts';
import { IGNORE } from '../../../src-core/imaging/plane.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { openNiftiFile, readNiftiHeaderBytes, type OpenNiftiFile } from '../nifti-file.ts';
import type { Project, ProjectVolume } from '../project.ts';
import { locateSource } from '../source-files.ts';
import { translateLabels, type LabelIds } from './label-ids.ts';
import type { MaskSelection, SelectedVolume } from './mask-selection.ts';

/** The source of a volume: its header as values and as bytes, and where it lies. */
export interface VolumeSource {
  readonly path: string;
  readonly file: OpenNiftiFile;
  readonly header: NiftiHeader;
  readonly headerBytes: Uint8Array;
}

/** Opens the NIfTI file of a volume. */
export async function openVolumeSource(project: Project, { source }: ProjectVolume): Promise<VolumeSource> {
  const path = await locateSource(project.directory, source);
  const file = await openNiftiFile(path);
  if (isRefusal(file)) throw new Error(`${path}: expected ${file.expected}, found ${file.found}`);
  return { path, file, header: file.header, headerBytes: await readNiftiHeaderBytes(path, file.header) };
}

/** A volume's image as a compressed file of its own: of a 4-D source the one phase, voxels and header as they are stored. */
export async function phaseFile(project: Project, volume: ProjectVolume): Promise<Uint8Array> {
  const { path, file, header, headerBytes } = await openVolumeSource(project, volume);
  const voxels = await file.phase(volume.phaseIndex);
  if (isRefusal(voxels)) throw new Error(`${path}: expected ${voxels.expected}, found ${voxels.found}`);
  return compress(writePhaseVolume(header, headerBytes, voxels));
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
