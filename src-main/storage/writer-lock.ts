// One writer a project. The lock is an exclusive SQLite transaction on a file of its own, so the operating
// system releases it whatever way the process ends; who holds it is written beside it for the message.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { explainStorageError, ProjectError, sqliteCode } from './project-error.ts';

/** A held lock. */
export interface WriterLock {
  release(): void;
}

/** Takes the project's writer lock, or throws naming the process that has it. */
export function takeWriterLock(directory: string): WriterLock {
  const holderFile = join(directory, 'writer.json');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(directory, 'writer.lock'), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    writeFileSync(
      holderFile,
      JSON.stringify({ process: process.pid, host: hostname(), since: new Date().toISOString() }),
    );
  } catch (error) {
    lock?.close();
    if (sqliteCode(error) !== 5) throw explainStorageError(error, directory);
    const message = `${directory} is open in another process (${describeHolder(holderFile)}). Close it there first.`;
    throw new ProjectError('in-use', message, { cause: error });
  }
  const held = lock;
  return {
    release() {
      rmSync(holderFile, { force: true });
      held.close();
    },
  };
}

function describeHolder(file: string): string {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof holder === 'object' && holder !== null && 'process' in holder && 'host' in holder) {
      return `process ${String(holder.process)} on ${String(holder.host)}`;
    }
  } catch {
    // Holder is still writing it, or the file is gone: the lock itself is what counts.
  }
  return 'process unknown';
}
