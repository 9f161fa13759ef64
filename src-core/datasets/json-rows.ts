// Labels stored as JSON, as the rows that a table of the same would have.
import { refuse, type Refusal } from '../imaging/refusal.ts';

/** Rows of `{"a.png": ["cat"]}`, `{"a.png": "cat"}` or `[{"file": "a.png", "labels": ["cat"], …}]`, headings first. */
export function rowsOfJson(parsed: unknown): string[][] | Refusal {
  const shape = 'a JSON object of file and labels, or a list of objects with "file" and "labels"';
  if (Array.isArray(parsed)) {
    const records = parsed.filter(isRecord);
    if (records.length < parsed.length) return refuse(shape, 'a list of something else');
    const headings = [...new Set(records.flatMap((record) => Object.keys(record)))];
    return [headings, ...records.map((record) => headings.map((heading) => cell(record[heading])))];
  }
  if (!isRecord(parsed)) return refuse(shape, typeof parsed);
  return [['file', 'labels'], ...Object.entries(parsed).map(([file, labels]) => [file, cell(labels)])];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cell(value: unknown): string {
  if (Array.isArray(value)) return value.map(cell).join(';');
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
