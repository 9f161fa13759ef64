// Which numbers stand for the classes in exported masks: those of the source's own masks where they are known, so that
// an exported ACDC mask reads as ACDC does even in a project of fewer classes.
import { ACDC_LABELS } from '../../../src-core/datasets/acdc.ts';
import { classIndex, labelIds } from '../../../src-core/datasets/class-names.ts';
import { BACKGROUND, IGNORE, type LabelPlane } from '../../../src-core/imaging/plane.ts';
import type { Project } from '../project.ts';

/** Ids of exported masks. */
export interface LabelIds {
  /** Exported id of each class, in the project's order. */
  readonly ids: readonly number[];
  readonly origin: 'source masks' | 'ACDC' | 'project';
}

/** The ids to export a project's classes under. */
export function labelIdsOf(project: Project): LabelIds {
  const { classes } = project;
  const ofMasks = idsOfMasks(project);
  if (ofMasks) return { ids: ofMasks, origin: 'source masks' };
  const ofAcdc = importFormat(project) === 'acdc' ? idsByName(classes, ACDC_LABELS) : undefined;
  if (ofAcdc) return { ids: ofAcdc, origin: 'ACDC' };
  return { ids: classes.map((_, index) => index + 1), origin: 'project' };
}

/** Id → name, as labels.json holds it; 255 is named where masks may leave pixels open. */
export function labelNames(classes: readonly string[], { ids }: LabelIds): Record<string, string> {
  const named = classes.map((name, index) => [String(ids[index]), name] as const);
  return { [BACKGROUND]: 'background', ...Object.fromEntries(named), [IGNORE]: 'not decided' };
}

/** A sentence that says where the ids come from. */
export function describeLabelIds(classes: readonly string[], labelIds: LabelIds): string {
  const pairs = classes.map((name, index) => `${labelIds.ids[index]} ${name}`).join(', ');
  const origins = {
    'source masks': 'as in the masks that came with the images',
    ACDC: 'as in ACDC masks',
    project: 'in the order of the project’s classes',
  };
  return `Label ids ${origins[labelIds.origin]}: 0 background, ${pairs}; 255 is not decided.`;
}

/** A mask with the project's ids replaced by the exported ones. */
export function translateLabels(mask: LabelPlane, { ids }: LabelIds): Uint8Array {
  const table = new Uint8Array(IGNORE + 1).fill(IGNORE);
  table[BACKGROUND] = BACKGROUND;
  ids.forEach((id, index) => (table[index + 1] = id));
  return mask.data.map((label) => table[label]!);
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
