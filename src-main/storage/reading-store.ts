// Readings: what each reader decided about an item, with the reader's mask and the suggested mask that it began as.
import type { DatabaseSync } from 'node:sqlite';
import type { ItemState } from '../../src-core/review/item-state.ts';
import type { StoredPlane } from './plane-change.ts';

/** Kind of the mask that a person accepted or corrected. */
export const REVIEWED = 'reviewed';

/** Kind of an expert's mask that came with the source and is used only to measure. */
export const TRUTH = 'truth';

/**
 * Numbers of readers. `effective`: the reading that supervises training and is exported. `first`: the first annotator's own, where
 * an adjudication put something else in its place. Others are second readers, from 2 on.
 */
export const READER = { effective: 0, first: 1 } as const;

/** A map of a run, by row number of the run. */
export interface StoredBase {
  readonly run: number;
  readonly kind: string;
}

/** What is recorded of a reading beside its masks. */
export interface ReadingFacts {
  readonly state: ItemState;
  /** Why it was rejected or flagged; may be empty. */
  readonly reason: string;
  /** The suggested mask that the reader's mask began as; null: an empty mask, or there is no mask yet. */
  readonly base: StoredBase | null;
  /** Who changed it last, and when (ISO time). */
  readonly annotator: string;
  readonly at: string;
  /** When readings of the item were brought together; null: never. */
  readonly adjudicated: string | null;
}

/** A reading at one moment. Mask and base are there together or not at all. */
export interface Reading {
  readonly facts: ReadingFacts;
  readonly mask: StoredPlane;
  readonly base: StoredPlane;
}

/** An item that nobody has touched. */
export const UNREAD: Reading = {
  facts: { state: 'pending', reason: '', base: null, annotator: '', at: '', adjudicated: null },
  mask: null,
  base: null,
};

/** Where a reader's mask and its base are kept among the label maps of run 0. */
export function kindsOf(reader: number): { mask: string; base: string } {
  return reader === READER.effective
    ? { mask: REVIEWED, base: 'base' }
    : { mask: `${REVIEWED}/${reader}`, base: `base/${reader}` };
}

/** A reader's present reading of an item. */
export function readReading(database: DatabaseSync, item: number, reader: number): Reading {
  const kinds = kindsOf(reader);
  const facts = readFacts(database, item, reader);
  return { facts, mask: readPlane(database, item, kinds.mask), base: readPlane(database, item, kinds.base) };
}

/** Puts a reading in place of the present one. The caller holds a transaction. */
export function writeReading(
  database: DatabaseSync,
  item: number,
  reader: number,
  { facts, mask, base }: Reading,
): void {
  const kinds = kindsOf(reader);
  writePlane(database, item, kinds.mask, mask);
  writePlane(database, item, kinds.base, base);
  writeFacts(database, item, reader, facts);
}

/** What is recorded of a reading, without its masks. */
export function readFacts(database: DatabaseSync, item: number, reader: number): ReadingFacts {
  const row = database.prepare('SELECT * FROM readings WHERE item = ? AND reader = ?').get(item, reader);
  if (!row) return UNREAD.facts;
  const hasBase = row['base_run'] !== null;
  return {
    // The writer stores only these words.
    state: String(row['state']) as ItemState,
    reason: String(row['reason']),
    base: hasBase ? { run: Number(row['base_run']), kind: String(row['base_kind']) } : null,
    annotator: String(row['annotator']),
    at: String(row['at']),
    adjudicated: row['adjudicated'] === null ? null : String(row['adjudicated']),
  };
}

/** Records a reading's facts; the state of the effective one is repeated in the items. The caller holds a transaction. */
export function writeFacts(database: DatabaseSync, item: number, reader: number, facts: ReadingFacts): void {
  const { state, reason, base, annotator, at, adjudicated } = facts;
  if (reader === READER.effective) database.prepare('UPDATE items SET state = ? WHERE number = ?').run(state, item);
  if (at === '' && state === 'pending') {
    database.prepare('DELETE FROM readings WHERE item = ? AND reader = ?').run(item, reader);
    return;
  }
  database
    .prepare(
      `INSERT OR REPLACE INTO readings (item, reader, state, reason, base_run, base_kind, annotator, at, adjudicated)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(item, reader, state, reason, base?.run ?? null, base?.kind ?? null, annotator, at, adjudicated);
}

function readPlane(database: DatabaseSync, item: number, kind: string): StoredPlane {
  const row = database.prepare('SELECT data FROM label_maps WHERE item = ? AND kind = ? AND run = 0').get(item, kind);
  // Stored as a blob.
  return row ? (row['data'] as Uint8Array) : null;
}

function writePlane(database: DatabaseSync, item: number, kind: string, plane: StoredPlane): void {
  if (plane) {
    database
      .prepare('INSERT OR REPLACE INTO label_maps (item, kind, run, data) VALUES (?, ?, 0, ?)')
      .run(item, kind, plane);
  } else {
    database.prepare('DELETE FROM label_maps WHERE item = ? AND kind = ? AND run = 0').run(item, kind);
  }
}
