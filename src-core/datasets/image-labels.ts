// Labels of single images from a table: rows matched with files, several rows of one file taken together.
import { isRefusal } from '../imaging/refusal.ts';
import { indexFileNames } from './file-names.ts';
import type { DatasetFiles, ScanEvent, ScanOptions } from './importer.ts';
import { detectColumns, labelNamesOf, readTagRows, type TagRow } from './tag-table.ts';
import type { Split } from './split.ts';

/** What a table says about an image. */
export interface LabelledImage {
  /** Names of the classes in it; empty: none of them. */
  readonly labels: readonly string[];
  /** What it says of single pages, by page from 0. */
  readonly slices?: ReadonlyMap<number, readonly string[]>;
  readonly patient?: string;
  readonly split?: Split;
}

/** A table of labels, matched with the images of the source. */
export interface ImageLabels {
  readonly file: string;
  /** Classes that it names, in order of appearance. */
  readonly names: readonly string[];
  readonly events: readonly ScanEvent[];
  of(path: string): LabelledImage | undefined;
}

/** Reads a table and finds the image of each row. */
export async function readImageLabels(
  files: DatasetFiles,
  table: string,
  images: readonly string[],
  options: ScanOptions,
): Promise<ImageLabels> {
  const rows = await files.readRows(table);
  const nothing = { file: table, names: [], of: () => undefined };
  if (isRefusal(rows)) return { ...nothing, events: [{ ...rows, file: table }] };
  const columns = detectColumns(rows, options.columns ?? {});
  if (typeof columns === 'string') {
    throw new Error(
      `${table}: expected columns of files and labels; ${columns}. Name them with the option for columns.`,
    );
  }
  // A class that was not asked for may be a misspelt one: its rows are refused by name.
  const known = options.classes ?? labelNamesOf(rows, columns);
  const read = readTagRows(table, rows, options.columns ?? {}, known, known);
  const events: ScanEvent[] = [...read.events];
  const firstSlice = options.firstSlice ?? (read.rows.some(({ slice }) => slice === 0) ? 0 : 1);
  const found = mergeRows(table, read.rows, images, known, firstSlice, events);
  return { file: table, names: known, events, of: (path) => found.get(path) };
}

function mergeRows(
  table: string,
  rows: readonly TagRow[],
  images: readonly string[],
  known: readonly string[],
  firstSlice: number,
  events: ScanEvent[],
): Map<string, LabelledImage> {
  const lookUp = indexFileNames(images);
  const merged = new Map<string, LabelledImage & { readonly line: number }>();
  const refuseRow = (row: TagRow, expected: string, found: string): void => {
    events.push({ kind: 'refused', file: table, expected: `line ${row.line} ${expected}`, found });
  };
  for (const row of rows) {
    const named = lookUp(row.file ?? '');
    if (named.kind !== 'file') {
      const found = named.kind === 'absent' ? 'no such image' : 'several images of that name; give its folder too';
      refuseRow(row, `to name an image of the source, ${row.file ?? '(empty)'}`, found);
      continue;
    }
    const labels = known.filter((_, index) => row.present[index] === 1);
    const before = merged.get(named.path);
    const slices = withSlice(before?.slices, row.slice === undefined ? undefined : row.slice - firstSlice, labels);
    if (before && !slices && (before.labels.length === 0) !== (labels.length === 0)) {
      refuseRow(row, `to agree with line ${before.line} about ${named.path}`, 'classes in one row, none in the other');
      continue;
    }
    if (before && !slices) {
      const same = labels.length === before.labels.length && labels.every((label) => before.labels.includes(label));
      if (same) events.push({ kind: 'warning', file: table, message: `line ${row.line} repeats line ${before.line}` });
    }
    const all = [...new Set([...(before?.labels ?? []), ...labels])];
    merged.set(named.path, { line: before?.line ?? row.line, labels: all, ...(slices && { slices }), ...whereOf(row) });
  }
  return merged;
}

/** Several rows about one page are taken together: a class is there when any of them says so. */
function withSlice(
  before: LabelledImage['slices'],
  slice: number | undefined,
  labels: readonly string[],
): LabelledImage['slices'] {
  if (slice === undefined) return before;
  return new Map([...(before ?? []), [slice, [...new Set([...(before?.get(slice) ?? []), ...labels])]]]);
}

function whereOf(row: TagRow): { patient?: string; split?: Split } {
  const split = splitNamed(row.split);
  return { ...(row.patient === undefined ? {} : { patient: row.patient }), ...(split ? { split } : {}) };
}

/** The split that a word in a table means. */
export function splitNamed(word: string | undefined): Split | undefined {
  const lower = word?.toLowerCase() ?? '';
  if (lower.startsWith('train')) return 'train';
  if (lower.startsWith('val') || lower === 'dev') return 'validation';
  return lower.startsWith('test') ? 'test' : undefined;
}
