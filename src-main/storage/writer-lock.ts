// One writer a project. The lock is an exclusive SQLite transaction on a file of its own, so the operating
// system releases it whatever way the process ends; who holds it is written beside it for the message.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { explainStorageError, ProjectError, sqliteCode, SQLITE_BUSY, SQLITE_CANTOPEN } from './project-error.ts';

const LOCK_FILE = 'writer.lock';
const HOLDER_FILE = 'writer.json';

/** A held lock. */
export interface WriterLock {
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
  return {
    release() {
      rmSync(holderFile, { force: true });
      held.close();
    },
  };
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
    const holder = describeHolder(join(directory, HOLDER_FILE));
    const message = `${directory} is open for writing in another process (${holder}). Close it there first.`;
    return new ProjectError('in-use', message, { cause: error });
  }
  // The folder is there, so a lock file that cannot be made means that nothing can be.
  if (code === SQLITE_CANTOPEN && existsSync(directory)) {
    const message = `${directory} cannot be written to: it, or the disk it is on, is read-only.`;
    return new ProjectError('read-only', message, { cause: error });
  }
  return explainStorageError(error, directory);
}

function describeHolder(file: string): string {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof holder === 'object' && holder !== null && 'process' in holder && 'host' in holder) {
      return `process ${String(holder.process)} on ${String(holder.host)}`;
    }
  } catch {
    // Its holder is still writing it, or it is gone: the lock itself is what counts.
  }
  return 'process unknown';
}
