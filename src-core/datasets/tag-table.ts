// Tables of labels: which column is what, and which classes each row names.
import { shortened } from '../imaging/refusal.ts';
import { classIndex, meansNoClass } from './class-names.ts';
import type { ScanEvent, TableColumn } from './importer.ts';

/** One row of a table of labels. */
export interface TagRow {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly file?: string;
  readonly patient?: string;
  readonly frame?: number;
  readonly phase?: string;
  readonly slice?: number;
  readonly split?: string;
  /** 1 or 0 for each class. */
  readonly present: readonly number[];
}

/** Column numbers of a table; `labels` may be several. */
export interface TableColumns {
  readonly at: Partial<Record<Exclude<TableColumn, 'labels'>, number>>;
  readonly labels: readonly number[];
  /** Whether each label column is a class of its own, with yes or no in its cells. */
  readonly oneHot: boolean;
  readonly headings: readonly string[];
  /** Rows that follow the headings begin here. */
  readonly firstRow: 0 | 1;
}

const HEADINGS: Readonly<Record<TableColumn, readonly string[]>> = {
  file: ['file', 'filename', 'file name', 'file_name', 'image', 'path', 'name', 'id', 'image_id'],
  patient: ['patient', 'patient_id', 'case', 'subject', 'group'],
  frame: ['frame', 'time'],
  phase: ['phase'],
  slice: ['slice', 'z', 'slice_index'],
  labels: ['labels', 'label', 'class', 'classes', 'tags', 'tag', 'category'],
  split: ['split', 'set', 'fold'],
};
const YES = new Set(['1', 'true', 'yes', 'y', 'x']);
const NO = new Set(['0', 'false', 'no', 'n', '']);

/** Finds the columns by their headings; columns stated by the caller win. Returns words on failure. */
export function detectColumns(
  rows: readonly (readonly string[])[],
  stated: Partial<Record<TableColumn, string>>,
): TableColumns | string {
  const headings = (rows[0] ?? []).map((cell) => cell.trim());
  const find = (column: TableColumn): number => {
    const wanted = stated[column] === undefined ? HEADINGS[column] : [stated[column].toLowerCase()];
    return headings.findIndex((heading) => wanted.includes(heading.toLowerCase()));
  };
  for (const [column, heading] of Object.entries(stated)) {
    if (find(column as TableColumn) < 0)
      return shortened(`no column is called "${heading}"; there are ${headings.join(', ')}`);
  }
  const at: Partial<Record<Exclude<TableColumn, 'labels'>, number>> = {};
  for (const column of ['file', 'patient', 'frame', 'phase', 'slice', 'split'] as const) {
    const index = find(column);
    if (index >= 0) at[column] = index;
  }
  const first = find('labels');
  if (first < 0 && Object.keys(at).length === 0) return headlessColumns(rows);
  const taken = new Set(Object.values(at));
  const free = headings.map((_, index) => index).filter((index) => !taken.has(index));
  if (first >= 0) {
    // `file, label, label…`: every later column without another meaning holds labels too.
    return { at, labels: free.filter((index) => index >= first), oneHot: false, headings, firstRow: 1 };
  }
  const oneHot = free.filter((index) => isYesNoColumn(rows, index));
  if (oneHot.length > 0) return { at, labels: oneHot, oneHot: true, headings, firstRow: 1 };
  return shortened(`no column of labels among ${headings.join(', ')}`);
}

/** Label names a table uses, in order of first appearance; words that mean "no class" left out. */
export function labelNamesOf(rows: readonly (readonly string[])[], columns: TableColumns): string[] {
  if (columns.oneHot) return columns.labels.map((index) => columns.headings[index] ?? '');
  const names = new Map<string, string>();
  for (const row of rows.slice(columns.firstRow)) {
    for (const label of labelsOfRow(row, columns)) {
      if (!meansNoClass(label) && !names.has(label.toLowerCase())) names.set(label.toLowerCase(), label);
    }
  }
  return [...names.values()];
}

