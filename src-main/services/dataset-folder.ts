// The importers' file port over a folder on disk.
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { DatasetFiles, FileEntry } from '../../src-core/datasets/importer.ts';
import { rowsOfJson } from '../../src-core/datasets/json-rows.ts';
import { refuse, type Refusal } from '../../src-core/imaging/refusal.ts';
import { isDicomFile, openDicomFile } from './dicom/dicom-file.ts';
import { openStackFile } from './hdf5-file.ts';
import { openVolumeFile } from './volume-file.ts';
import { readMaskFile, readRasterFile } from './raster-file.ts';

/** A source folder, and the links in it that lead to files of other folders. */
export interface DatasetFolder extends DatasetFiles {
  /** Paths of the links that `list` has left out. */
  linksOut(): Promise<readonly string[]>;
}

/**
 * Reads a source folder; nothing outside it, nothing is written. Links that lead out of it are left out unless `followLinks` says
 * otherwise: a folder from elsewhere could name any file of this computer with them.
 */
export function openDatasetFolder(root: string, followLinks = false): DatasetFolder {
  let listing: Promise<Listing> | undefined;
  const listed = (): Promise<Listing> => (listing ??= listFiles(root, followLinks));
  const inside = (path: string): string => {
    const absolute = resolve(root, path);
    if (!absolute.startsWith(resolve(root) + sep)) throw new Error(`${path}: expected a file inside ${root}`);
    return absolute;
  };
  return {
    place: resolve(root),
    list: async () => (await listed()).files,
    linksOut: async () => (await listed()).linksOut,
    readText: (path) => readText(inside(path), path),
    readStart: (path, bytes) => readStart(inside(path), bytes),
    readRows: (path) => readTable(inside(path)),
    readVolume: (path) => absentIsRefused(() => openVolumeFile(inside(path))),
    isDicom: (path) => isDicomFile(inside(path)),
    readDicom: (path) => absentIsRefused(() => openDicomFile(inside(path))),
    readStacks: (path) => absentIsRefused(() => openStackFile(inside(path))),
    readRaster: (path, page) => absentIsRefused(() => readRasterFile(inside(path), page)),
    readMask: (path, page) => absentIsRefused(() => readMaskFile(inside(path), page)),
  };
}

async function readStart(path: string, bytes: number): Promise<string> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** A whole file as text. */
async function readText(absolute: string, path: string): Promise<string> {
  try {
    return await readFile(absolute, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const found =
      code === 'ERR_STRING_TOO_LONG' ? 'a longer one' : error instanceof Error ? error.message : String(error);
    throw new Error(`${path}: expected a readable text of at most 512 MB, found ${found}`, { cause: error });
  }
}

interface Listing {
  readonly files: readonly FileEntry[];
  readonly linksOut: readonly string[];
}

/** All files below a folder, hidden ones left out; links within it are followed, circles are not. */
async function listFiles(root: string, followLinks: boolean): Promise<Listing> {
  const files: FileEntry[] = [];
  const linksOut: string[] = [];
  const whole = (await realpath(root)) + sep;
  const above = new Set<string>();
  const visit = async (relative: string): Promise<void> => {
    const real = await realpath(join(root, relative));
    if (above.has(real)) return;
    above.add(real);
    for (const entry of await readdir(join(root, relative), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isSymbolicLink() && !followLinks) {
        const target = await realpath(join(root, path)).catch(() => undefined);
        if (target !== undefined && !`${target}${sep}`.startsWith(whole)) {
          linksOut.push(path);
          continue;
        }
      }
      const found = await stat(join(root, path)).catch(() => undefined);
      if (found?.isDirectory()) await visit(path);
      else if (found?.isFile()) files.push({ path, size: found.size });
    }
    above.delete(real);
  };
  await visit('');
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), linksOut: linksOut.sort() };
}

async function readTable(path: string): Promise<string[][] | Refusal> {
  return absentIsRefused(async () => {
    const text = await readFile(path, 'utf8');
    try {
      if (/\.json$/i.test(path)) return rowsOfJson(JSON.parse(text));
      return parse(text, {
        bom: true,
        delimiter: detectDelimiter(text),
        relax_column_count: true,
        skip_empty_lines: true,
        trim: true,
      });
    } catch (error) {
      return refuse(
        'a table of comma, semicolon or tab separated values, or JSON',
        error instanceof Error ? error.message : String(error),
      );
    }
  });
}

/** The separator that the first line uses most. */
function detectDelimiter(text: string): string {
  const line = text.slice(0, Math.max(0, text.search(/\r?\n/)) || text.length);
  const count = (separator: string): number => line.split(separator).length;
  return [',', ';', '\t'].reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}

async function absentIsRefused<Value>(read: () => Promise<Value | Refusal>): Promise<Value | Refusal> {
  try {
    return await read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return refuse('a file', 'none of that name');
    if (code === 'EACCES' || code === 'EPERM') return refuse('a readable file', 'one this user may not read');
    throw error;
  }
}
