// Annotation files are recognised by how they begin, not by their names alone.
import type { DatasetFiles, FileEntry } from '../importer.ts';

/** Enough of a file to see what it is. */
const START_BYTES = 2 ** 14;
/** Files that are looked into. */
const MOST_FILES = 64;

/** Paths of the files whose beginning fits. */
export async function filesThatBegin(
  files: DatasetFiles,
  listed: readonly FileEntry[],
  name: RegExp,
  fits: (start: string) => boolean,
): Promise<string[]> {
  const candidates = listed.filter(({ path }) => name.test(path)).slice(0, MOST_FILES);
  const found: string[] = [];
  for (const { path } of candidates) if (fits(await files.readStart(path, START_BYTES))) found.push(path);
  return found;
}
