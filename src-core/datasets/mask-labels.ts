// What the values of masks mean where the format does not say: stated names, or the classes in their order.
import { classIndex, labelIds } from './class-names.ts';

/** Mask value → label id, and every value that has a meaning. */
export interface MaskLabels {
  readonly values: Readonly<Record<number, number>>;
  readonly named: ReadonlySet<number>;
}

/** Largest value of a binary 8-bit mask: a person's "white". */
const WHITE = 255;

/** Name of the only class of masks that nobody named. */
export const UNNAMED_CLASS = 'foreground';

/**
 * Meaning of mask values. Without stated names, value k is class k; with one class, 255 is that class too.
 *
 * @param labelNames - value → class name, as stated by a person
 */
export function maskLabels(
  labelNames: Readonly<Record<number, string>> | undefined,
  classes: readonly string[],
): MaskLabels {
  if (labelNames) {
    return { values: labelIds(labelNames, classes), named: new Set(Object.keys(labelNames).map(Number)) };
  }
  const values: Record<number, number> = Object.fromEntries(classes.map((_, index) => [index + 1, index + 1]));
  if (classes.length === 1) values[WHITE] = 1;
  return { values, named: new Set(Object.keys(values).map(Number)) };
}

/** Class names that stated label names add to those already known. */
export function withLabelNames(
  known: readonly string[],
  labelNames: Readonly<Record<number, string>> | undefined,
): string[] {
  const names = [...known];
  for (const name of Object.values(labelNames ?? {})) if (classIndex(names, name) < 0) names.push(name);
  return names;
}
