// Which classes a project has, and which label id each value of a source's masks becomes.
import { IGNORE } from '../imaging/plane.ts';
import { shortened } from '../imaging/refusal.ts';

/** Words that mean "an image with no class": a tag, not a missing one. */
const NO_CLASS = new Set(['', 'none', 'no class', 'background', 'empty', '-']);

/** Whether a label's text means "nothing of any class is here". */
export function meansNoClass(label: string): boolean {
  return NO_CLASS.has(label.trim().toLowerCase());
}

/** Words for pixels that nobody has decided about. */
const NOT_DECIDED = new Set(['not decided', 'ignore', 'ignored', 'void']);

/** Whether the name of a mask value means "not decided": neither a class nor background. */
export function meansNotDecided(name: string): boolean {
  return NOT_DECIDED.has(name.trim().toLowerCase());
}

/** Index of a class by name, upper and lower case alike; -1 where there is none. */
export function classIndex(classes: readonly string[], label: string): number {
  const wanted = label.trim().toLowerCase();
  return classes.findIndex((name) => name.toLowerCase() === wanted);
}

/** Label ids go up to 254: 255 stands for "not decided". */
export const MOST_CLASSES = 254;

/** The classes to keep: those asked for, checked against those that exist, or all. Each once, upper and lower case alike. */
export function chooseClasses(known: readonly string[], asked: readonly string[] | undefined): readonly string[] {
  const chosen = distinctNames(asked ? askedOf(known, asked) : known);
  if (chosen.length <= MOST_CLASSES) return chosen;
  throw new Error(`classes: expected at most ${MOST_CLASSES}, got ${chosen.length}; name those to keep`);
}

function askedOf(known: readonly string[], asked: readonly string[]): string[] {
  if (asked.length === 0) throw new Error('classes: expected at least one name, got an empty list');
  return asked.map((name) => {
    const found = known[classIndex(known, name)];
    if (found !== undefined) return found;
    throw new Error(`classes: expected some of ${shortened(known.join(', '))}, got "${shortened(name)}"`);
  });
}

/** Names without those that come again, whatever their case, and without empty ones. */
function distinctNames(names: Iterable<string>): string[] {
  const distinct = new Map<string, string>();
  for (const name of names) {
    const key = name.trim().toLowerCase();
    if (key !== '' && !distinct.has(key)) distinct.set(key, name.trim());
  }
  return [...distinct.values()];
}

/** Mask value → label id (1..M, 255 not decided) of the classes kept; values of other classes are absent and become background. */
export function labelIds(
  names: Readonly<Record<number, string>>,
  classes: readonly string[],
): Readonly<Record<number, number>> {
  const ids: Record<number, number> = {};
  for (const [value, name] of Object.entries(names)) {
    const index = classIndex(classes, name);
    if (index >= 0) ids[Number(value)] = index + 1;
    else if (meansNotDecided(name)) ids[Number(value)] = IGNORE;
  }
  return ids;
}
