// What the values of masks mean where the format does not say: stated names, or the classes in their order.
import { z } from 'zod';
import { isRefusal } from '../imaging/refusal.ts';
import { classIndex, labelIds, meansNoClass, meansNotDecided, MOST_CLASSES } from './class-names.ts';
import { parseJson } from './codecs/json-document.ts';
import type { DatasetFiles, FileEntry } from './importer.ts';

/** Mask value → label id, and every value that has a meaning. */
export interface MaskLabels {
  readonly values: Readonly<Record<number, number>>;
  readonly named: ReadonlySet<number>;
}

/** Largest value of a binary 8-bit mask: a person's "white". */
const WHITE = 255;

/** Name of the only class of masks that nobody named. */
const UNNAMED_CLASS = 'foreground';

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

/** At most `most` of some files, spread over all of them: neighbours show the same, such as slices of one patient. */
export function spreadOver<Value>(values: readonly Value[], most: number): Value[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, index) => values[Math.floor((index * values.length) / most)]!); // within the list
}

/**
 * Names for values that nobody named, one class each.
 *
 * @param masks - values of some masks; a mask of more values than there can be classes is none, and only counts where all are so
 */
export function namesOfValues(masks: readonly ReadonlySet<number>[]): Readonly<Record<number, string>> {
  const labelled = masks.filter(({ size }) => size <= MOST_CLASSES + 1);
  const values = (labelled.length > 0 ? labelled : masks).flatMap((mask) => [...mask]);
  const found = [...new Set(values)].filter((value) => value !== 0 && Number.isFinite(value)).sort((a, b) => a - b);
  if (found.length > MOST_CLASSES) {
    throw new Error(
      `masks: expected at most ${MOST_CLASSES} label values, got ${found.length}; are these masks of labels?`,
    );
  }
  if (found.length <= 1) return { 1: UNNAMED_CLASS, ...(found[0] !== undefined && { [found[0]]: UNNAMED_CLASS }) };
  return Object.fromEntries(found.map((value) => [value, `value ${value}`]));
}

/** Value → name, as a file of that name beside masks says. */
export interface NamesFile {
  readonly path: string;
  readonly names: Readonly<Record<number, string>>;
}

const NAMES_FILE = /(?:^|\/)labels\.json$/;
const names = z.record(z.string().regex(/^\d+$/), z.string());

/** The names of mask values that the source brings in labels.json; undefined where it brings none. */
export async function findNamesFile(files: DatasetFiles, listed: readonly FileEntry[]): Promise<NamesFile | undefined> {
  const path = listed.find((file) => NAMES_FILE.test(file.path))?.path;
  if (path === undefined) return undefined;
  const found = parseJson(names, await files.readText(path));
  return isRefusal(found) || Object.keys(found).length === 0 ? undefined : { path, names: found };
}

/** Class names that stated label names add to those already known. */
export function withLabelNames(
  known: readonly string[],
  labelNames: Readonly<Record<number, string>> | undefined,
): string[] {
  const all = [...known];
  for (const name of Object.values(labelNames ?? {})) {
    if (classIndex(all, name) < 0 && !meansNoClass(name) && !meansNotDecided(name)) all.push(name);
  }
  return all;
}
