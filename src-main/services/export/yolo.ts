// YOLO segmentation: images/<split>, labels/<split> and data.yaml. Classes are counted from 0, in the order of their exported ids.
import { stringify } from 'yaml';
import { maskOf } from '../../../src-core/datasets/codecs/binary-mask.ts';
import { encodeYoloRows } from '../../../src-core/datasets/codecs/yolo.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { traceJoinedRings, tracePolygons } from '../../../src-core/labels/contours.ts';
import type { Project } from '../project.ts';
import { encodeText, textFile } from './file-content.ts';
import type { ExportCheck, ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { uniqueNames } from './item-names.ts';
import { labelIdsOf } from './label-ids.ts';
import {
  countMasks,
  describeCounts,
  geometryLoss,
  ignoredLoss,
  maskFacts,
  prepareMasks,
  type ExportItem,
  type MaskExport,
} from './mask-export.ts';
import { outlineLosses, partCounter } from './part-counts.ts';
import { planPictures } from './pictures.ts';
import { splitItems, type SplitItems } from './split-items.ts';

/** One text file of polygons an image. */
export const yoloFormat: ExportFormat<'yolo'> = { name: 'yolo', plan };

async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'yolo'>): Promise<ExportPlan> {
  const masks = withoutImageFolders(prepareMasks(project, request, labelIdsOf(project, request.labels), 'paths'));
  const parts = partCounter(masks);
  const counts = countMasks(masks, parts.visit);
  const pictures = settings.images ? await planPictures(project, masks.items) : undefined;
  const splits = splitItems(masks.items, pictures);
  return {
    run: masks.run,
    files: [...splits.flatMap((split) => splitFiles(masks, split, settings)), dataFile(masks, splits)],
    facts: maskFacts(masks, counts),
    notes: [...masks.notes, ...describeCounts(counts)],
    losses: [...geometryLoss(masks.items), ...outlineLosses(parts.counts(), settings.holes), ...ignoredLoss(counts)],
    checks: checkSplits(splits),
  };
}

/** Readers of YOLO find a label file by the last folder `images` of a picture's path, so names must not have one of their own. */
function withoutImageFolders(masks: MaskExport): MaskExport {
  const names = masks.items.map(({ name }) => {
    const parts = name.split('/');
    return parts.filter((part, index) => part !== 'images' || index === parts.length - 1).join('/');
  });
  const unique = uniqueNames(names);
  return { ...masks, items: masks.items.map((item, index) => ({ ...item, name: unique[index]! })) };
}

function splitFiles(masks: MaskExport, split: SplitItems, settings: ExportSettings<'yolo'>): PlannedFile[] {
  const images = split.pictures.map(({ path, picture, item }): PlannedFile => ({
    path: `images/${split.name}/${path}`,
    facts: { item: item.item.id, mask: item.source, provenance: item.provenance },
    produce: picture.produce,
  }));
  const labels = split.items.map((item): PlannedFile => ({
    path: `labels/${split.name}/${item.name}.txt`,
    facts: { item: item.item.id, mask: item.source, provenance: item.provenance },
    produce: () => Promise.resolve(encodeText(rowsOf(masks, item, settings.holes))),
  }));
  return [...images, ...labels];
}

function rowsOf({ mask, classes }: MaskExport, item: ExportItem, holes: 'join' | 'fill'): string {
  const plane = mask(item);
  const polygons = classes.flatMap(({ id }, classIndex) => {
    const one = maskOf(plane, id);
    const rings = holes === 'join' ? traceJoinedRings(one) : tracePolygons(one).map(({ outer }) => outer);
    return rings.map((ring) => ({ classIndex, ring }));
  });
  return encodeYoloRows(polygons, plane.width, plane.height);
}

/** Without `path`, so that the folders are looked for beside the file wherever it lies. */
function dataFile({ classes }: MaskExport, splits: readonly SplitItems[]): PlannedFile {
  const folder = (name: SplitItems['name']): string | undefined =>
    splits.some((split) => split.name === name) ? `images/${name}` : undefined;
  const train = folder('train') ?? `images/${splits[0]!.name}`;
  const test = folder('test');
  return textFile(
    'data.yaml',
    stringify({
      train,
      val: folder('val') ?? train,
      ...(test !== undefined && { test }),
      names: new Map(classes.map(({ name }, index) => [index, name])),
    }),
  );
}

function checkSplits(splits: readonly SplitItems[]): ExportCheck[] {
  const names = splits.map(({ name }) => name);
  if (names.includes('train') && names.includes('val')) return [];
  const text = `data.yaml needs images to train and others to validate; there are ${names.join(', ')}, so one folder stands for both.`;
  return [{ level: 'warning', text }];
}
