// A table as values: what is shown, copied, saved as CSV and put into the report is the same.

export interface Column {
  readonly title: string;
  /** Digits after the point of numbers; text columns have none. */
  readonly digits?: number;
  /** Written beside the numbers where they are shown. */
  readonly unit?: string;
}

/** A cell; a number that does not exist is NaN or null and shows as a dash. */
export type Cell = string | number | null;

export interface TableData {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** How the values are to be read. */
  readonly note?: string;
}

/** A cell as it is shown. */
export function showCell(cell: Cell | undefined, { digits }: Column): string {
  if (cell === undefined || cell === null || (typeof cell === 'number' && Number.isNaN(cell))) return '–';
  if (typeof cell === 'string') return cell;
  if (cell === Infinity) return '∞';
  return digits === undefined ? String(cell) : cell.toFixed(digits);
}

/** RFC 4180, for spreadsheets and statistics programs: full precision, missing values empty, units in the headings. */
export function toCsv({ columns, rows }: TableData): string {
  return lines(
    columns,
    rows,
    ',',
    (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text),
    '\r\n',
  );
}

/** For pasting into a document or spreadsheet. */
export function toTsv({ columns, rows }: TableData): string {
  return lines(columns, rows, '\t', (text) => text.replaceAll(/[\t\n\r]/g, ' '), '\n');
}

function lines(
  columns: readonly Column[],
  rows: TableData['rows'],
  separator: string,
  escape: (text: string) => string,
  end: string,
): string {
  const heads = columns.map(({ title, unit }) => (unit ? `${title} (${unit})` : title));
  const all = [heads, ...rows.map((row) => columns.map((_, i) => plain(row[i])))];
  return all.map((cells) => cells.map(escape).join(separator) + end).join('');
}

function plain(cell: Cell | undefined): string {
  if (cell === undefined || cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return '';
  return String(cell);
}

/** Rows by the values of a column: numbers by size, texts by name, missing ones last whichever way. */
export function sortRows(rows: TableData['rows'], column: number, descending: boolean): TableData['rows'] {
  const names = new Intl.Collator(undefined, { numeric: true });
  const missing = (cell: Cell | undefined) => cell === undefined || cell === null || Number.isNaN(cell);
  return rows.toSorted((a, b) => {
    const [one, other] = [a[column], b[column]];
    if (missing(one) || missing(other)) return Number(missing(one)) - Number(missing(other));
    const order =
      typeof one === 'number' && typeof other === 'number' ? one - other : names.compare(String(one), String(other));
    return descending ? -order : order;
  });
}
