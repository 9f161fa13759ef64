import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { FolderListing } from '../../../src-core/contract/settings.ts';
import { holdsProject } from '../../storage/database.ts';

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Sub-folders of a folder, by name, hidden ones left out. */
export async function listFolder(directory = homedir()): Promise<FolderListing> {
  const path = resolve(directory);
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    throw new Error(`${path}: expected a folder that can be read`, { cause });
  });
  const folders = entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map(({ name }) => ({ name, holdsProject: holdsProject(join(path, name)) }))
    .sort((a, b) => byName.compare(a.name, b.name));
  const parent = dirname(path);
  return {
    directory: path,
    parent: parent === path ? null : parent,
    folders,
    files: entries.filter((entry) => entry.isFile()).length,
    holdsProject: holdsProject(path),
  };
}
