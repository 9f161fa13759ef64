// The folder of an export: built beside its place and moved there when it is whole, so that a failure or a stop at any
// point leaves nothing. Only what an earlier export wrote is ever replaced.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** Name of the list of files in every export. */
export const MANIFEST = 'manifest.json';
/** Says of a manifest that it is ours. */
export const MANIFEST_KIND = 'unia-export';

/** A folder under construction. */
export interface OutputFolder {
  /** Writes a file, whole or part after part. */
  readonly write: (
    path: string,
    produce: (signal?: AbortSignal) => Promise<Uint8Array> | AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ) => Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** What was written so far. */
  readonly paths: () => string[];
  readonly read: (path: string) => Promise<Buffer>;
  /** Moves the folder to its place. */
  readonly finish: () => void;
  /** Removes what is left of the construction; harmless after `finish`. */
  readonly discard: () => void;
}

/**
 * Refuses places where an export would destroy or mix with something.
 *
 * @param places - the project's folder, which the export must not hold, and that of its images, which it must not lie in
 */
export function checkOutput(
  directory: string,
  overwrite: boolean,
  places: { readonly project: string; readonly source: string | undefined },
): void {
  const target = resolve(directory);
  if (isWithin(places.project, target)) {
    throw new Error(`folder of the export: expected one of its own, got ${target}, which holds the project`);
  }
  if (places.source !== undefined && isWithin(target, places.source)) {
    throw new Error(
      `folder of the export: expected one outside the imported images, got one in ${places.source}; sources are only read`,
    );
  }
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory())
    throw new Error(`folder of the export: expected a folder, got the file ${target}`);
  const found = filesIn(target);
  if (found.length === 0) return;
  if (!overwrite)
    throw new Error(`${target} is not empty; choose a new folder, or allow that an earlier export is replaced`);
  const written = writtenFiles(target);
  if (!written) throw new Error(`${target} holds no earlier export, so it is not overwritten; choose a new folder`);
  const foreign = found.find((path) => !written.has(path));
  if (foreign !== undefined) {
    throw new Error(
      `${target} holds ${foreign}, which no export wrote, so it is not overwritten; move that file away first`,
    );
  }
}

/** Begins a folder beside its place. */
export function beginOutput(directory: string): OutputFolder {
  const target = resolve(directory);
  removeAbandoned(target);
  const temporary = join(dirname(target), `${temporaryPrefix(target)}${process.pid}`);
  mkdirSync(temporary, { recursive: true });
  return {
    async write(path, produce, signal) {
      const target = join(temporary, path);
      mkdirSync(dirname(target), { recursive: true });
      const file = await open(target, 'wx');
      try {
        const hash = createHash('sha256');
        let bytes = 0;
        for await (const part of partsOf(produce(signal))) {
          signal?.throwIfAborted();
          hash.update(part);
          bytes += part.length;
          await file.writeFile(part);
        }
        return { bytes, sha256: hash.digest('hex') };
      } finally {
        await file.close();
      }
    },
    paths: () => filesIn(temporary),
    read: (path) => readFile(join(temporary, path)),
    finish() {
      const replaced = `${temporary}-replaced`;
      const replaces = existsSync(target);
      if (replaces) renameSync(target, replaced);
      try {
        renameSync(temporary, target);
      } catch (error) {
        if (replaces) renameSync(replaced, target);
        throw error;
      }
      rmSync(replaced, { recursive: true, force: true });
    },
    discard: () => rmSync(temporary, { recursive: true, force: true }),
  };
}

async function* partsOf(content: Promise<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (Symbol.asyncIterator in content) yield* content;
  else yield await content;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    );
}

/** Files that an earlier export in a folder lists; undefined where there was none. */
function writtenFiles(folder: string): ReadonlySet<string> | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null) return undefined;
    if (!('kind' in manifest && manifest.kind === MANIFEST_KIND && 'files' in manifest)) return undefined;
    // The kind says that we wrote it.
    const files = manifest.files as readonly { readonly path: string }[];
    return new Set([MANIFEST, ...files.map(({ path }) => path)]);
  } catch {
    return undefined;
  }
}

function temporaryPrefix(target: string): string {
  return `.${basename(target)}.exporting-`;
}

/** Removes what a killed export into the same place left; one that still runs is left alone. */
function removeAbandoned(target: string): void {
  const parent = dirname(target);
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    const owner = /^(\d+)$/.exec(name.slice(temporaryPrefix(target).length))?.[1];
    if (!name.startsWith(temporaryPrefix(target)) || owner === undefined) continue;
    if (!isRunning(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // A process of someone else may not be signalled, and runs.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
