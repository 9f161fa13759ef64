// The audit trail: every decision, in the order they were made. Rows are only added.
import type { DatabaseSync } from 'node:sqlite';
import { parseStored } from './stored-json.ts';

/** One entry of the audit trail. */
export interface AuditEntry {
  readonly number: number;
  /** ISO time. */
  readonly at: string;
  readonly annotator: string;
  /** What was done, such as `brush`, `accept`, `undo`. */
  readonly action: string;
  /** Id of the item; null where it is about none. */
  readonly item: string | null;
  /** What it changed, by action. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What is added; the item by row number. */
export interface NewAuditEntry extends Omit<AuditEntry, 'number' | 'item'> {
  readonly item: number | null;
}

/** Adds an entry. The caller holds a transaction. */
export function addAudit(database: DatabaseSync, { at, annotator, action, item, detail }: NewAuditEntry): void {
  database
    .prepare('INSERT INTO audit (at, annotator, action, item, detail) VALUES (?, ?, ?, ?, ?)')
    .run(at, annotator, action, item, JSON.stringify(detail));
}

/** The audit trail, oldest first; of one item where one is named. */
export function* readAudit(database: DatabaseSync, item?: string): Generator<AuditEntry, void> {
  const rows = database.prepare(
    `SELECT a.*, i.id FROM audit a LEFT JOIN items i ON i.number = a.item
     WHERE ?1 IS NULL OR i.id = ?1 ORDER BY a.number`,
  );
  for (const row of rows.iterate(item ?? null)) {
    yield {
      number: Number(row['number']),
      at: String(row['at']),
      annotator: String(row['annotator']),
      action: String(row['action']),
      item: row['id'] === null ? null : String(row['id']),
      // Written by `addAudit`.
      detail: parseStored(row['detail'], 'a line of the audit') as Record<string, unknown>,
    };
  }
}
