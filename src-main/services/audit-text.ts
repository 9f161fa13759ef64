// The audit trail as a file that a person takes along.
import { readAudit, type AuditEntry } from '../storage/audit-store.ts';
import { csvLines, type Cell } from './csv-lines.ts';
import type { Project } from './project.ts';
import { readerNumber } from './readers.ts';

const COLUMNS = ['number', 'at', 'annotator', 'action', 'item', 'from', 'to', 'reason', 'pixels', 'detail'] as const;

/** All entries, or those of one second reader, oldest first: CSV with the fields of reviews in columns of their own, or JSON. */
export function auditText(project: Project, format: 'csv' | 'json', only?: string): string {
  if (format === 'json') return `${JSON.stringify([...auditEntries(project, { only })], undefined, 2)}\n`;
  return [...auditLines(project, only)].join('');
}

/** The lines of that CSV. */
export function auditLines(project: Project, only?: string): Iterable<string> {
  return csvLines(COLUMNS, auditRows(auditEntries(project, { only })));
}

/** Entries of the trail, oldest first: of one item, and of what one second reader did, where these are named. */
export function* auditEntries(
  project: Project,
  { item, only }: { readonly item?: string | undefined; readonly only?: string | undefined },
): Generator<AuditEntry, void> {
  const reader = only === undefined ? undefined : readerNumber(project, only);
  for (const entry of readAudit(project.database, item)) {
    if (reader === undefined || entry.detail['reader'] === reader) yield entry;
  }
}

function* auditRows(entries: Iterable<AuditEntry>): Generator<Cell[]> {
  for (const { number, at, annotator, action, item, detail } of entries) {
    const { from, to, reason, pixels, ...others } = detail;
    const isState = typeof from === 'string';
    const rest = JSON.stringify(isState ? others : detail);
    yield [number, at, annotator, action, item, ...[isState && from, isState && to, reason, pixels].map(cell), rest];
  }
}

function cell(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
