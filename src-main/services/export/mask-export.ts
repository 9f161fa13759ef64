// What formats of single images share: the items with their names, their masks under exported ids, and how much there is of what.
import { counted } from '../../../src-core/datasets/counted.ts';
import { BACKGROUND, IGNORE, type LabelPlane } from '../../../src-core/imaging/plane.ts';
import { REVIEWED, type Project, type ProjectItem, type ProjectVolume } from '../project.ts';
import type { ExportPlan, ExportRequest } from './format.ts';
import { flatNames, pathNames } from './item-names.ts';
import { describeLabelIds, exportedClasses, translateLabels, type ExportedClass, type LabelIds } from './label-ids.ts';
import { isVolume } from './volume-maps.ts';
import { selectMasks, type MaskSelection, type SelectedItem } from './mask-selection.ts';

/** Who drew a mask: the program, the program and then a person, or a person alone. */
export type Provenance = 'automatic' | 'semi-automatic' | 'manual';

/** An item to be exported. */
export interface ExportItem extends SelectedItem {
  readonly item: ProjectItem;
  readonly volume: ProjectVolume;
  /** Without extension; with sub-folders unless the names are flat. */
  readonly name: string;
  readonly provenance: Provenance;
}

/** The masks of a project, ready for a format. */
export interface MaskExport {
  readonly run: string | null;
  readonly items: readonly ExportItem[];
  readonly classes: readonly ExportedClass[];
  readonly labelIds: LabelIds;
  readonly selection: MaskSelection;
  readonly notes: readonly string[];
  /** The mask of an item under exported ids, 255 where it is not decided. */
  readonly mask: (item: ExportItem) => LabelPlane;
}

/** Chooses, names and numbers what is exported. Throws where nothing is left. */
export function prepareMasks(
  project: Project,
  request: ExportRequest,
  labelIds: LabelIds,
  names: 'paths' | 'flat' = 'flat',
): MaskExport {
  const selection = selectMasks(project, request);
  const selected = selection.volumes.flatMap(({ volume, items }) => items.map((each) => ({ ...each, volume })));
  const called = names === 'flat' ? flatNames(selected) : pathNames(selected);
  return {
    run: selection.run,
    items: selected.map((each, index) => ({
      ...each,
      name: called[index]!,
      provenance: provenanceOf(each, selection.hasPrediction(each.item.id)),
    })),
    classes: exportedClasses(project.classes, labelIds),
    labelIds,
    selection,
    notes: [describeLabelIds(project.classes, labelIds), ...selection.notes],
    mask(item) {
      const mask = selection.mask(item);
      return { ...mask, data: translateLabels(mask, labelIds) };
    },
  };
}

/** How much there is of each class, and of what is not decided. */
export interface MaskCounts {
  readonly images: number;
  readonly byClass: readonly { readonly name: string; readonly images: number; readonly pixels: number }[];
  readonly ignored: { readonly images: number; readonly pixels: number };
}

/** Looks at every mask once. `visit` sees each of them too. */
export function countMasks(
  { items, classes, mask }: MaskExport,
  visit: (item: ExportItem, mask: LabelPlane) => void = () => undefined,
): MaskCounts {
  const images = new Float64Array(IGNORE + 1);
  const pixels = new Float64Array(IGNORE + 1);
  for (const item of items) {
    const plane = mask(item);
    const histogram = new Uint32Array(IGNORE + 1);
    for (const id of plane.data) histogram[id]!++;
    histogram.forEach((count, id) => {
      pixels[id]! += count;
      if (count > 0) images[id]!++;
    });
    visit(item, plane);
  }
  return {
    images: items.length,
    byClass: classes.map(({ name, id }) => ({ name, images: images[id]!, pixels: pixels[id]! })),
    ignored: { images: images[IGNORE]!, pixels: pixels[IGNORE]! },
  };
}

/** Counts as sentences. */
export function describeCounts({ images, byClass, ignored }: MaskCounts): string[] {
  const classes = byClass.map((each) => `${each.name} in ${each.images} (${counted(each.pixels, 'pixel')})`).join(', ');
  const open = ignored.pixels > 0 ? ` Not decided: ${counted(ignored.pixels, 'pixel')} in ${ignored.images}.` : '';
  return [`${counted(images, 'image')}: ${classes}.${open}`];
}

/** What is lost where a format cannot leave pixels open. */
export function ignoredLoss({ ignored }: MaskCounts): string[] {
  if (ignored.pixels === 0) return [];
  const rest = ignored.pixels === 1 ? 'is not decided; here it is' : 'are not decided; here they are';
  return [`${counted(ignored.pixels, 'pixel')} in ${counted(ignored.images, 'image')} ${rest} background.`];
}

/** What is lost of volumes where a format holds pictures or plain arrays. */
export function geometryLoss(items: readonly { readonly volume: ProjectVolume }[]): string[] {
  const volumes = new Set(items.filter(({ volume }) => isVolume(volume)).map(({ volume }) => volume.id)).size;
  return volumes === 0 ? [] : [`Voxel size and orientation of ${volumes} ${volumes === 1 ? 'volume' : 'volumes'}.`];
}

/** What every manifest of masks says. */
export function maskFacts(masks: MaskExport, counts: MaskCounts): ExportPlan['facts'] {
  const labels = Object.fromEntries(masks.classes.map(({ id, name }) => [String(id), name]));
  return { labels: { [BACKGROUND]: 'background', ...labels }, labelIdsFrom: masks.labelIds.origin, counts };
}

function provenanceOf({ item, source }: SelectedItem, predicted: boolean): Provenance {
  if (source !== REVIEWED) return 'automatic';
  if (!predicted) return 'manual';
  return item.state === 'corrected' ? 'semi-automatic' : 'automatic';
}
