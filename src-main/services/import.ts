// Import: a source folder becomes a project. The project is built in a folder beside its place and moved there
// when it is whole, so a failure at any point leaves nothing behind; the source is only read.
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ScanEvent } from '../../src-core/datasets/importer.ts';
import { holdsProject } from '../storage/database.ts';
import { explainStorageError, ProjectError } from '../storage/project-error.ts';
import { isWriterLocked } from '../storage/writer-lock.ts';
import { ImportBuild, type ImportPlaces, type ImportSummary, type ProjectChoices } from './import-build.ts';
import { openSource, watchSteps, type ImportProgress, type ImportScan, type ScanRequest } from './import-scan.ts';

export type { ImportSummary, ProjectChoices } from './import-build.ts';
export type { MaskUse } from './imported-masks.ts';
export { scanSource, type ImportProgress, type ImportScan, type ScanRequest } from './import-scan.ts';

/** What a person may ask of an import. */
export interface ImportOptions extends ScanRequest, ProjectChoices {}

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
  const target = checkedTarget(directory);
  const { root, format, why, events } = await openSource(source, options);
  return build({ root, target, format, why, choices: options }, watchSteps(events, onProgress, signal));
}

/** Makes a project of a source that was scanned before; otherwise like `importDataset`. */
export async function makeProject(
  scan: ImportScan,
  directory: string,
  choices: ProjectChoices = {},
  onProgress: (progress: ImportProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ImportSummary> {
  const { source: root, summary, events } = scan;
  const target = checkedTarget(directory);
  const { format, why } = summary;
  return build({ root, target, format, why, choices }, watchSteps(events, onProgress, signal));
}

interface BuildRequest {
  readonly root: string;
  readonly target: string;
  readonly format: string;
  readonly why: string;
  readonly choices: ProjectChoices;
}

async function build(request: BuildRequest, events: AsyncIterable<ScanEvent>): Promise<ImportSummary> {
  const { root, target, format, why, choices } = request;
  const places = { root, target, temporary: join(dirname(target), `${temporaryPrefix(target)}${process.pid}`) };
  const { temporary } = places;
  try {
    removeAbandoned(target);
    mkdirSync(temporary, { recursive: true });
    const summary = await fill(new ImportBuild(places, choices), events, format, why);
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

async function fill(
  underConstruction: ImportBuild,
  events: AsyncIterable<ScanEvent>,
  format: string,
  why: string,
): Promise<ImportSummary> {
  try {
    for await (const event of events) await underConstruction.take(event);
    return underConstruction.finish(format, why);
  } finally {
    underConstruction.close();
  }
}

/** The same problem named by the project's place, not by where it was being built. */
function atPlace(error: unknown, { temporary, target }: ImportPlaces): unknown {
  if (!(error instanceof ProjectError)) return error;
  return new ProjectError(error.problem, error.message.replaceAll(temporary, target), { cause: error });
}

/** The project's place; throws where something is there already. */
function checkedTarget(directory: string): string {
  const target = resolve(directory);
  if (!existsSync(target)) return target;
  if (holdsProject(target)) {
    throw new ProjectError('already-a-project', `${target} is a project already; import into another folder.`);
  }
  if (!statSync(target).isDirectory() || readdirSync(target).length > 0) {
    throw new ProjectError('already-a-project', `${target} is not empty; import into a new folder.`);
  }
  return target;
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