/**
 * Rows of a table with their tags. A row naming a label that is no known class is refused, since leaving the
 * label out would say the class is absent; a known class that is not kept is background.
 */
export function readTagRows(
  file: string,
  rows: readonly (readonly string[])[],
  stated: Partial<Record<TableColumn, string>>,
  classes: readonly string[],
  known: readonly string[],
): { rows: TagRow[]; events: ScanEvent[] } {
  const columns = detectColumns(rows, stated);
  if (typeof columns === 'string') {
    return { rows: [], events: [{ kind: 'refused', file, expected: 'columns of files and labels', found: columns }] };
  }
  const events: ScanEvent[] = [];
  const read: TagRow[] = [];
  rows.slice(columns.firstRow).forEach((row, index) => {
    const line = index + 1 + columns.firstRow;
    const labels = labelsOfRow(row, columns);
    const unknown = labels.filter((label) => !meansNoClass(label) && classIndex(known, label) < 0);
    const expected = `line ${line} to name classes among ${known.join(', ')} or none`;
    if (unknown.length > 0) events.push({ kind: 'refused', file, expected, found: unknown.join(', ') });
    else read.push({ line, ...namesOfRow(row, columns), present: presence(labels, classes) });
  });
  return { rows: read, events };
}

function presence(labels: readonly string[], classes: readonly string[]): number[] {
  const present = new Array<number>(classes.length).fill(0);
  for (const label of labels) {
    const index = classIndex(classes, label);
    if (index >= 0) present[index] = 1;
  }
  return present;
}

function labelsOfRow(row: readonly string[], columns: TableColumns): string[] {
  if (columns.oneHot) {
    return columns.labels
      .filter((index) => YES.has((row[index] ?? '').trim().toLowerCase()))
      .map((index) => columns.headings[index] ?? '');
  }
  // Rows may be longer than the headings: `file, label` then any number of labels.
  const extra = row.length > columns.headings.length ? row.slice(columns.headings.length) : [];
  const cells = [...columns.labels.map((index) => row[index] ?? ''), ...extra];
  return cells
    .flatMap((cell) => cell.split(/[;|,]/))
    .map((label) => label.trim())
    .filter((label) => label !== '');
}

function namesOfRow(row: readonly string[], { at }: TableColumns): Omit<TagRow, 'line' | 'present'> {
  const text = (index: number | undefined): string | undefined => {
    const cell = index === undefined ? '' : (row[index] ?? '').trim();
    return cell === '' ? undefined : cell;
  };
  const whole = (index: number | undefined): number | undefined => {
    const value = Number(text(index) ?? NaN);
    return Number.isInteger(value) ? value : undefined;
  };
  const named = {
    file: text(at.file)?.replaceAll('\\', '/').replace(/^\.\//, ''),
    patient: text(at.patient),
    phase: text(at.phase),
    split: text(at.split),
    frame: whole(at.frame),
    slice: whole(at.slice),
  };
  // Absent cells are absent fields.
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** A table without headings: the first column names files, the others labels. */
function headlessColumns(rows: readonly (readonly string[])[]): TableColumns | string {
  const first = rows[0]?.[0] ?? '';
  if (!/\.[a-z0-9]{2,5}$/i.test(first.trim())) return `no heading is known and "${shortened(first)}" is no file name`;
  const width = Math.max(...rows.map((row) => row.length));
  const labels = Array.from({ length: width - 1 }, (_, index) => index + 1);
  return { at: { file: 0 }, labels, oneHot: false, headings: Array.from({ length: width }, () => ''), firstRow: 0 };
}

function isYesNoColumn(rows: readonly (readonly string[])[], index: number): boolean {
  return rows.slice(1).every((row) => {
    const cell = (row[index] ?? '').trim().toLowerCase();
    return YES.has(cell) || NO.has(cell);
  });
}
