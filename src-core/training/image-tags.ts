// What is known about whole images from tags on them and on windows of them.
import { UNKNOWN } from '../review/tag.ts';
import type { TaggedRegion } from './data.ts';

/** One tag per image, its own or the union of its windows'. */
export function wholeImageTags(tags: readonly TaggedRegion[]): TaggedRegion[] {
  const own = new Map<string, TaggedRegion>();
  const implied = new Map<string, TaggedRegion>();
  for (const tag of tags) {
    if (!tag.window) own.set(tag.item, tag);
    else {
      const before = implied.get(tag.item)?.present;
      const present = tag.present.map((value, i) => either(value, before?.[i] ?? UNKNOWN));
      implied.set(tag.item, { item: tag.item, present });
    }
  }
  for (const item of own.keys()) implied.delete(item);
  return [...own.values(), ...implied.values()];
}

/** Seen in one is seen; else not seen, where any says so. */
function either(one: number, other: number): number {
  if (one === UNKNOWN) return other;
  return other === UNKNOWN ? one : Math.max(one, other);
}
