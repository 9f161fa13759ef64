// Where a project can be made.
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { PlaceProblem } from '../../../src-core/contract/import.ts';

/** A folder of this name that is not there yet, with a number where the name is taken. */
export function freePlace(parent: string, name: string): string {
  for (let n = 1; ; n += 1) {
    const place = join(parent, n === 1 ? name : `${name} ${n}`);
    if (!existsSync(place)) return place;
  }
}

/** What stands against making a project here. */
export function checkPlace(directory: string, source: string): PlaceProblem {
  if (!isAbsolute(directory)) return 'relative';
  const place = resolve(directory);
  const root = resolve(source);
  if (place === root || place.startsWith(root + sep)) return 'inside-source';
  if (existsSync(place) && !(statSync(place).isDirectory() && readdirSync(place).length === 0)) return 'exists';
  return isWritable(nearestFolder(place)) ? null : 'not-writable';
}

/** The folder itself, or the first above it that is there. */
function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}
