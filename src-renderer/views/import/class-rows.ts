// The classes a person makes of those found: each row is a class of the project, or left out of it.
import { classColours, hexColour } from '../../../src-core/review/colours.ts';
import type { ParamsOf } from '../../../src-core/contract/contract.ts';

export interface ClassRow {
  readonly id: number;
  readonly name: string;
  /** Names of the classes found that it holds; none for one that a person made. */
  readonly sources: readonly string[];
  /** `#rrggbb`; null for the usual one. */
  readonly colour: string | null;
  /** Left out: background. */
  readonly kept: boolean;
}

/** A row for each class found, in their order. */
export function rowsOf(found: readonly string[]): ClassRow[] {
  return found.map((name, id) => ({ id, name, sources: [name], colour: null, kept: true }));
}

/** A class that no image is tagged with yet. */
export function addRow(rows: readonly ClassRow[], name: string): ClassRow[] {
  return [...rows, { id: nextId(rows), name, sources: [], colour: null, kept: true }];
}

export function removeRow(rows: readonly ClassRow[], id: number): ClassRow[] {
  return rows.filter((row) => row.id !== id);
}

export function changeRow(
  rows: readonly ClassRow[],
  id: number,
  changes: Partial<Pick<ClassRow, 'name' | 'colour' | 'kept'>>,
): ClassRow[] {
  return rows.map((row) => (row.id === id ? { ...row, ...changes } : row));
}

/** Puts a row at another place. */
export function moveRow(rows: readonly ClassRow[], id: number, to: number): ClassRow[] {
  const row = rows.find((each) => each.id === id);
  if (!row) return [...rows];
  const others = rows.filter((each) => each !== row);
  return others.toSpliced(Math.max(0, Math.min(others.length, to)), 0, row);
}

/** One class of two: the second takes in the first. */
export function mergeRows(rows: readonly ClassRow[], id: number, into: number): ClassRow[] {
  const merged = rows.find((row) => row.id === id);
  if (!merged || id === into) return [...rows];
  return removeRow(rows, id).map((row) =>
    row.id === into ? { ...row, sources: [...row.sources, ...merged.sources] } : row,
  );
}

/** Takes a class found out of a merged one again, right below it. */
export function splitRow(rows: readonly ClassRow[], id: number, source: string): ClassRow[] {
  return rows.flatMap((row) => {
    if (row.id !== id || row.sources.length < 2) return [row];
    const own: ClassRow = { id: nextId(rows), name: source, sources: [source], colour: null, kept: true };
    return [{ ...row, sources: row.sources.filter((each) => each !== source) }, own];
  });
}

/** The colour of every row, `#rrggbb`; of those left out too. */
export function coloursOf(rows: readonly ClassRow[]): string[] {
  const kept = rows.filter((row) => row.kept);
  const usual = classColours(kept.map(({ name }) => name.trim())).map(hexColour);
  return rows.map((row) => row.colour ?? usual[kept.indexOf(row)] ?? '#808080');
}

/** What keeps a row from being a class of the project. */
export type RowProblem = 'unnamed' | 'twice' | undefined;

export function problemOf(rows: readonly ClassRow[], row: ClassRow): RowProblem {
  if (!row.kept) return undefined;
  const name = row.name.trim().toLowerCase();
  if (name === '') return 'unnamed';
  return rows.some((other) => other !== row && other.kept && other.name.trim().toLowerCase() === name)
    ? 'twice'
    : undefined;
}

/** The classes to make; the rows left out are background. */
export function chosenClasses(rows: readonly ClassRow[]): ParamsOf<'import.make'>['classes'] {
  const colours = coloursOf(rows);
  return rows.flatMap(({ name, sources, kept }, i) =>
    kept ? [{ name: name.trim(), sources: [...sources], colour: colours[i]! }] : [],
  );
}

function nextId(rows: readonly ClassRow[]): number {
  return Math.max(-1, ...rows.map(({ id }) => id)) + 1;
}
