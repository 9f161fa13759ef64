// Opening project.db: version check before anything is touched, WAL, migrations, transactions.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { ReadOnlyCause } from '../../src-core/contract/project.ts';
import { explainStorageError, ProjectError } from './project-error.ts';
import { APPLICATION_ID, migrate, SCHEMA_VERSION, schemaVersion } from './schema.ts';

const FILE = 'project.db';

/** Whether a folder holds a project. */
export function holdsProject(directory: string): boolean {
  return existsSync(join(directory, FILE));
}

/** Creates an empty project database in an existing folder. */
export function createDatabase(directory: string): DatabaseSync {
  return openExplained(
    directory,
    () => new DatabaseSync(join(directory, FILE)),
    (database) => {
      configure(database);
      migrate(database, 0);
    },
  );
}

/** Opens a project database; an older one is brought up to date when it is opened for writing. */
export function openDatabase(directory: string, mode: 'read' | 'write'): DatabaseSync {
  checkProjectFile(directory);
  if (mode === 'read') {
    return openExplained(
      directory,
      () => openReadOnly(join(directory, FILE)),
      (database) => {
        if (checkedVersion(directory, database) === SCHEMA_VERSION) return;
        const advice = 'open it for writing once to bring it up to date';
        throw new ProjectError('read-only', `${directory} was made by an older version; ${advice}.`);
      },
    );
  }
  return openExplained(
    directory,
    () => new DatabaseSync(join(directory, FILE)),
    (database) => {
      const version = checkedVersion(directory, database);
      configure(database);
      migrate(database, version);
    },
  );
}

/**
 * Throws where a folder holds no project, or one of a newer version. Reads the first bytes of the file only,
 * since SQLite would leave files beside a database that it opens.
 */
export function checkProjectFile(directory: string): void {
  if (!holdsProject(directory)) {
    const message = `${directory} is no project: it has no ${FILE}. A project is made by importing images.`;
    throw new ProjectError('not-a-project', message);
  }
  const header = readHeader(join(directory, FILE));
  // A process that was killed may have left all it wrote in the journal: then only SQLite can tell.
  const inJournal = holdsBytes(join(directory, `${FILE}-wal`));
  if (header.applicationId === APPLICATION_ID) refuseNewer(directory, header.version);
  else if (!inJournal) throw header.isDatabase ? notAProject(directory) : damaged(directory);
}

/** Runs several writes as one: all are kept, or none. */
export function transaction<Result>(database: DatabaseSync, directory: string, write: () => Result): Result {
  try {
    database.exec('BEGIN IMMEDIATE');
    const result = write();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk has rolled the transaction back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw explainStorageError(error, directory);
  }
}

/** A number that changes when another connection has written, in this process or in another one. */
export function dataVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA data_version').get()?.['data_version']);
}

function checkedVersion(directory: string, database: DatabaseSync): number {
  const version = schemaVersion(database);
  if (version === undefined) throw notAProject(directory);
  refuseNewer(directory, version);
  return version;
}

function refuseNewer(directory: string, version: number): void {
  if (version <= SCHEMA_VERSION) return;
  const versions = `its format is ${version}, this program knows up to ${SCHEMA_VERSION}`;
  const advice = 'It was not touched; update the program to open it';
  throw new ProjectError('newer-version', `${directory} was made by a newer version: ${versions}. ${advice}.`);
}

function damaged(directory: string): ProjectError {
  return new ProjectError('damaged', `${directory}/${FILE} is damaged or is no database.`);
}

function notAProject(directory: string): ProjectError {
  return new ProjectError('not-a-project', `${directory}/${FILE} is no project database.`);
}

/** What was written last would be missing, without a word. */
function unreadJournal(file: string, cause: unknown): ProjectError {
  const found = `what was written last is still in ${file}-wal, which can be read only where files can be made beside it`;
  const advice = 'copy the folder to a place where you may write, and open the copy';
  return new ProjectError('read-only', `${dirname(file)} was not closed properly: ${found}; ${advice}.`, { cause });
}

function holdsBytes(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Fields of SQLite's file header: user_version at byte 60, application_id at byte 68, both big-endian. */
function readHeader(path: string): { isDatabase: boolean; version: number; applicationId: number } {
  const bytes = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(file);
  }
  const isDatabase = bytes.subarray(0, 15).toString('latin1') === 'SQLite format 3';
  return { isDatabase, version: bytes.readUInt32BE(60), applicationId: bytes.readUInt32BE(68) };
}

/** FULL: a saved gesture outlives a power cut too, not only the end of the process. */
function configure(database: DatabaseSync): void {
  const settings = ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'busy_timeout = 5000'];
  for (const setting of settings) database.exec(`PRAGMA ${setting}`);
}

/** Databases whose connections take it that nobody writes to them. */
const TAKEN_AS_UNCHANGING = new WeakMap<DatabaseSync, string>();

/** Whether somebody has written to a database all the same: what its connection reads then makes no sense. */
export function hasChangedUnseen(database: DatabaseSync, directory: string): boolean {
  const known = TAKEN_AS_UNCHANGING.get(database);
  return known !== undefined && known !== stampOf(join(directory, FILE));
}

/** Changes with every write of another process. */
function stampOf(file: string): string {
  return [file, `${file}-wal`]
    .map((each) => statSync(each, { bigint: true, throwIfNoEntry: false }))
    .map((found) => (found ? `${found.ino} ${found.size} ${found.mtimeNs}` : ''))
    .join(', ');
}

/** Why a project that cannot be written to cannot. */
export function readOnlyCause(directory: string): ReadOnlyCause {
  try {
    closeSync(openSync(join(directory, FILE), 'r+'));
    // The file may be written to, but none may be made beside it.
    return 'rights';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS' ? 'disk' : 'rights';
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
    if (holdsBytes(`${file}-wal`)) throw unreadJournal(file, error);
    const stamp = stampOf(file);
    const url = pathToFileURL(file);
    url.search = '?mode=ro&immutable=1';
    const unchanging = new DatabaseSync(url, { readOnly: true });
    try {
      unchanging.prepare('PRAGMA user_version').get();
      TAKEN_AS_UNCHANGING.set(unchanging, stamp);
      return unchanging;
    } catch {
      unchanging.close();
      throw error;
    }
  }
}

/** Opens and prepares a database; a failure closes it again and is put in words. */
function openExplained(
  directory: string,
  open: () => DatabaseSync,
  prepare: (database: DatabaseSync) => void,
): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = open();
    prepare(database);
    return database;
  } catch (error) {
    database?.close();
    throw explainStorageError(error, directory);
  }
}
