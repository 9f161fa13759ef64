// Tags of volumes from a table: (patient, frame or phase, slice, labels) or (file, [phase,] slice, labels).
import { isRefusal } from '../imaging/refusal.ts';
import type { DatasetFiles, ScanEvent, ScanOptions } from './importer.ts';
import { readTagRows, type TagRow } from './tag-table.ts';

/** The volume that tags are asked for. */
export interface VolumeName {
  readonly patient?: string;
  readonly file?: string;
  readonly frame?: number;
  readonly phase?: string;
}

/** The tags of a table by volume, and what is left when every volume has taken its own. */
export interface StatedTags {
  readonly events: readonly ScanEvent[];
  /** Per slice (from 0) 1 or 0 for each class; undefined where the table does not name the volume. */
  take(name: VolumeName): ReadonlyMap<number, readonly number[]> | undefined;
  /** Rows whose volume was not there. */
  leftOver(): ScanEvent[];
}

/** Reads a table of tags of volumes. */
export async function readVolumeTags(
  files: DatasetFiles,
  options: ScanOptions,
  classes: readonly string[],
  known: readonly string[],
): Promise<StatedTags> {
  const file = options.tagsFile ?? '';
  const rows = await files.readRows(file);
  if (isRefusal(rows)) return { events: [{ ...rows, file }], take: () => undefined, leftOver: () => [] };
  const table = readTagRows(file, rows, options.columns ?? {}, classes, known);
  const events: ScanEvent[] = [...table.events];
  const firstSlice = options.firstSlice ?? detectFirstSlice(table.rows);
  const left = new Set(table.rows);
  const byVolume = Map.groupBy(table.rows, (row) => row.patient ?? row.file ?? '');
  return {
    events,
    take(name) {
      const mine = [name.patient, name.file].flatMap((key) => (key === undefined ? [] : (byVolume.get(key) ?? [])));
      const tags = new Map<number, readonly number[]>();
      for (const row of mine) {
        if (!isOfPhase(row, name)) continue;
        left.delete(row);
        tags.set((row.slice ?? firstSlice) - firstSlice, row.present);
      }
      return tags.size > 0 ? tags : undefined;
    },
    leftOver: () =>
      [...left].map((row) => ({
        kind: 'refused',
        file,
        expected: `line ${row.line} to name a volume and frame of the source`,
        found: `${row.patient ?? row.file ?? '(nothing)'}${row.frame === undefined ? '' : ` frame ${row.frame}`}`,
      })),
  };
}

function isOfPhase(row: TagRow, name: VolumeName): boolean {
  if (row.frame !== undefined && name.frame !== undefined) return row.frame === name.frame;
  if (row.phase !== undefined && name.phase !== undefined) return row.phase.toLowerCase() === name.phase.toLowerCase();
  return true;
}

/** A table that has a slice 0 counts from 0; any other counts from 1. */
function detectFirstSlice(rows: readonly TagRow[]): 0 | 1 {
  return rows.some((row) => row.slice === 0) ? 0 : 1;
}
