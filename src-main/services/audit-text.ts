// The audit trail as a file that a person takes along.
import { readAudit } from '../storage/audit-store.ts';
import { csvLines, type Cell } from './csv-lines.ts';
import type { Project } from './project.ts';

const COLUMNS = ['number', 'at', 'annotator', 'action', 'item', 'from', 'to', 'reason', 'pixels', 'detail'] as const;

/** All entries, oldest first: CSV with the fields of reviews in columns of their own, or JSON. */
export function auditText(project: Project, format: 'csv' | 'json'): string {
  if (format === 'json') return `${JSON.stringify([...readAudit(project.database)], undefined, 2)}\n`;
  return [...auditLines(project)].join('');
}

/** The lines of that CSV. */
export function auditLines(project: Project): Iterable<string> {
  return csvLines(COLUMNS, auditRows(project));
}

function* auditRows(project: Project): Generator<Cell[]> {
  for (const { number, at, annotator, action, item, detail } of readAudit(project.database)) {
    const { from, to, reason, pixels, ...others } = detail;
    const isState = typeof from === 'string';
    const rest = JSON.stringify(isState ? others : detail);
    yield [number, at, annotator, action, item, ...[isState && from, isState && to, reason, pixels].map(cell), rest];
  }
}

function cell(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
