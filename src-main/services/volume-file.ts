// Volume files on disk, whatever their format: NIfTI, NRRD and MetaImage.
import { open, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, inflate as inflateZlib } from 'node:zlib';
import type { VolumeFile } from '../../src-core/datasets/importer.ts';
import { METAIMAGE_HEADER_BYTES, parseMetaImageHeader } from '../../src-core/imaging/metaimage.ts';
import { NRRD_HEADER_BYTES, parseNrrdHeader } from '../../src-core/imaging/nrrd.ts';
import { isRefusal, refuse, type Refusal } from '../../src-core/imaging/refusal.ts';
import { describeVolume, phaseBytes, type StoredVolume } from '../../src-core/imaging/volume-header.ts';
import { openNiftiFile } from './nifti-file.ts';

/** Packed voxels of more than this are refused: they would have to be held as a whole. */
const MOST_UNPACKED = 2 ** 31 - 1;
/** Deflate cannot do better than 1032 : 1. */
const GREATEST_COMPRESSION = 1040;

/** A volume file that is open for reading. */
export interface OpenVolumeFile extends VolumeFile {
  /** Bytes kept in memory from the first phase read on; 0 where each phase is read from disk anew. */
  readonly keeps: number;
}

/** Opens a volume by the ending of its name, and checks that the file can hold what its header promises. */
export async function openVolumeFile(path: string): Promise<OpenVolumeFile | Refusal> {
  if (/\.(?:nrrd|nhdr)$/i.test(path)) return openStored(path, NRRD_HEADER_BYTES, parseNrrdHeader);
  if (/\.(?:mha|mhd)$/i.test(path)) return openStored(path, METAIMAGE_HEADER_BYTES, parseMetaImageHeader);
  return openNiftiFile(path);
}

async function openStored(
  path: string,
  headerBytes: number,
  parse: (bytes: Uint8Array) => StoredVolume | Refusal,
): Promise<OpenVolumeFile | Refusal> {
  const start = await readRange(path, 0, headerBytes);
  const stored = parse(start);
  if (isRefusal(stored)) return stored;
  const dataPath = await besides(path, stored.dataFile);
  if (isRefusal(dataPath)) return dataPath;
  const size = await sizeOf(dataPath);
  if (size === undefined) return refuse(`the data file ${basename(dataPath)}`, 'none of that name');
  const { header, packing } = stored;
  const wanted = phaseBytes(header) * header.phases;
  const offset = stored.offset === 'fromEnd' ? size - wanted : stored.offset;
  if (packing !== 'none') return packedFile(dataPath, stored, offset, size, wanted);
  if (offset < 0 || size < offset + wanted) {
    return refuse(
      `${wanted} bytes for ${describeVolume(header)}`,
      `${Math.max(0, size - offset)}: the file is cut short`,
    );
  }
  return plainFile(dataPath, stored, offset);
}

/** A data file lies beside its header: names and links that lead elsewhere are not followed. */
async function besides(path: string, dataFile: string | undefined): Promise<string | Refusal> {
  if (dataFile === undefined) return path;
  const name = dataFile.replace(/^\.[\\/]/, '');
  const elsewhere = refuse('a data file in the same folder', JSON.stringify(dataFile));
  if (name !== basename(name) || name.includes('\\') || name === '..' || name.includes('\0')) return elsewhere;
  const [target, folder] = await Promise.all([join(dirname(path), name), dirname(path)].map(realOrNone));
  return target === undefined || dirname(target) === folder ? join(dirname(path), name) : elsewhere;
}

function realOrNone(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

function plainFile(path: string, { header, phasesTogether }: StoredVolume, offset: number): OpenVolumeFile {
  const length = phaseBytes(header);
  return {
    header,
    keeps: 0,
    async phase(index) {
      const start = phasesTogether ? offset : offset + index * length;
      const wanted = phasesTogether ? length * header.phases : length;
      const bytes = await readRange(path, start, wanted);
      if (bytes.length < wanted) return refuse(`${wanted} bytes of voxels`, `${bytes.length}: the file is cut short`);
      return phasesTogether ? pick(bytes, index, header.phases, header.bytesPerVoxel) : bytes;
    },
  };
}

function packedFile(
  path: string,
  { header, packing, phasesTogether }: StoredVolume,
  offset: number,
  size: number,
  wanted: number,
): OpenVolumeFile | Refusal {
  const packed = size - offset;
  if (wanted > MOST_UNPACKED || wanted > packed * GREATEST_COMPRESSION) {
    return refuse(`data for ${describeVolume(header)}, ${wanted} bytes`, `${Math.max(0, packed)} compressed bytes`);
  }
  let whole: Promise<Uint8Array | Refusal> | undefined;
  const length = phaseBytes(header);
  return {
    header,
    keeps: wanted,
    async phase(index) {
      whole ??= unpack(path, offset, wanted, packing === 'gzip' ? gunzip : inflateZlib);
      const bytes = await whole;
      if (isRefusal(bytes)) return bytes;
      if (phasesTogether) return pick(bytes, index, header.phases, header.bytesPerVoxel);
      return bytes.subarray(index * length, (index + 1) * length);
    },
  };
}

async function unpack(
  path: string,
  offset: number,
  wanted: number,
  method: typeof gunzip | typeof inflateZlib,
): Promise<Uint8Array | Refusal> {
  try {
    const packed = (await readFile(path)).subarray(offset);
    const bytes = await promisify(method)(packed, { maxOutputLength: wanted + 1 });
    return bytes.length === wanted ? bytes : refuse(`${wanted} bytes of voxels`, `${bytes.length}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return refuse(`${wanted} bytes of voxels`, 'more than that');
    if (typeof code === 'string' && code.startsWith('Z_'))
      return refuse('intact compressed voxels', `corrupt ones (${code})`);
    throw error;
  }
}

/** Voxels of one phase from values that lie together. */
function pick(bytes: Uint8Array, index: number, phases: number, voxelBytes: number): Uint8Array {
  const voxels = bytes.length / (phases * voxelBytes);
  const picked = new Uint8Array(voxels * voxelBytes);
  for (let voxel = 0; voxel < voxels; voxel += 1) {
    const from = (voxel * phases + index) * voxelBytes;
    for (let byte = 0; byte < voxelBytes; byte += 1) picked[voxel * voxelBytes + byte] = bytes[from + byte]!;
  }
  return picked;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

async function readRange(path: string, start: number, length: number): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - start)));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}
