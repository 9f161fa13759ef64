// One writer a project. The lock is an exclusive SQLite transaction on a file of its own, so the operating
// system releases it whatever way the process ends; who holds it is written beside it for the message.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import {
  explainStorageError,
  ProjectError,
  projectGone,
  sqliteCode,
  SQLITE_BUSY,
  SQLITE_CANTOPEN,
} from './project-error.ts';

const LOCK_FILE = 'writer.lock';
const HOLDER_FILE = 'writer.json';

/** The right to write to a project. */
export interface WriterLock {
  /** Throws where the right is gone; asked before every write. */
  check(): void;
  release(): void;
}

/** Takes the project's writer lock, or throws naming the process that has it. */
export function takeWriterLock(directory: string): WriterLock {
  const holderFile = join(directory, HOLDER_FILE);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(directory, LOCK_FILE), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    const holder = { process: process.pid, host: hostname(), since: new Date().toISOString() };
    writeFileSync(holderFile, JSON.stringify(holder));
  } catch (error) {
    lock?.close();
    throw explainLockError(error, directory);
  }
  const held = lock;
  const identity = identityOf(directory);
  return {
    // A database whose file is deleted takes writes without a word until it is closed.
    check() {
      if (identityOf(directory) !== identity) throw projectGone(directory);
    },
    release() {
      if (identityOf(directory) === identity) rmSync(holderFile, { force: true });
      held.close();
    },
  };
}

/**
 * The right to write beside the process that holds the lock, for which this one works. It ends with that process, and when
 * that process closes the project.
 *
 * @param holder - the process that is expected to hold the lock; any when absent
 */
export function shareWriterLock(directory: string, holder?: number): WriterLock {
  const file = join(directory, HOLDER_FILE);
  const found = isWriterLocked(directory) ? readHolder(file) : undefined;
  if (found?.host !== hostname() || (holder !== undefined && found.process !== holder)) {
    const who = holder === undefined ? 'the process that this one works for' : `process ${holder}`;
    const message = `${directory} is not open for writing in ${who} (found: ${describe(found)}).`;
    throw new ProjectError('in-use', message);
  }
  return {
    check() {
      const now = readHolder(file);
      if (now?.process === found.process && now.since === found.since && isAlive(found.process)) return;
      const message = `Process ${found.process} has closed ${directory} or has ended; nothing more is written for it.`;
      throw new ProjectError('in-use', message);
    },
    release: () => undefined,
  };
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    // It is there, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Which file the lock is, whatever its name; undefined where there is none. */
function identityOf(directory: string): string | undefined {
  const found = statSync(join(directory, LOCK_FILE), { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/** Whether some process holds the writer lock of a folder. */
export function isWriterLocked(directory: string): boolean {
  if (!existsSync(join(directory, LOCK_FILE))) return false;
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(directory, LOCK_FILE), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return false;
  } catch (error) {
    if (sqliteCode(error) === SQLITE_BUSY) return true;
    throw error;
  } finally {
    lock?.close();
  }
}

function explainLockError(error: unknown, directory: string): unknown {
  const code = sqliteCode(error);
  if (code === SQLITE_BUSY) {
    const holder = describe(readHolder(join(directory, HOLDER_FILE)));
    const message = `${directory} is open for writing in another process (${holder}). Close it there first.`;
    return new ProjectError('in-use', message);
  }
  // The folder is there, so a lock file that cannot be made means that nothing can be.
  if (code === SQLITE_CANTOPEN && existsSync(directory)) {
    const message = `${directory} cannot be written to: it, or the disk it is on, is read-only.`;
    return new ProjectError('read-only', message, { cause: error });
  }
  return explainStorageError(error, directory);
}

const HOLDER = z.object({ process: z.number(), host: z.string(), since: z.string() });
type Holder = z.output<typeof HOLDER>;

/** Undefined while its holder is still writing it, or once it is gone: the lock itself is what counts. */
function readHolder(file: string): Holder | undefined {
  try {
    return HOLDER.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function describe(holder: Holder | undefined): string {
  return holder ? `process ${holder.process} on ${holder.host}` : 'process unknown';
}
