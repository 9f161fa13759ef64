// The masks that a run suggests, as they are stored.
import type { DatabaseSync } from 'node:sqlite';
import type { StoredBase } from './reading-store.ts';

/** A suggested mask and which map of the run it is. */
export interface StoredSuggestion {
  readonly base: StoredBase;
  readonly mask: Uint8Array;
}

/** What a run suggests for an item: its segmentation where it has one, else P; undefined where it has neither. */
export function readSuggestion(database: DatabaseSync, item: number, run: number): StoredSuggestion | undefined {
  // By name, the segmentation comes last.
  const row = database
    .prepare(
      `SELECT kind, data FROM label_maps WHERE item = ? AND run = ? AND kind IN ('segmentation', 'pseudo')
       ORDER BY kind DESC LIMIT 1`,
    )
    .get(item, run);
  // Stored as a blob.
  return row && { base: { run, kind: String(row['kind']) }, mask: row['data'] as Uint8Array };
}
