// Import: a source folder becomes a project. The project is built in a folder beside its place and moved there
// when it is whole, so a failure at any point leaves nothing behind; the source is only read.
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { acdcImporter } from '../../src-core/datasets/acdc.ts';
import { imageFolderImporter } from '../../src-core/datasets/image-folder.ts';
import type { DatasetFiles, Importer, ScanOptions } from '../../src-core/datasets/importer.ts';
import { niftiFolderImporter } from '../../src-core/datasets/nifti-folder.ts';
import { DEFAULT_SPLIT, type SplitRule } from '../../src-core/datasets/split.ts';
import { holdsProject } from '../storage/database.ts';
import { explainStorageError, ProjectError } from '../storage/project-error.ts';
import { isWriterLocked } from '../storage/writer-lock.ts';
import { openDatasetFolder } from './dataset-folder.ts';
import { ImportBuild, type ImportPlaces, type ImportSummary } from './import-build.ts';

export type { ImportSummary } from './import-build.ts';

/** Importers that `format` may name. */
export const IMPORTERS: readonly Importer[] = [acdcImporter, niftiFolderImporter, imageFolderImporter];

/** What a person may ask of an import. */
export interface ImportOptions extends ScanOptions {
  /** Name of an importer; detected when absent. */
  readonly format?: string;
  readonly split?: SplitRule;
}

/** How far an import has come. */
export interface ImportProgress {
  readonly done: number;
  readonly total: number;
  readonly file: string;
}

/**
 * Imports a source folder into a new project folder and tells what was found and refused.
 * On failure or when `signal` aborts it throws and leaves nothing behind.
 */
export async function importDataset(
  source: string,
  directory: string,
  options: ImportOptions = {},
  onProgress: (progress: ImportProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ImportSummary> {
  const root = resolve(source);
  const target = resolve(directory);
  checkPlaces(root, target);
  const files = openDatasetFolder(root);
  const { importer, why } = await chooseImporter(files, root, options.format);
  const temporary = join(dirname(target), `${temporaryPrefix(target)}${process.pid}`);
  const places = { root, target, temporary };
  try {
    removeAbandoned(target);
    mkdirSync(temporary, { recursive: true });
    const summary = await build(importer, why, files, places, options, onProgress, signal);
    // An empty folder may wait where the project goes; Windows does not rename over it.
    if (existsSync(target)) rmdirSync(target);
    renameSync(temporary, target);
    return summary;
  } catch (error) {
    throw atPlace(explainStorageError(error, target), places);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The same problem named by the project's place, not by where it was being built. */
function atPlace(error: unknown, { temporary, target }: ImportPlaces): unknown {
  if (!(error instanceof ProjectError)) return error;
  return new ProjectError(error.problem, error.message.replaceAll(temporary, target), { cause: error });
}

async function build(
  importer: Importer,
  why: string,
  files: DatasetFiles,
  places: ImportPlaces,
  options: ImportOptions,
  onProgress: (progress: ImportProgress) => void,
  signal: AbortSignal | undefined,
): Promise<ImportSummary> {
  const underConstruction = new ImportBuild(places);
  let total = 0;
  try {
    for await (const event of importer.scan(files, options)) {
      signal?.throwIfAborted();
      await underConstruction.take(event);
      if (event.kind === 'plan') total = event.steps;
      if (event.kind === 'step') onProgress({ done: event.done, total, file: event.file });
    }
    return underConstruction.finish(options.split ?? DEFAULT_SPLIT, importer.format, why);
  } finally {
    underConstruction.close();
  }
}

async function chooseImporter(
  files: DatasetFiles,
  root: string,
  format: string | undefined,
): Promise<{ importer: Importer; why: string }> {
  if (format !== undefined) {
    const importer = IMPORTERS.find((candidate) => candidate.format === format);
    if (importer) return { importer, why: 'asked for' };
    throw new Error(`format: expected one of ${IMPORTERS.map((each) => each.format).join(', ')}, got "${format}"`);
  }
  const listed = await files.list();
  const detected = IMPORTERS.map((importer) => ({ importer, ...importer.detect(listed) }));
  const best = detected.reduce((a, b) => (b.confidence > a.confidence ? b : a));
  if (best.confidence > 0) return best;
  const reasons = detected.map(({ importer, why }) => `\n  ${importer.format}: ${why}`).join('');
  throw new Error(`${root}: ${listed.length} files, in no format known here${reasons}`);
}

function checkPlaces(root: string, target: string): void {
  if (!existsSync(root) || !statSync(root).isDirectory()) throw new Error(`source: expected a folder, got ${root}`);
  if (!existsSync(target)) return;
  if (holdsProject(target)) {
    throw new ProjectError('already-a-project', `${target} is a project already; import into another folder.`);
  }
  if (!statSync(target).isDirectory() || readdirSync(target).length > 0) {
    throw new ProjectError('already-a-project', `${target} is not empty; import into a new folder.`);
  }
}

function temporaryPrefix(target: string): string {
  return `.${basename(target)}.importing-`;
}

/** Removes what a killed import into the same place left; one that still runs holds its lock. */
function removeAbandoned(target: string): void {
  const parent = dirname(target);
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(temporaryPrefix(target))) continue;
    const path = join(parent, name);
    if (!isWriterLocked(path)) rmSync(path, { recursive: true, force: true });
  }
}
