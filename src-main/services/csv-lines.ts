// Tables for spreadsheets, line by line, so that memory does not grow with them.
import { stringify } from 'csv-stringify/sync';

/** A cell; a number that is NaN, and what is absent, is an empty one. */
export type Cell = string | number | null | undefined;

/** A head and rows as CSV. Text that begins like a formula is not one, whatever program opens the file. */
export function* csvLines(head: readonly string[], rows: Iterable<readonly Cell[]>): Generator<string> {
  yield line(head);
  for (const row of rows) yield line(row);
}

function line(cells: readonly Cell[]): string {
  const shown = cells.map((cell) => (typeof cell === 'number' && Number.isNaN(cell) ? null : cell));
  return stringify([shown], { escape_formulas: true });
}
