// NIfTI files on disk, plain or gzipped: header first, sizes checked against the file, then one phase at a time.
import { open, type FileHandle } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { promisify } from 'node:util';
import { constants, createGunzip, gunzip, gunzipSync } from 'node:zlib';
import {
  niftiFileBytes,
  NIFTI_HEADER_BYTES,
  parseNiftiHeader,
  type NiftiHeader,
} from '../../src-core/imaging/nifti.ts';
import { describeVolume, phaseBytes } from '../../src-core/imaging/volume-header.ts';
import { isRefusal, refuse, type Refusal } from '../../src-core/imaging/refusal.ts';
import type { VolumeFile } from '../../src-core/datasets/importer.ts';

/** A compressed file up to this size is inflated at once and kept while it is open. */
const WHOLE_FILE_BYTES = 256 * 2 ** 20;
/** Deflate cannot do better than 1032 : 1. */
const GREATEST_COMPRESSION = 1040;
/** Padding after the voxels that some writers leave. */
const TOLERATED_TRAILER = 1024;
/** Enough compressed bytes to inflate a header from. */
const FIRST_BYTES = 4096;

const inflate = promisify(gunzip);

/** A NIfTI file that is open for reading. */
export interface OpenNiftiFile extends VolumeFile {
  readonly header: NiftiHeader;
  /** Bytes kept in memory from the first phase read on; 0 where each phase is read from disk anew. */
  readonly keeps: number;
}

/**
 * Reads the header of a file and checks that the file can hold what it promises. A compressed file of up to
 * `keepUpTo` bytes is inflated once and kept; a larger one is read through for each phase.
 */
export async function openNiftiFile(path: string, keepUpTo = WHOLE_FILE_BYTES): Promise<OpenNiftiFile | Refusal> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const first = await readRange(handle, 0, Math.min(size, FIRST_BYTES));
    const zipped = hasGzipMagic(first);
    const start = zipped ? inflateStart(first) : first.subarray(0, NIFTI_HEADER_BYTES);
    if (isRefusal(start)) return start;
    const header = parseNiftiHeader(start);
    if (isRefusal(header)) return header;
    const wanted = niftiFileBytes(header);
    if (zipped) {
      if (wanted > size * GREATEST_COMPRESSION)
        return refuse(`data for ${describeVolume(header)}, ${wanted} bytes`, `a file of ${size} compressed bytes`);
      return gzippedFile(path, header, wanted, keepUpTo);
    }
    if (size < wanted)
      return refuse(`${wanted} bytes for ${describeVolume(header)}`, `${size} bytes: the file is cut short`);
    if (size > wanted + TOLERATED_TRAILER)
      return refuse(`${wanted} bytes for ${describeVolume(header)}`, `${size} bytes`);
    return plainFile(path, header);
  } finally {
    await handle.close();
  }
}

/** Header bytes of a file up to its voxels, extensions included, for writing maps with the same geometry. */
export async function readNiftiHeaderBytes(path: string, header: NiftiHeader): Promise<Uint8Array> {
  const bytes = await readUncompressed(path, 0, header.voxelOffset);
  if (isRefusal(bytes)) throw new Error(`${path}: expected ${bytes.expected}, got ${bytes.found}`);
  return bytes;
}

function plainFile(path: string, header: NiftiHeader): OpenNiftiFile {
  const length = phaseBytes(header);
  return {
    header,
    keeps: 0,
    async phase(index) {
      const handle = await open(path, 'r');
      try {
        const bytes = await readRange(handle, header.voxelOffset + index * length, length);
        return bytes.length === length
          ? bytes
          : refuse(`${length} bytes of voxels`, `${bytes.length}: the file is cut short`);
      } finally {
        await handle.close();
      }
    },
  };
}

function gzippedFile(path: string, header: NiftiHeader, wanted: number, keepUpTo: number): OpenNiftiFile {
  const length = phaseBytes(header);
  if (wanted > keepUpTo) {
    return { header, keeps: 0, phase: (index) => readUncompressed(path, header.voxelOffset + index * length, length) };
  }
  let whole: Promise<Uint8Array | Refusal> | undefined;
  return {
    header,
    keeps: wanted,
    async phase(index) {
      whole ??= inflateWhole(path, header, wanted);
      const bytes = await whole;
      if (isRefusal(bytes)) return bytes;
      const start = header.voxelOffset + index * length;
      return bytes.subarray(start, start + length);
    },
  };
}

async function inflateWhole(path: string, header: NiftiHeader, wanted: number): Promise<Uint8Array | Refusal> {
  const handle = await open(path, 'r');
  try {
    const zipped = await handle.readFile();
    const chunkSize = Math.min(2 ** 22, Math.max(1024, wanted + 1));
    const bytes = await inflate(zipped, { maxOutputLength: wanted + TOLERATED_TRAILER, chunkSize });
    if (bytes.length < wanted) return refuse(`${wanted} bytes for ${describeVolume(header)}`, `${bytes.length} bytes`);
    return bytes;
  } catch (error) {
    return explainInflateError(error, wanted, header);
  } finally {
    await handle.close();
  }
}

/** Part of a file's uncompressed bytes, read through without keeping what comes before. */
async function readUncompressed(path: string, start: number, length: number): Promise<Uint8Array | Refusal> {
  const result = new Uint8Array(length);
  const zipped = await isGzipped(path);
  const file = createReadStream(path, { highWaterMark: 2 ** 20 });
  const stream = zipped ? file.pipe(createGunzip({ chunkSize: 2 ** 20 })) : file;
  file.on('error', (error) => stream.destroy(error));
  let position = 0;
  try {
    for await (const chunk of stream) {
      // Streams without an encoding give buffers.
      const bytes = chunk as Buffer;
      const from = Math.max(0, start - position);
      const to = Math.min(bytes.length, start + length - position);
      if (from < to) result.set(bytes.subarray(from, to), position + from - start);
      position += bytes.length;
      if (position >= start + length) break;
    }
  } catch (error) {
    return explainInflateError(error, start + length);
  } finally {
    file.destroy();
  }
  return position >= start + length ? result : refuse(`${start + length} bytes`, `${position}: the file is cut short`);
}

async function isGzipped(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const first = await readRange(handle, 0, 2);
    return hasGzipMagic(first);
  } finally {
    await handle.close();
  }
}

function hasGzipMagic(first: Uint8Array): boolean {
  return first[0] === 0x1f && first[1] === 0x8b;
}

function inflateStart(first: Uint8Array): Uint8Array | Refusal {
  try {
    return gunzipSync(first, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    return explainInflateError(error, NIFTI_HEADER_BYTES);
  }
}

function explainInflateError(error: unknown, wanted: number, header?: NiftiHeader): Refusal {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const expected = header ? `${wanted} bytes for ${describeVolume(header)}` : `${wanted} bytes`;
  if (code === 'ERR_BUFFER_TOO_LARGE') return refuse(expected, 'more than that: header and data do not match');
  if (code === 'Z_BUF_ERROR') return refuse(expected, 'a gzip stream that ends too early: the file is cut short');
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return refuse('an intact gzip stream', `a corrupt one (${error instanceof Error ? error.message : code})`);
  }
  throw error;
}

async function readRange(handle: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
