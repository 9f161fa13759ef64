// Source files of a project: recorded at import, found again where the project says, and checked to be the same.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { SourceKind } from '../../src-core/datasets/importer.ts';
import { ProjectError } from '../storage/project-error.ts';
import type { SourceRecord } from '../storage/dataset-store.ts';

/** What the project in `directory` has to know about a file to recognise it later. */
export async function recordSource(
  directory: string,
  root: string,
  file: string,
  kind: SourceKind,
): Promise<SourceRecord> {
  const absolutePath = join(root, file);
  const { size, mtimeMs } = await stat(absolutePath);
  const relativePath = relative(directory, absolutePath);
  return { relativePath, absolutePath, size, modified: mtimeMs, checksum: await checksumOf(absolutePath), kind };
}

/**
 * Path of a source: where it lies relative to the project, else where it was at import. Throws when it is missing
 * or is not the file that was imported; the content is only read again when size is equal and time is not.
 */
export async function locateSource(directory: string, source: SourceRecord): Promise<string> {
  const places = new Set([resolve(directory, source.relativePath), source.absolutePath]);
  let changed: string | undefined;
  for (const path of places) {
    const found = await stat(path).catch(() => undefined);
    if (!found) continue;
    if (found.size === source.size) {
      if (found.mtimeMs === source.modified || (await checksumOf(path)) === source.checksum) return path;
    }
    const sizes = `${source.size} bytes then, ${found.size} now`;
    changed ??= `${path} has changed since it was imported (${sizes}). Put the imported file back, or import again into a new project.`;
  }
  if (changed !== undefined) throw new ProjectError('source-changed', changed);
  const looked = [...places].join(' and ');
  throw new ProjectError(
    'source-missing',
    `A source image is missing; looked for ${looked}. Put it back, or import again.`,
  );
}

async function checksumOf(path: string): Promise<number> {
  let checksum = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    // A stream without an encoding gives buffers.
    checksum = crc32(chunk as Buffer, checksum);
  }
  return checksum;
}
