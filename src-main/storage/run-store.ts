// Training runs of a project: their settings and how they ended. Their files are in runs/<id>/.
import type { DatabaseSync } from 'node:sqlite';
import { parseStored } from './stored-json.ts';

/** Where a run stands. A deleted one keeps its row: masks may have begun as its suggestion, and its number is not given again. */
export type RunStatus = 'running' | 'finished' | 'stopped' | 'failed' | 'deleted';

/** A training run. */
export interface RunRecord {
  readonly id: string;
  /** ISO time. */
  readonly created: string;
  readonly status: RunStatus;
  /** The resolved configuration, as JSON. */
  readonly configuration: unknown;
  /** What the run reached, as JSON; null until it says. */
  readonly summary: unknown;
}

/** Adds a run and gives its id: run-001, run-002… */
export function addRun(database: DatabaseSync, configuration: unknown, created: string): string {
  const last = Number(database.prepare('SELECT coalesce(max(number), 0) AS last FROM runs').get()?.['last']);
  const id = `run-${String(last + 1).padStart(3, '0')}`;
  database
    .prepare(`INSERT INTO runs (id, created, status, configuration) VALUES (?, ?, 'running', ?)`)
    .run(id, created, JSON.stringify(configuration));
  return id;
}

/** Notes how a run stands, and parts of what is known of it; a part that is null is taken away. */
export function updateRun(
  database: DatabaseSync,
  id: string,
  status: RunStatus,
  changes: Readonly<Record<string, unknown>> = {},
): void {
  database
    .prepare(`UPDATE runs SET status = ?, summary = json_patch(coalesce(summary, '{}'), ?) WHERE id = ?`)
    .run(status, JSON.stringify(changes), id);
}

/** All runs that are not deleted, oldest first. */
export function readRuns(database: DatabaseSync): RunRecord[] {
  return database
    .prepare(`SELECT * FROM runs WHERE status <> 'deleted' ORDER BY number`)
    .all()
    .map((row) => ({
      id: String(row['id']),
      created: String(row['created']),
      // The writer stores only these words.
      status: String(row['status']) as RunStatus,
      configuration: parseStored(row['configuration'], 'the configuration of a run'),
      summary: row['summary'] === null ? null : parseStored(row['summary'], 'the summary of a run'),
    }));
}
