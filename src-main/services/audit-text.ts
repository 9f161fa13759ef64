// The audit trail as a file that a person takes along.
import { stringify } from 'csv-stringify/sync';
import { readAudit } from '../storage/audit-store.ts';
import type { Project } from './project.ts';

const COLUMNS = ['number', 'at', 'annotator', 'action', 'item', 'from', 'to', 'reason', 'pixels', 'detail'] as const;

/** All entries, oldest first: CSV with the fields of reviews in columns of their own, or JSON. */
export function auditText(project: Project, format: 'csv' | 'json'): string {
  const entries = [...readAudit(project.database)];
  if (format === 'json') return `${JSON.stringify(entries, undefined, 2)}\n`;
  const rows = entries.map(({ detail, ...entry }) => {
    const { from, to, reason, pixels, ...others } = detail;
    const isState = typeof from === 'string';
    const rest = isState ? others : detail;
    return { ...entry, ...(isState && { from, to }), reason, pixels, detail: JSON.stringify(rest) };
  });
  // Text that begins like a formula is not one, whatever program opens the file.
  return stringify(rows, { header: true, columns: [...COLUMNS], escape_formulas: true });
}
