// Tags of items by hand: rows as they are stored, so that undo puts back the very same ones in their order.
import type { DatabaseSync } from 'node:sqlite';
import type { Window } from '../../src-core/imaging/plane.ts';
import type { Presence } from '../../src-core/review/tag.ts';

/** Where a tag comes from. */
export type TagOrigin = 'imported' | 'annotator';

/** A tag of an item. */
export interface StoredTag {
  /** Absent until it is stored; tags are read in this order. */
  readonly number?: number;
  /** Null for a tag on the whole image. */
  readonly window: Window | null;
  readonly present: Presence;
  readonly origin: TagOrigin;
  readonly annotator: string;
}

/** The tags of an item in their order. */
export function readItemTags(database: DatabaseSync, item: number): StoredTag[] {
  const rows = database.prepare('SELECT * FROM tags WHERE item = ? ORDER BY number');
  return rows.all(item).map((row) => ({
    number: Number(row['number']),
    window:
      row['x'] === null
        ? null
        : { x: Number(row['x']), y: Number(row['y']), width: Number(row['width']), height: Number(row['height']) },
    // Stored as a blob.
    present: Array.from(row['present'] as Uint8Array),
    origin: row['origin'] === 'annotator' ? 'annotator' : 'imported',
    annotator: String(row['annotator']),
  }));
}

/** Puts tags in place of those of an item. The caller holds a transaction. */
export function writeItemTags(database: DatabaseSync, item: number, tags: readonly StoredTag[]): void {
  database.prepare('DELETE FROM tags WHERE item = ?').run(item);
  const insert = database.prepare(
    'INSERT INTO tags (number, item, x, y, width, height, present, origin, annotator) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for (const { number = null, window, present, origin, annotator } of tags) {
    const { x = null, y = null, width = null, height = null } = window ?? {};
    insert.run(number, item, x, y, width, height, Uint8Array.from(present), origin, annotator);
  }
}
