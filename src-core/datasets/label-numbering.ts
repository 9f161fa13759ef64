// Which number stands for which class in masks of others. The same anatomy is numbered differently from data set to data set, so
// classes are matched by name.
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';
import { ACDC_LABELS } from './acdc.ts';
import { classIndex } from './class-names.ts';

/** Numberings that people ask for by name: id → class. */
export const LABEL_PRESETS = {
  acdc: ACDC_LABELS,
  mnms: { 1: 'LV', 2: 'MYO', 3: 'RV' },
} as const satisfies Readonly<Record<string, Readonly<Record<number, string>>>>;

/** Class → id of a preset. */
export function presetNumbering(preset: keyof typeof LABEL_PRESETS): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(LABEL_PRESETS[preset]).map(([id, name]) => [name, Number(id)]));
}

/**
 * The id of each class, in the project's order, from a numbering by name; 0 leaves a class out.
 * Throws where a class has none, a name is no class, or two classes would share an id.
 */
export function numberClasses(classes: readonly string[], numbering: Readonly<Record<string, number>>): number[] {
  const stranger = Object.keys(numbering).find((name) => classIndex(classes, name) < 0);
  if (stranger !== undefined) throw new Error(`labels: expected some of ${classes.join(', ')}, got "${stranger}"`);
  const ids = classes.map((name) => {
    const id = Object.entries(numbering).find(([other]) => classIndex([name], other) === 0)?.[1];
    if (id === undefined)
      throw new Error(`labels: expected an id for every class, got none for ${name}; ${name}=0 leaves it out`);
    const fits = Number.isInteger(id) && id >= BACKGROUND && id < IGNORE;
    if (!fits) throw new Error(`labels: expected ids from 0 to ${IGNORE - 1}, got ${name}=${id}`);
    return id;
  });
  const used = ids.filter((id) => id !== BACKGROUND);
  const twice = used.find((id, index) => used.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`labels: expected an id of its own for every class, got ${twice} twice`);
  if (used.length === 0) throw new Error('labels: expected at least one class with an id above 0, got none');
  return ids;
}
