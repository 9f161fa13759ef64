// File names of exported items: what the item is called in the project, as every file system and every reader takes it.
import { withoutExtension } from '../../../src-core/datasets/file-names.ts';
import type { ProjectItem, ProjectVolume } from '../project.ts';
import { safePath } from './file-content.ts';

/** An item and the volume it is a slice of. */
export interface NamedItem {
  readonly item: ProjectItem;
  readonly volume: ProjectVolume;
}

/** Ids as paths with their sub-folders; single images without extension, unless two of them then had one name. */
export function pathNames(items: readonly NamedItem[]): string[] {
  const stems = items.map(({ item: { id }, volume }) => (volume.source.kind === 'raster' ? withoutExtension(id) : id));
  const counts = countNames(stems);
  return stems.map((stem, index) => safePath(counts.get(nameKey(stem))! > 1 ? items[index]!.item.id : stem));
}

/** Names of letters, digits, dots, dashes and underscores alone, each of them once: for formats that list names in text files. */
export function flatNames(items: readonly NamedItem[]): string[] {
  return uniqueNames(pathNames(items).map(plainName));
}

/** A text as a name of letters, digits, dots, dashes and underscores. */
export function plainName(text: string): string {
  return text.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '_');
}

/** Names as they are; where one comes again, with -2, -3, ... behind it. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = countNames(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; seen.has(nameKey(free)) || (free !== name && taken.has(nameKey(free))); number++) {
      free = `${name}-${number}`;
    }
    seen.add(nameKey(free));
    return free;
  });
}

function countNames(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(nameKey(name), (counts.get(nameKey(name)) ?? 0) + 1);
  return counts;
}

/** Upper and lower case are one name on some file systems. */
function nameKey(name: string): string {
  return name.toLowerCase().normalize('NFC');
}
