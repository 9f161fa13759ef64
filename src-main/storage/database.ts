// Opening project.db: WAL, version check before anything is written, migrations, transactions.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { explainStorageError, ProjectError } from './project-error.ts';
import { migrate, SCHEMA_VERSION, schemaVersion } from './schema.ts';

const FILE = 'project.db';

/** Whether a folder holds a project. */
export function holdsProject(directory: string): boolean {
  return existsSync(join(directory, FILE));
}

/** Creates an empty project database in an existing folder. */
export function createDatabase(directory: string): DatabaseSync {
  return explained(directory, () => {
    const database = new DatabaseSync(join(directory, FILE));
    configure(database);
    migrate(database, 0);
    return database;
  });
}

/** Opens a project database; an older one is brought up to date when it is opened for writing. */
export function openDatabase(directory: string, mode: 'read' | 'write'): DatabaseSync {
  if (!holdsProject(directory)) {
    throw new ProjectError(
      'not-a-project',
      `${directory} is no project: it has no ${FILE}. Make one with: unia import SOURCE --project DIR`,
    );
  }
  return explained(directory, () => {
    checkVersion(directory, mode);
    if (mode === 'read') return openReadOnly(join(directory, FILE));
    const database = new DatabaseSync(join(directory, FILE));
    configure(database);
    migrate(database, schemaVersion(database) ?? 0);
    return database;
  });
}

/** Runs several writes as one: all are kept, or none. */
export function transaction<Result>(database: DatabaseSync, directory: string, write: () => Result): Result {
  return explained(directory, () => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = write();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk has rolled the transaction back already.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
}

function configure(database: DatabaseSync): void {
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000',
  );
}

/** Looks at the version through a connection that cannot write, so that a newer project stays as it is. */
function checkVersion(directory: string, mode: 'read' | 'write'): void {
  const database = openReadOnly(join(directory, FILE));
  const version = schemaVersion(database);
  database.close();
  if (version === undefined) {
    throw new ProjectError('not-a-project', `${directory}/${FILE} is no project database.`);
  }
  if (version > SCHEMA_VERSION) {
    const versions = `its format is ${version}, this program knows up to ${SCHEMA_VERSION}`;
    throw new ProjectError(
      'newer-version',
      `${directory} was made by a newer version: ${versions}. It was not touched; update the program to open it.`,
    );
  }
  if (version < SCHEMA_VERSION && mode === 'read') {
    throw new ProjectError(
      'read-only',
      `${directory} was made by an older version; open it for writing once to bring it up to date.`,
    );
  }
}

/** WAL needs to write beside the database even to read; on a read-only disk the file is taken as unchanging. */
function openReadOnly(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.prepare('PRAGMA user_version').get();
    return database;
  } catch (error) {
    database.close();
    const url = pathToFileURL(file);
    url.search = '?mode=ro&immutable=1';
    try {
      const fixed = new DatabaseSync(url, { readOnly: true });
      fixed.prepare('PRAGMA user_version').get();
      return fixed;
    } catch {
      throw error;
    }
  }
}

function explained<Result>(directory: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw explainStorageError(error, directory);
  }
}
