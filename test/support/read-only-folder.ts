// A folder that takes no writes, as on a disk that is read-only or with rights that somebody else has.
import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ReadOnlyCause } from '../../src-core/contract/project.ts';

/** A folder that was made read-only: why it says it is, and how it is given back. It is given back at the end of the test anyway. */
export interface ReadOnlyFolder {
  readonly cause: ReadOnlyCause;
  giveBack(): void;
}

/**
 * Makes a folder read-only. Rights do not bind root, for whom it becomes a disk of its own that is mounted read-only; undefined where root
 * may not mount either.
 */
export function makeReadOnly(folder: string): ReadOnlyFolder | undefined {
  const isRoot = process.getuid?.() === 0;
  if (isRoot && !mountReadOnly(folder)) {
    console.warn('skipped: no right to mount a read-only folder here');
    return undefined;
  }
  if (!isRoot) setRights(folder, 0o555, 0o444);
  let isGivenBack = false;
  const giveBack = (): void => {
    if (isGivenBack) return;
    isGivenBack = true;
    if (isRoot) execFileSync('umount', ['-l', folder]);
    else setRights(folder, 0o755, 0o644);
  };
  onTestFinished(giveBack);
  return { cause: isRoot ? 'disk' : 'rights', giveBack };
}

function mountReadOnly(folder: string): boolean {
  try {
    execFileSync('mount', ['--bind', folder, folder], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'remount,ro,bind', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function setRights(path: string, ofFolders: number, ofFiles: number): void {
  const isFolder = lstatSync(path).isDirectory();
  // A folder has to be open to reach what is in it.
  if (isFolder) {
    chmodSync(path, 0o755);
    for (const name of readdirSync(path)) setRights(join(path, name), ofFolders, ofFiles);
  }
  chmodSync(path, isFolder ? ofFolders : ofFiles);
}
