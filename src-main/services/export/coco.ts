// COCO instances: annotations/instances_<split>.json beside images/<split>/. Category ids are the exported label ids.
import { encodeCocoClass } from '../../../src-core/datasets/codecs/coco.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import type { Project } from '../project.ts';
import type { ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { streamObject } from './json-stream.ts';
import { labelIdsOf } from './label-ids.ts';
import {
  countMasks,
  describeCounts,
  geometryLoss,
  ignoredLoss,
  maskFacts,
  prepareMasks,
  type MaskExport,
} from './mask-export.ts';
import { planPictures } from './pictures.ts';
import { programVersion } from './program-version.ts';
import { splitItems, type SplitItems } from './split-items.ts';

/** Instances as run lengths or polygons. */
export const cocoFormat: ExportFormat<'coco'> = { name: 'coco', plan };

async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'coco'>): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, labelIdsOf(project, request.labels), 'paths');
  const counts = countMasks(masks);
  const pictures = settings.images ? await planPictures(project, masks.items) : undefined;
  const splits = splitItems(masks.items, pictures);
  return {
    run: masks.run,
    files: splits.flatMap((split) => [
      ...split.pictures.map(({ path, picture, item }): PlannedFile => ({
        path: `images/${split.name}/${path}`,
        facts: { item: item.item.id, mask: item.source, provenance: item.provenance },
        produce: picture.produce,
      })),
      annotationFile(masks, split, settings),
    ]),
    facts: maskFacts(masks, counts),
    notes: [...masks.notes, ...describeCounts(counts)],
    losses: [...geometryLoss(masks.items), ...ignoredLoss(counts)],
  };
}

function annotationFile(masks: MaskExport, split: SplitItems, settings: ExportSettings<'coco'>): PlannedFile {
  const { version } = programVersion();
  return {
    path: `annotations/instances_${split.name}.json`,
    facts: { images: split.items.length },
    produce: () =>
      streamObject(
        {
          info: { description: `UniA Studio, ${masks.run ?? 'no run'}`, version },
          licenses: [],
          categories: masks.classes.map(({ id, name }) => ({ id, name, supercategory: '' })),
        },
        [
          ['images', images(split)],
          ['annotations', annotations(masks, split, settings)],
        ],
      ),
  };
}

function* images({ items, fileNames }: SplitItems): Generator<unknown> {
  for (const [index, { item }] of items.entries()) {
    yield { id: index + 1, width: item.width, height: item.height, file_name: fileNames[index] };
  }
}

function* annotations(
  { mask, classes }: MaskExport,
  { items }: SplitItems,
  { segmentation, objects }: ExportSettings<'coco'>,
): Generator<unknown> {
  let id = 1;
  for (const [index, item] of items.entries()) {
    const plane = mask(item);
    for (const each of classes) {
      for (const annotation of encodeCocoClass(plane, each.id, { shape: segmentation, each: objects })) {
        yield { id: id++, image_id: index + 1, ...annotation };
      }
    }
  }
}
