// Which numbers stand for the classes in exported masks: those of the source's own masks where they are known, so that
// an exported ACDC mask reads as ACDC does even in a project of fewer classes.
import { ACDC_LABELS } from '../../../src-core/datasets/acdc.ts';
import { classIndex, labelIds } from '../../../src-core/datasets/class-names.ts';
import { BACKGROUND, IGNORE, type LabelPlane } from '../../../src-core/imaging/plane.ts';
import { numberClasses } from '../../../src-core/datasets/label-numbering.ts';
import type { Project } from '../project.ts';

/** Ids of exported masks. */
export interface LabelIds {
  /** Exported id of each class, in the project's order; 0 for one that is left out. */
  readonly ids: readonly number[];
  readonly origin: 'asked' | 'source masks' | 'ACDC' | 'project';
}

/** A class that is exported: its name, its id, and its label in the project. */
export interface ExportedClass {
  readonly name: string;
  readonly id: number;
  readonly label: number;
}

/** The ids to export a project's classes under; those asked for where there are any. */
export function labelIdsOf(project: Project, asked?: Readonly<Record<string, number>>): LabelIds {
  const { classes } = project;
  if (asked) return { ids: numberClasses(classes, asked), origin: 'asked' };
  const ofMasks = idsOfMasks(project);
  if (ofMasks) return { ids: ofMasks, origin: 'source masks' };
  const ofAcdc = importFormat(project) === 'acdc' ? idsByName(classes, ACDC_LABELS) : undefined;
  if (ofAcdc) return { ids: ofAcdc, origin: 'ACDC' };
  return { ids: classes.map((_, index) => index + 1), origin: 'project' };
}

/** Ids 1, 2, ... in the project's order unless others are asked for, for formats whose ids have to be consecutive. */
export function consecutiveLabelIds(project: Project, asked?: Readonly<Record<string, number>>): LabelIds {
  return asked ? labelIdsOf(project, asked) : { ids: project.classes.map((_, index) => index + 1), origin: 'project' };
}

/** The classes that are not left out, by id. */
export function exportedClasses(classes: readonly string[], { ids }: LabelIds): ExportedClass[] {
  return classes
    .map((name, index) => ({ name, id: ids[index]!, label: index + 1 }))
    .filter(({ id }) => id !== BACKGROUND)
    .sort((a, b) => a.id - b.id);
}

/** Id → name, as labels.json holds it; 255 is named where masks may leave pixels open. */
export function labelNames(classes: readonly string[], labelIds: LabelIds): Record<string, string> {
  const named = exportedClasses(classes, labelIds).map(({ name, id }) => [String(id), name] as const);
  return { [BACKGROUND]: 'background', ...Object.fromEntries(named), [IGNORE]: 'not decided' };
}

/** A sentence that says where the ids come from. */
export function describeLabelIds(classes: readonly string[], labelIds: LabelIds): string {
  const pairs = exportedClasses(classes, labelIds)
    .map(({ name, id }) => `${id} ${name}`)
    .join(', ');
  const leftOut = classes.filter((_, index) => labelIds.ids[index] === BACKGROUND);
  const origins = {
    asked: 'as asked',
    'source masks': 'as in the masks that came with the images',
    ACDC: 'as in ACDC masks',
    project: 'in the order of the project’s classes',
  };
  return `Label ids ${origins[labelIds.origin]}: 0 background, ${pairs}; 255 is not decided.${
    leftOut.length > 0 ? ` Left out, so background: ${leftOut.join(', ')}.` : ''
  }`;
}

/** A mask with the project's ids replaced by the exported ones. */
export function translateLabels({ data }: LabelPlane, { ids }: LabelIds): Uint8Array {
  const table = new Uint8Array(IGNORE + 1).fill(IGNORE);
  table[BACKGROUND] = BACKGROUND;
  ids.forEach((id, index) => (table[index + 1] = id));
  const translated = new Uint8Array(data.length);
  for (let index = 0; index < data.length; index++) translated[index] = table[data[index]!]!;
  return translated;
}

/** The mask values that every volume's truth agrees on; undefined where there is none or they disagree. */
function idsOfMasks({ classes, volumes }: Project): readonly number[] | undefined {
  const meanings = new Set(volumes.flatMap(({ truth }) => (truth ? [JSON.stringify(truth.values)] : [])));
  const [only] = meanings;
  if (only === undefined || meanings.size > 1) return undefined;
  // Written by JSON.stringify of this very type, a line above.
  return idsOf(classes, JSON.parse(only) as Readonly<Record<number, number>>);
}

function idsByName(classes: readonly string[], names: Readonly<Record<number, string>>): readonly number[] | undefined {
  return classes.every((name) => classIndex(Object.values(names), name) >= 0)
    ? idsOf(classes, labelIds(names, classes))
    : undefined;
}

/** Smallest usable mask value of each class; undefined unless every class has one of its own. */
function idsOf(classes: readonly string[], values: Readonly<Record<number, number>>): readonly number[] | undefined {
  const ids = classes.map((_, index) =>
    Math.min(
      ...Object.entries(values)
        .filter(([, label]) => label === index + 1)
        .map(([value]) => Number(value)),
    ),
  );
  const usable = ids.every((id) => Number.isInteger(id) && id > BACKGROUND && id < IGNORE);
  return usable && new Set(ids).size === ids.length ? ids : undefined;
}

function importFormat(project: Project): unknown {
  const summary = project.setting('import');
  return typeof summary === 'object' && summary !== null && 'format' in summary ? summary.format : undefined;
}
