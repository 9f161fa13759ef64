// Pascal VOC: JPEGImages, SegmentationClass and SegmentationObject as palette PNG (255 is void), Annotations, ImageSets and
// labelmap.txt. The index of a class is its exported label id.
import { maskBox, maskOf, type BinaryMask } from '../../../src-core/datasets/codecs/binary-mask.ts';
import { encodeIndexedPng } from '../../../src-core/datasets/codecs/indexed-png.ts';
import { splitParts } from '../../../src-core/datasets/codecs/mask-parts.ts';
import {
  encodeLabelmap,
  encodeVocAnnotation,
  vocColour,
  VOC_PALETTE,
  VOC_VOID,
} from '../../../src-core/datasets/codecs/voc.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import type { Project } from '../project.ts';
import { encodeText, textFile } from './file-content.ts';
import type { ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { labelIdsOf, type ExportedClass } from './label-ids.ts';
import {
  countMasks,
  describeCounts,
  geometryLoss,
  maskFacts,
  prepareMasks,
  type ExportItem,
  type MaskExport,
} from './mask-export.ts';
import { partCounter, type PartCounts } from './part-counts.ts';
import { planPictures, type Picture } from './pictures.ts';
import { splitItems } from './split-items.ts';

/** Palette masks with image sets. */
export const vocFormat: ExportFormat<'voc'> = { name: 'voc', plan };

/** Objects of an image have indices of one byte; 0 is background and 255 void. */
const MOST_OBJECTS = 254;

async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'voc'>): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, labelIdsOf(project, request.labels));
  const shown = new Map<string, ReadonlySet<number>>();
  const parts = partCounter(masks);
  const counts = countMasks(masks, (item, mask) => {
    shown.set(item.name, new Set(mask.data));
    if (settings.objects) parts.visit(item, mask);
  });
  const pictures = await planPictures(project, masks.items);
  const files = masks.items.flatMap((item, index) => itemFiles(masks, item, pictures[index]!, settings));
  return {
    run: masks.run,
    files: [...files, ...imageSets(masks, shown), labelmap(masks.classes, counts.ignored.pixels > 0)],
    facts: maskFacts(masks, counts),
    notes: [...masks.notes, ...describeCounts(counts)],
    losses: [...geometryLoss(masks.items), ...objectLosses(parts.counts())],
  };
}

function itemFiles(
  masks: MaskExport,
  item: ExportItem,
  picture: Picture,
  settings: ExportSettings<'voc'>,
): PlannedFile[] {
  const { name } = item;
  const facts = { item: item.item.id, mask: item.source, provenance: item.provenance };
  const file = `${name}${picture.extension}`;
  const produceObjects = (): Promise<Uint8Array> => {
    const plane = masks.mask(item);
    return Promise.resolve(encodeIndexedPng(objectPlane(plane, masks.classes), VOC_PALETTE));
  };
  return [
    ...(settings.images ? [{ path: `JPEGImages/${file}`, facts, produce: picture.produce }] : []),
    {
      path: `SegmentationClass/${name}.png`,
      facts,
      produce: () => Promise.resolve(encodeIndexedPng(masks.mask(item), VOC_PALETTE)),
    },
    ...(settings.objects
      ? [
          { path: `SegmentationObject/${name}.png`, facts, produce: produceObjects },
          { path: `Annotations/${name}.xml`, facts, produce: () => annotation(masks, item, file, picture.channels) },
        ]
      : []),
  ];
}

/** Parts of all classes, in the order in which SegmentationObject and the annotation number them. */
function objectsOf(
  plane: LabelPlane,
  classes: readonly ExportedClass[],
): { readonly name: string; readonly mask: BinaryMask }[] {
  return classes.flatMap(({ name, id }) => splitParts(maskOf(plane, id)).map((mask) => ({ name, mask })));
}

function objectPlane(plane: LabelPlane, classes: readonly ExportedClass[]): LabelPlane {
  const data = plane.data.map((id) => (id === VOC_VOID ? VOC_VOID : 0));
  objectsOf(plane, classes).forEach(({ mask }, index) => {
    mask.data.forEach((inside, i) => inside === 1 && (data[i] = Math.min(index + 1, MOST_OBJECTS)));
  });
  return { ...plane, data };
}

function annotation(masks: MaskExport, item: ExportItem, file: string, channels: number): Promise<Uint8Array> {
  const plane = masks.mask(item);
  const objects = objectsOf(plane, masks.classes).flatMap(({ name, mask }) => {
    const box = maskBox(mask);
    return box ? [{ name, box }] : [];
  });
  const { width, height } = plane;
  return Promise.resolve(encodeText(encodeVocAnnotation({ file, width, height, channels, objects })));
}

function objectLosses({ mostParts }: PartCounts): string[] {
  if (mostParts <= MOST_OBJECTS) return [];
  return [`An image has ${mostParts} objects; SegmentationObject does not tell those beyond ${MOST_OBJECTS} apart.`];
}

/** Lists of names for each split, and of presence (1) or absence (-1) of each class. */
function imageSets({ items, classes }: MaskExport, shown: ReadonlyMap<string, ReadonlySet<number>>): PlannedFile[] {
  const splits: { readonly name: string; readonly items: readonly ExportItem[] }[] = splitItems(items, undefined);
  const learning = splits.filter(({ name }) => name !== 'test').flatMap((split) => split.items);
  if (learning.length > 0) splits.push({ name: 'trainval', items: learning });
  return splits.flatMap((split) => {
    const names = split.items.map(({ name }) => name);
    const list = names.map((name) => `${name}\n`).join('');
    return [
      textFile(`ImageSets/Segmentation/${split.name}.txt`, list),
      textFile(`ImageSets/Main/${split.name}.txt`, list),
      ...classes.map((each) => {
        const lines = names.map((name) => `${name} ${shown.get(name)?.has(each.id) ? ' 1' : '-1'}\n`);
        return textFile(`ImageSets/Main/${each.name.replace(/[\s/\\]+/g, '_')}_${split.name}.txt`, lines.join(''));
      }),
    ];
  });
}

/** `ignored` is what CVAT and Datumaro call pixels of the colour of 255. */
function labelmap(classes: readonly ExportedClass[], hasIgnored: boolean): PlannedFile {
  const entries = [
    { name: 'background', colour: vocColour(0) },
    ...classes.map(({ name, id }) => ({ name, colour: vocColour(id) })),
    ...(hasIgnored ? [{ name: 'ignored', colour: vocColour(VOC_VOID) }] : []),
  ];
  return textFile('labelmap.txt', encodeLabelmap(entries));
}
