// Second readers of a project, by name.
import { addAudit } from '../storage/audit-store.ts';
import { READER } from '../storage/reading-store.ts';
import type { Project } from './project.ts';

/** A second reader. */
export interface SecondReader {
  readonly name: string;
  /** Whether the reader is not to see what the first one made. */
  readonly isBlind: boolean;
}

/** Second readers in the order they began. */
export function secondReaders(project: Project): SecondReader[] {
  const rows = project.database.prepare('SELECT name, blind FROM readers ORDER BY number').all();
  return rows.map((row) => ({ name: String(row['name']), isBlind: row['blind'] === 1 }));
}

/** The second reader that a person is, where they read blind; undefined otherwise. */
export function blindReader(project: Project, annotator: string): string | undefined {
  const name = annotator.trim();
  return secondReaders(project).find((reader) => reader.name === name && reader.isBlind)?.name;
}

/** Names of the people who have made the first reading, the one with most items first; those without a name are left out. */
export function firstReaders(project: Project): string[] {
  const rows = project.database
    .prepare(
      `SELECT coalesce(f.annotator, e.annotator) AS name FROM readings e
       LEFT JOIN readings f ON f.item = e.item AND f.reader = ${READER.first}
       WHERE e.reader = ${READER.effective} AND name <> '' GROUP BY name ORDER BY count(*) DESC, name`,
    )
    .all();
  return rows.map((row) => String(row['name']));
}

/**
 * Takes up a second reader, or changes whether a known one is blind; the audit trail says so. Throws where all of the first reading is
 * that person's own.
 */
export function addSecondReader(project: Project, { name, isBlind }: SecondReader): void {
  const trimmed = name.trim();
  if (trimmed === '') throw new Error('name: expected the name of the second reader, got an empty one');
  const known = secondReaders(project).find((reader) => reader.name === trimmed);
  if (known?.isBlind === isBlind) return;
  const first = firstReaders(project);
  if (!known && first.length > 0 && first.every((each) => each === trimmed)) {
    throw new Error(
      `name: expected somebody beside the first reader, got "${trimmed}", who made the whole first reading`,
    );
  }
  project.write(() => {
    project.database
      .prepare(
        `INSERT INTO readers (number, name, blind) VALUES ((SELECT max(coalesce(max(number), 0), ${READER.first}) + 1 FROM readers), ?, ?)
         ON CONFLICT (name) DO UPDATE SET blind = excluded.blind`,
      )
      .run(trimmed, isBlind ? 1 : 0);
    const at = new Date().toISOString();
    const detail = { reader: readerNumber(project, trimmed), blind: isBlind };
    addAudit(project.database, { at, annotator: trimmed, action: 'second reading', item: null, detail });
  });
}

/** Number of a reader; the effective reading's where none is named. */
export function readerNumber(project: Project, name: string | undefined): number {
  if (name === undefined) return READER.effective;
  const row = project.database.prepare('SELECT number FROM readers WHERE name = ?').get(name);
  if (row) return Number(row['number']);
  const known = secondReaders(project).map((reader) => reader.name);
  throw new Error(`reader: expected one of ${known.join(', ') || '(none yet)'}, got "${name}"`);
}
