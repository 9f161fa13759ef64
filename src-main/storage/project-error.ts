import type { ReadOnlyCause } from '../../src-core/contract/project.ts';

/** Why a project cannot be used; the message is meant for its owner. */
export type ProjectProblem =
  | 'not-a-project'
  | 'already-a-project'
  | 'newer-version'
  | 'in-use'
  | 'read-only'
  | 'disk-full'
  | 'no-run'
  | 'source-missing'
  | 'source-changed'
  | 'damaged'
  | 'gone';

/** A problem of a project folder, told apart by `problem`. */
export class ProjectError extends Error {
  readonly problem: ProjectProblem;

  constructor(problem: ProjectProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProjectError';
    this.problem = problem;
  }
}

/** The folder of an open project has been deleted, renamed or unplugged. What is open still could be written to, and lost. */
export function projectGone(directory: string): ProjectError {
  const why = 'it was deleted or renamed, or its disk was taken away';
  return new ProjectError(
    'gone',
    `${directory} is not there any more: ${why}. Nothing is saved until it is opened again.`,
  );
}

/** A project that is open to look at only was to be changed. */
export function lookedAtOnly(directory: string, cause: ReadOnlyCause): ProjectError {
  const why = cause === 'disk' ? 'the disk that it is on is read-only' : 'you have no right to write to it';
  return new ProjectError(
    'read-only',
    `${directory} is open to look at only, since ${why}: nothing of it can be changed.`,
  );
}

const SQLITE_ERROR = 1;
export const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
export const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** SQLite's result code, without its extension; undefined for other errors. */
export function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return Number(error.errcode) & 0xff;
}

/** Of a header that damage has changed SQLite has a general error code only. */
function isFormatUnknown(error: unknown): boolean {
  return error instanceof Error && sqliteCode(error) === SQLITE_ERROR && /unsupported file format/.test(error.message);
}

/** The same failure in words its owner can act on; other errors are given back as they are. */
export function explainStorageError(error: unknown, directory: string): unknown {
  if (error instanceof ProjectError) return error;
  const system = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const cause = { cause: error };
  const code = sqliteCode(error);
  if (code === SQLITE_FULL || system === 'ENOSPC' || system === 'EDQUOT') {
    const advice = 'free some space and try again; nothing was half-written';
    return new ProjectError('disk-full', `The disk that holds ${directory} is full: ${advice}.`, cause);
  }
  if (code === SQLITE_READONLY || system === 'EROFS' || system === 'EACCES' || system === 'EPERM') {
    return new ProjectError(
      'read-only',
      `${directory} cannot be written to: it, or the disk it is on, is read-only.`,
      cause,
    );
  }
  if (code === SQLITE_BUSY) {
    return new ProjectError('in-use', `${directory} is being written to by another process.`, cause);
  }
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB || isFormatUnknown(error)) {
    return new ProjectError('damaged', `${directory}/project.db is damaged or is no database.`, cause);
  }
  if (code === SQLITE_CANTOPEN) {
    return new ProjectError('not-a-project', `${directory}/project.db cannot be opened.`, cause);
  }
  return error;
}
