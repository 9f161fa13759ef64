import type { DatabaseSync } from 'node:sqlite';

/** Forgets all that a run has said about any item. The caller holds a transaction. */
export function removePredictions(database: DatabaseSync, run: string): void {
  for (const table of ['predictions', 'value_maps', 'label_maps']) {
    database.prepare(`DELETE FROM ${table} WHERE run = (SELECT number FROM runs WHERE id = ?)`).run(run);
  }
}
