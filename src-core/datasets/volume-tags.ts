// Tags of volumes from a table: (patient, frame or phase, slice, labels) or (file, [frame or phase,] slice, labels).
import { isRefusal } from '../imaging/refusal.ts';
import type { FileNames } from './file-names.ts';
import type { DatasetFiles, ScanEvent, ScanOptions } from './importer.ts';
import { withLabelNames } from './mask-labels.ts';
import { detectColumns, labelNamesOf, readTagRows, type TagRow } from './tag-table.ts';

/** The volume that tags are asked for. */
export interface VolumeName {
  readonly patient?: string;
  readonly file?: string;
  readonly frame?: number;
  readonly phase?: string;
}

/** Tags by slice (from 0): 1 or 0 for each class. */
export type SliceTags = ReadonlyMap<number, readonly number[]>;

/** The tags of a table by volume, and what is left when every volume has taken its own. */
export interface StatedTags {
  readonly events: readonly ScanEvent[];
  /** Undefined where the table does not name the volume. */
  take(name: VolumeName): SliceTags | undefined;
  /** Rows whose volume was not there. */
  leftOver(): ScanEvent[];
}

/** Slice number of a row that names none: right only for a volume of one slice. */
export const WHOLE_VOLUME = -1;

/** Classes by name: asked for, in the table, or stated for mask values; none where nothing names any. */
export async function statedClasses(
  files: DatasetFiles,
  table: string | undefined,
  options: ScanOptions,
): Promise<readonly string[]> {
  if (options.classes) return withLabelNames(options.classes, options.labelNames);
  const rows = table === undefined ? [] : await files.readRows(table);
  const columns = isRefusal(rows) || rows.length === 0 ? 'no table' : detectColumns(rows, options.columns ?? {});
  const inTable = typeof columns === 'string' || isRefusal(rows) ? [] : labelNamesOf(rows, columns);
  return withLabelNames(inTable, options.labelNames);
}

/** Reads a table of tags of volumes. `lookUp` finds files as tables name them. */
export async function readVolumeTags(
  files: DatasetFiles,
  options: ScanOptions,
  classes: readonly string[],
  known: readonly string[],
  lookUp?: FileNames,
): Promise<StatedTags> {
  const file = options.tagsFile ?? '';
  const rows = await files.readRows(file);
  if (isRefusal(rows)) return { events: [{ ...rows, file }], take: () => undefined, leftOver: () => [] };
  const table = readTagRows(file, rows, options.columns ?? {}, classes, known);
  const events: ScanEvent[] = [...table.events];
  const firstSlice = options.firstSlice ?? detectFirstSlice(file, table.rows, events);
  const left = new Set(table.rows);
  const byVolume = Map.groupBy(table.rows, (row) => volumeKey(row, lookUp));
  return {
    events,
    take(name) {
      const mine = (byVolume.get(name.file ?? '') ?? byVolume.get(name.patient ?? '') ?? []).filter((row) =>
        isOfPhase(row, name),
      );
      for (const row of mine) left.delete(row);
      return mine.length > 0 ? bySlice(mine, firstSlice) : undefined;
    },
    leftOver: () =>
      [...left].map((row) => ({
        kind: 'refused',
        file,
        expected: `line ${row.line} to name a volume and frame of the source`,
        found: `${row.file ?? row.patient ?? '(nothing)'}${row.frame === undefined ? '' : `, frame ${row.frame}`}`,
      })),
  };
}

/** Several rows about one slice are taken together: a class is there when any of them says so. */
function bySlice(rows: readonly TagRow[], firstSlice: number): SliceTags {
  const tags = new Map<number, readonly number[]>();
  for (const row of rows) {
    const slice = row.slice === undefined ? WHOLE_VOLUME : row.slice - firstSlice;
    const before = tags.get(slice);
    tags.set(slice, before ? before.map((value, index) => Math.max(value, row.present[index] ?? 0)) : row.present);
  }
  return tags;
}

function volumeKey(row: TagRow, lookUp: FileNames | undefined): string {
  if (row.file === undefined) return row.patient ?? '';
  const named = lookUp?.(row.file);
  return named?.kind === 'file' ? named.path : row.file;
}

function isOfPhase(row: TagRow, name: VolumeName): boolean {
  if (row.frame !== undefined && name.frame !== undefined) return row.frame === name.frame;
  if (row.phase !== undefined && name.phase !== undefined) return row.phase.toLowerCase() === name.phase.toLowerCase();
  return true;
}

/** A table that has a slice 0 counts from 0; any other is taken to count from 1. */
function detectFirstSlice(file: string, rows: readonly TagRow[], events: ScanEvent[]): 0 | 1 {
  if (rows.some((row) => row.slice === 0)) return 0;
  if (rows.some((row) => row.slice !== undefined)) {
    events.push({ kind: 'warning', file, message: 'no slice is numbered 0, so slices are taken to count from 1' });
  }
  return 1;
}
