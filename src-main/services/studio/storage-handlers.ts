import { existsSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { STORAGE_CALLS, StorageFacts } from '../../../src-core/contract/storage.ts';
import { UNDO_BYTES, undoBudget } from '../gestures.ts';
import type { Project } from '../project.ts';
import type { Studio } from './studio.ts';

const CACHE = 'cache';

export function storageHandlers(studio: Studio): Handlers<AreaOf<typeof STORAGE_CALLS>> {
  return {
    'storage.facts': () => storageFacts(studio.project),
    'storage.clearCache': () => {
      studio.project.checkWritable();
      studio.thumbnails.clear();
      return storageFacts(studio.project);
    },
    'storage.setUndo': ({ bytes }) => {
      studio.project.setSetting(UNDO_BYTES, bytes);
      return storageFacts(studio.project);
    },
  };
}

async function storageFacts(project: Project): Promise<StorageFacts> {
  const { directory } = project;
  const files = await readdir(directory);
  const database = await Promise.all(
    files.filter((file) => file.startsWith('project.db')).map((file) => bytesOf(join(directory, file))),
  );
  const runs = project.runs().map(async ({ id }) => ({ id, bytes: await bytesOf(project.runDirectory(id)) }));
  const { bavail, bsize } = await statfs(directory);
  return {
    directory,
    databaseBytes: database.reduce((sum, bytes) => sum + bytes, 0),
    runs: await Promise.all(runs),
    cacheBytes: await bytesOf(join(directory, CACHE)),
    freeBytes: bavail * bsize,
    undoBytes: undoBudget(project),
  };
}

/** Bytes of a file or of everything in a folder; 0 where there is none. */
async function bytesOf(path: string): Promise<number> {
  if (!existsSync(path)) return 0;
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const inside = await Promise.all((await readdir(path)).map((name) => bytesOf(join(path, name))));
  return inside.reduce((sum, bytes) => sum + bytes, 0);
}
