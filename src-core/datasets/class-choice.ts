// The classes a person makes of those found: renamed, merged, in another order, in colours of their own.
import { IGNORE, type LabelPlane } from '../imaging/plane.ts';
import { classColours, hexColour } from '../review/colours.ts';
import { decodeLabels, encodeLabels } from '../labels/label-codec.ts';
import { classIndex } from './class-names.ts';
import type { FoundItem, FoundVolume } from './importer.ts';

/** One class of the project. Classes found that no choice names become background. */
export interface ClassChoice {
  readonly name: string;
  /** Names of the classes found that it takes in: one, several to merge, or none for a class that only a person will tag. */
  readonly sources: readonly string[];
  /** `#rrggbb`. */
  readonly colour?: string;
}

/** Choices that fit the classes found. */
export interface ClassMapping {
  /** Classes of the project, in order. */
  readonly classes: readonly string[];
  /** `#rrggbb` of each class, the usual one where none was chosen; absent where none was chosen at all. */
  readonly colours?: readonly string[];
  /** Label id in the scan (0..M) → label id in the project. */
  readonly ids: Uint8Array;
}

/**
 * Checks choices against the classes found. A class of no source would be absent in every tag that was found: a person may only
 * make one where the source names no class at all.
 */
export function mapClasses(found: readonly string[], choices: readonly ClassChoice[]): ClassMapping {
  if (choices.length === 0) throw new Error('classes: expected at least one class, got none');
  const ids = new Uint8Array(256);
  ids[IGNORE] = IGNORE;
  const names: string[] = [];
  for (const [index, { name, sources, colour }] of choices.entries()) {
    if (name.trim() === '') throw new Error(`classes: expected a name for class ${index + 1}, got an empty one`);
    if (classIndex(names, name) >= 0) throw new Error(`classes: expected each name once, got "${name}" again`);
    if (sources.length === 0 && found.length > 0)
      throw new Error(`class "${name}": expected at least one class of the source, got none`);
    if (colour !== undefined && !/^#[0-9a-f]{6}$/i.test(colour)) {
      throw new Error(`class "${name}": expected a colour such as #56b4e9, got "${colour}"`);
    }
    names.push(name.trim());
    for (const source of sources) {
      const at = classIndex(found, source) + 1;
      if (at === 0) throw new Error(`class "${name}": expected some of ${found.join(', ')}, got "${source}"`);
      if (ids[at] !== 0) throw new Error(`class "${name}": "${source}" is part of "${names[ids[at]! - 1]}" already`);
      ids[at] = index + 1;
    }
  }
  if (choices.every(({ colour }) => colour === undefined)) return { classes: names, ids };
  const usual = classColours(names);
  return {
    classes: names,
    ids,
    colours: choices.map(({ colour }, i) => colour?.toLowerCase() ?? hexColour(usual[i]!)),
  };
}

/** A volume as found, in the classes chosen. */
export function chooseClassesOf(volume: FoundVolume, mapping: ClassMapping): FoundVolume {
  const { truth } = volume;
  return {
    ...volume,
    truth: truth && { ...truth, values: mapValues(truth.values, mapping) },
    items: volume.items.map((item) => chooseClassesOfItem(item, mapping)),
  };
}

function chooseClassesOfItem(item: FoundItem, mapping: ClassMapping): FoundItem {
  const tags = item.tags.map((tag) => {
    const present = new Array<number>(mapping.classes.length).fill(0);
    tag.present.forEach((value, index) => {
      const id = mapping.ids[index + 1]!;
      // One part that is seen is enough; of parts that nothing is said of, the whole is not known to be absent.
      if (id > 0 && present[id - 1] !== 1 && value !== 0) present[id - 1] = value;
    });
    return { ...tag, present };
  });
  return { ...item, tags, ...(item.mask && { mask: encodeLabels(mapLabels(decodeLabels(item.mask), mapping)) }) };
}

function mapValues(values: Readonly<Record<number, number>>, { ids }: ClassMapping): Record<number, number> {
  const mapped = Object.entries(values).map(([value, id]) => [Number(value), ids[id] ?? 0] as const);
  return Object.fromEntries(mapped.filter(([, id]) => id > 0));
}

function mapLabels(plane: LabelPlane, { ids }: ClassMapping): LabelPlane {
  return { ...plane, data: plane.data.map((id) => ids[id]!) };
}
