// Undo that survives a restart: gestures, what each changed, and which of them are undone.
//
// A document is one reader's reading of an item, or the tags of an item. Of the gestures that touch a document the older ones are done and
// the newer ones undone, always: a new gesture drops those that were undone, and undo and redo take one only where it is next on every
// document that it touches.
import type { DatabaseSync } from 'node:sqlite';
import { applyChange, changeBetween, type StoredPlane } from './plane-change.ts';

/** Part of an item that its tags are. Readings go by the number of their reader. */
export const TAGS = -1;

/** A document by row number of its item. */
export interface DocumentKey {
  readonly item: number;
  readonly part: number;
}

/** A document at one moment. */
export interface Version {
  /** JSON; null where there is nothing. */
  readonly facts: string | null;
  readonly mask: StoredPlane;
  readonly base: StoredPlane;
}

/** Where documents are kept. */
export interface Documents {
  read(key: DocumentKey): Version;
  write(key: DocumentKey, version: Version): void;
}

/** What a gesture makes of one document. */
export interface Change extends DocumentKey {
  readonly before: Version;
  readonly after: Version;
  /** What leads from one mask to the other, where it is known already (patch-codec.ts). */
  readonly patch?: Uint8Array;
}

/** Who did what, and when (ISO time). */
export interface GestureFacts {
  readonly annotator: string;
  readonly action: string;
  readonly at: string;
}

/** A gesture that is kept. */
export interface Gesture extends GestureFacts {
  readonly number: number;
}

/** What undo or redo is about: one document, or all documents of a part as one stack (tags). */
export type UndoScope = DocumentKey | { readonly part: number; readonly item?: undefined };

/** How an undo or redo ended. `blocked`: the gesture also touches a document where another has to go first. */
export type Step =
  | { readonly kind: 'done'; readonly gesture: Gesture; readonly changes: readonly Change[] }
  | { readonly kind: 'blocked'; readonly gesture: Gesture; readonly by: DocumentKey }
  | { readonly kind: 'nothing' };

/** Bytes that a row takes beside its content, about. */
const ROW_BYTES = 96;

/** Records gestures and takes them back. Callers hold a transaction. */
export class HistoryStore {
  private readonly database: DatabaseSync;
  private readonly documents: Documents;

  constructor(database: DatabaseSync, documents: Documents) {
    this.database = database;
    this.documents = documents;
  }

  /**
   * Applies a gesture to its documents and keeps it for undo. What was undone on them can no longer be redone; beyond the budget
   * the oldest gestures of a document are dropped.
   *
   * @param budget - bytes of history kept for each document; the newest gesture is always kept
   */
  record({ annotator, action, at }: GestureFacts, changes: readonly Change[], budget: number): number {
    for (const change of changes) this.dropUndone(change.part === TAGS ? { part: TAGS } : change);
    const { lastInsertRowid } = this.database
      .prepare('INSERT INTO gestures (annotator, action, at) VALUES (?, ?, ?)')
      .run(annotator, action, at);
    const insert = this.database.prepare(
      'INSERT INTO edits (gesture, item, part, bytes, before, after, mask, base) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    for (const { item, part, before, after, patch } of changes) {
      const mask = (before.mask && patch) ?? changeBetween(before.mask, after.mask);
      const base = changeBetween(before.base, after.base);
      const facts = (before.facts?.length ?? 0) + (after.facts?.length ?? 0);
      const bytes = ROW_BYTES + facts + (mask?.length ?? 0) + (base?.length ?? 0);
      insert.run(lastInsertRowid, item, part, bytes, before.facts, after.facts, mask, base);
      this.documents.write({ item, part }, after);
    }
    for (const change of changes) this.trim(change, budget);
    return Number(lastInsertRowid);
  }

  /** The gesture that undo would take back. */
  undoable(scope: UndoScope): Gesture | undefined {
    return this.find(scope, 0, 'DESC');
  }

  /** The gesture that redo would bring back. */
  redoable(scope: UndoScope): Gesture | undefined {
    return this.find(scope, 1, 'ASC');
  }

  undo(scope: UndoScope): Step {
    const gesture = this.undoable(scope);
    if (!gesture) return { kind: 'nothing' };
    const by = this.blocking(gesture.number, 'later.gesture > mine.gesture AND g.undone = 0');
    return by ? { kind: 'blocked', gesture, by } : this.turn(gesture, 'before');
  }

