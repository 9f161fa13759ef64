// Source files of a project, found where the project says and checked to be the ones that were imported.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ProjectError } from '../storage/project-error.ts';
import type { SourceRecord } from '../storage/dataset-store.ts';

/** Path of a source: beside the project as at import, else where it was at import. Throws when missing or changed. */
export async function locateSource(directory: string, source: SourceRecord): Promise<string> {
  const places = [resolve(directory, source.relativePath), source.absolutePath];
  let changed: string | undefined;
  for (const path of new Set(places)) {
    const found = await stat(path).catch(() => undefined);
    if (!found) continue;
    if (found.size === source.size) return path;
    changed ??= `${path} has changed since it was imported: it had ${source.size} bytes, now ${found.size}. Put the imported file back, or import again into a new project.`;
  }
  if (changed !== undefined) throw new ProjectError('source-changed', changed);
  const looked = [...new Set(places)].join(' and ');
  throw new ProjectError(
    'source-missing',
    `A source image is missing; looked for ${looked}. Put it back, or import again.`,
  );
}
