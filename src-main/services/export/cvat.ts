// CVAT for images 1.1: annotations.xml beside images/. Upload the images as a task with these labels, then annotations.xml.
import { maskOf } from '../../../src-core/datasets/codecs/binary-mask.ts';
import { CVAT_TAIL, encodeCvatHead, encodeCvatImage, type CvatSource } from '../../../src-core/datasets/codecs/cvat.ts';
import { encodeCvatMask } from '../../../src-core/datasets/codecs/cvat-rle.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import type { Project } from '../project.ts';
import { classHexColours } from './class-colours.ts';
import type { ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { gather } from './json-stream.ts';
import { labelIdsOf } from './label-ids.ts';
import {
  countMasks,
  describeCounts,
  geometryLoss,
  ignoredLoss,
  maskFacts,
  prepareMasks,
  type MaskExport,
  type Provenance,
} from './mask-export.ts';
import { planPictures } from './pictures.ts';
import { splitItems, type SplitItems } from './split-items.ts';

/** Masks for CVAT. */
export const cvatFormat: ExportFormat<'cvat'> = { name: 'cvat', plan };

const SOURCES: Readonly<Record<Provenance, CvatSource>> = {
  automatic: 'auto',
  'semi-automatic': 'semi-auto',
  manual: 'manual',
};

async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'cvat'>): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, labelIdsOf(project, request.labels), 'paths');
  const counts = countMasks(masks);
  const pictures = await planPictures(project, masks.items);
  const splits = splitItems(masks.items, pictures);
  const images = splits.flatMap((split) =>
    split.pictures.map(({ path, picture, item }): PlannedFile => ({
      path: `images/${path}`,
      facts: { item: item.item.id, mask: item.source, provenance: item.provenance },
      produce: picture.produce,
    })),
  );
  const labels = classHexColours(project, masks.classes);
  return {
    run: masks.run,
    files: [
      ...(settings.images ? images : []),
      {
        path: 'annotations.xml',
        facts: { images: masks.items.length },
        produce: () => gather(annotations(masks, splits, labels)),
      },
    ],
    facts: maskFacts(masks, counts),
    notes: [
      ...masks.notes,
      ...describeCounts(counts),
      `In CVAT: make a task with the labels ${labels.map(({ name }) => name).join(', ')} and these images, then upload annotations.xml as "CVAT 1.1".`,
    ],
    losses: [...geometryLoss(masks.items), ...ignoredLoss(counts)],
  };
}

function* annotations(
  { items, classes, mask, run }: MaskExport,
  splits: readonly SplitItems[],
  labels: readonly { readonly name: string; readonly colour: string }[],
): Generator<string> {
  yield encodeCvatHead(`UniA Studio ${run ?? ''}`.trim(), labels, items.length);
  let id = 0;
  for (const split of splits) {
    for (const [index, item] of split.items.entries()) {
      const plane = mask(item);
      const encoded = classes.flatMap((each) => {
        const mask = encodeCvatMask(maskOf(plane, each.id));
        return mask ? [{ label: each.name, source: SOURCES[item.provenance], mask }] : [];
      });
      const { width, height } = plane;
      const name = split.fileNames[index]!;
      yield encodeCvatImage({ id: id++, name, subset: split.name, width, height, masks: encoded });
    }
  }
  yield CVAT_TAIL;
}