  redo(scope: UndoScope): Step {
    const gesture = this.redoable(scope);
    if (!gesture) return { kind: 'nothing' };
    const by = this.blocking(gesture.number, 'later.gesture < mine.gesture AND g.undone = 1');
    return by ? { kind: 'blocked', gesture, by } : this.turn(gesture, 'after');
  }

  /** Bytes of history kept for a document. */
  bytes({ item, part }: DocumentKey): number {
    const row = this.database.prepare('SELECT sum(bytes) AS n FROM edits WHERE item = ? AND part = ?').get(item, part);
    return Number(row?.['n'] ?? 0);
  }

  private find({ item, part }: UndoScope, undone: 0 | 1, order: 'ASC' | 'DESC'): Gesture | undefined {
    const sql =
      item === undefined
        ? `SELECT g.* FROM gestures g WHERE g.undone = ? AND EXISTS (SELECT 1 FROM edits e WHERE e.gesture = g.number AND e.part = ?)
           ORDER BY g.number ${order} LIMIT 1`
        : `SELECT g.* FROM gestures g JOIN edits e ON e.gesture = g.number WHERE g.undone = ? AND e.part = ? AND e.item = ?
           ORDER BY e.gesture ${order} LIMIT 1`;
    const row = this.database.prepare(sql).get(undone, part, ...(item === undefined ? [] : [item]));
    if (!row) return undefined;
    const [annotator, action, at] = [String(row['annotator']), String(row['action']), String(row['at'])];
    return { number: Number(row['number']), annotator, action, at };
  }

  private blocking(gesture: number, condition: string): DocumentKey | undefined {
    const row = this.database
      .prepare(
        `SELECT mine.item, mine.part FROM edits mine
         JOIN edits later ON later.item = mine.item AND later.part = mine.part
         JOIN gestures g ON g.number = later.gesture
         WHERE mine.gesture = ? AND ${condition} LIMIT 1`,
      )
      .get(gesture);
    return row && { item: Number(row['item']), part: Number(row['part']) };
  }

  private turn(gesture: Gesture, toward: 'before' | 'after'): Step {
    const rows = this.database.prepare('SELECT * FROM edits WHERE gesture = ? ORDER BY number').all(gesture.number);
    const changes = rows.map((row): Change => {
      const key = { item: Number(row['item']), part: Number(row['part']) };
      const before = this.documents.read(key);
      const facts = row[toward];
      const after: Version = {
        facts: typeof facts === 'string' ? facts : null,
        // Stored as blobs.
        mask: applyChange(before.mask, row['mask'] as StoredPlane, toward),
        base: applyChange(before.base, row['base'] as StoredPlane, toward),
      };
      this.documents.write(key, after);
      return { ...key, before, after };
    });
    this.database
      .prepare('UPDATE gestures SET undone = ? WHERE number = ?')
      .run(toward === 'before' ? 1 : 0, gesture.number);
    return { kind: 'done', gesture, changes };
  }

  private dropUndone(scope: UndoScope): void {
    for (let first = this.redoable(scope); first; first = this.redoable(scope)) this.drop(first.number, 'newer');
  }

  private trim(key: DocumentKey, budget: number): void {
    let surplus = this.bytes(key) - budget;
    if (surplus <= 0) return;
    const rows = this.database.prepare(
      'SELECT gesture, bytes FROM edits WHERE item = ? AND part = ? AND gesture < (SELECT max(number) FROM gestures) ORDER BY gesture',
    );
    let last: number | undefined;
    for (const row of rows.iterate(key.item, key.part)) {
      if (surplus <= 0) break;
      surplus -= Number(row['bytes']);
      last = Number(row['gesture']);
    }
    if (last !== undefined) this.drop(last, 'older');
  }

  /**
   * Drops a gesture and, on every document that it touches, those before it (or after it): without it they lead nowhere. What
   * these do elsewhere goes the same way.
   */
  private drop(gesture: number, others: 'older' | 'newer'): void {
    const comparison = others === 'older' ? '<' : '>';
    const neighbours = this.database.prepare(
      `SELECT DISTINCT other.gesture FROM edits mine
       JOIN edits other ON other.item = mine.item AND other.part = mine.part AND other.gesture ${comparison} mine.gesture
       WHERE mine.gesture = ?`,
    );
    const dropped = new Set([gesture]);
    for (const number of dropped) {
      for (const row of neighbours.all(number)) dropped.add(Number(row['gesture']));
    }
    const removal = [
      this.database.prepare('DELETE FROM edits WHERE gesture = ?'),
      this.database.prepare('DELETE FROM gestures WHERE number = ?'),
    ];
    for (const number of dropped) for (const statement of removal) statement.run(number);
  }
}
