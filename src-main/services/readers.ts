// Second readers of a project, by name.
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

/** Takes up a second reader, or changes whether a known one is blind. */
export function addSecondReader(project: Project, { name, isBlind }: SecondReader): void {
  const trimmed = name.trim();
  if (trimmed === '') throw new Error('name: expected the name of the second reader, got an empty one');
  project.write(() =>
    project.database
      .prepare(
        `INSERT INTO readers (number, name, blind) VALUES ((SELECT max(coalesce(max(number), 0), ${READER.first}) + 1 FROM readers), ?, ?)
         ON CONFLICT (name) DO UPDATE SET blind = excluded.blind`,
      )
      .run(trimmed, isBlind ? 1 : 0),
  );
}

/** Number of a reader; the effective reading's where none is named. */
export function readerNumber(project: Project, name: string | undefined): number {
  if (name === undefined) return READER.effective;
  const row = project.database.prepare('SELECT number FROM readers WHERE name = ?').get(name);
  if (row) return Number(row['number']);
  const known = secondReaders(project).map((reader) => reader.name);
  throw new Error(`reader: expected one of ${known.join(', ') || '(none yet)'}, got "${name}"`);
}
