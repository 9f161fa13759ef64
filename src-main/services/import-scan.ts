// The first half of an import: look at a source folder and tell what is in it. Nothing is made.
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DatasetFiles, FoundVolume, ScanEvent, ScanOptions } from '../../src-core/datasets/importer.ts';
import { ScanTally, type ScanSummary } from '../../src-core/datasets/scan-tally.ts';
import { openDatasetFolder } from './dataset-folder.ts';
import { chooseImporter, INSIDE, LINK_OUT, type FormatDetection } from './importers.ts';

/** What a person may ask of a scan. */
export interface ScanRequest extends ScanOptions {
  /** Name of an importer; detected when absent. */
  readonly format?: string;
  /** Whether links in the source are followed that lead to other folders. */
  readonly followLinks?: boolean;
}

/** How far a scan or an import has come. */
export interface ImportProgress {
  readonly done: number;
  readonly total: number;
  readonly file: string;
}

/** What a scan found, in numbers and words. */
export interface FoundSummary extends ScanSummary {
  readonly format: string;
  /** Why the folder was taken to be in this format. */
  readonly why: string;
  /** How sure every importer was, the surest first. */
  readonly detected: readonly FormatDetection[];
}

/** A source that was looked at: what a project can be made of, without looking again. */
export interface ImportScan {
  readonly source: string;
  readonly summary: FoundSummary;
  readonly files: DatasetFiles;
  readonly events: readonly ScanEvent[];
}

/** A source that is about to be looked at. */
export interface OpenSource {
  readonly root: string;
  readonly files: DatasetFiles;
  readonly format: string;
  readonly why: string;
  readonly detected: readonly FormatDetection[];
  readonly events: AsyncIterable<ScanEvent>;
}

/** Finds the importer of a source folder and begins its scan. */
export async function openSource(source: string, request: ScanRequest): Promise<OpenSource> {
  const root = resolve(source);
  if (!existsSync(root) || !statSync(root).isDirectory()) throw new Error(`source: expected a folder, got ${root}`);
  const files = openDatasetFolder(root, request.followLinks);
  const linksOut = await files.linksOut();
  const { importer, why, detected } = await chooseImporter(files, root, request.format, linksOut);
  const events = withRefusedLinks(distinctVolumes(importer.scan(files, request)), linksOut);
  return { root, files, format: importer.format, why, detected, events };
}

async function* withRefusedLinks(
  events: AsyncGenerator<ScanEvent>,
  linksOut: readonly string[],
): AsyncGenerator<ScanEvent> {
  yield* events;
  for (const file of linksOut) {
    yield { kind: 'refused', file, expected: INSIDE, found: LINK_OUT };
  }
}

/** The same events; a volume whose items are there already is refused, whatever its importer makes names of. */
async function* distinctVolumes(events: AsyncGenerator<ScanEvent>): AsyncGenerator<ScanEvent> {
  const files = new Map<string, string>();
  for await (const event of events) {
    const names = event.kind === 'volume' ? namesOf(event.volume) : [];
    const taken = names.find((name) => files.has(name));
    if (event.kind !== 'volume' || taken === undefined) {
      yield event;
      if (event.kind === 'volume') for (const name of names) files.set(name, event.volume.file);
      continue;
    }
    const { file } = event.volume;
    const found = `${taken}, as of ${files.get(taken)}`;
    yield { kind: 'refused', file, expected: 'a name that no other file of the source gives', found };
  }
}

function namesOf({ id, items }: FoundVolume): string[] {
  return [`volume ${id}`, ...items.map((item) => `item ${item.id}`)];
}

/** Looks at a source folder and tells what an import would find, without making anything. Throws when `signal` aborts. */
export async function scanSource(
  source: string,
  request: ScanRequest = {},
  onProgress: (progress: ImportProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ImportScan> {
  const { root, files, format, why, detected, events } = await openSource(source, request);
  const tally = new ScanTally();
  const kept: ScanEvent[] = [];
  for await (const event of watchSteps(events, onProgress, signal)) {
    tally.take(event);
    kept.push(event);
  }
  const empty = tally.explainEmpty(format);
  if (empty !== undefined) throw new Error(`${root}: ${empty}`);
  return { source: root, files, summary: { format, why, detected, ...tally.summary() }, events: kept };
}

/** The same events; their steps are told, and an abort ends them. */
export async function* watchSteps(
  events: AsyncIterable<ScanEvent> | Iterable<ScanEvent>,
  onProgress: (progress: ImportProgress) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<ScanEvent> {
  for await (const event of events) {
    signal?.throwIfAborted();
    if (event.kind === 'step') onProgress({ done: event.done, total: event.total, file: event.file });
    yield event;
  }
}
