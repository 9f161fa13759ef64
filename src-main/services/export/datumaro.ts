// Datumaro: annotations/<split>.json beside images/<split>/.
import { DATUMARO_VERSION, datumaroCategories, datumaroItem } from '../../../src-core/datasets/codecs/datumaro.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { classColours } from '../../../src-core/review/colours.ts';
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
import { splitItems, type SplitItems } from './split-items.ts';

/** Masks as run lengths. */
export const datumaroFormat: ExportFormat<'datumaro'> = { name: 'datumaro', plan };

/** Datumaro's number of "image". */
const MEDIA_TYPE = 2;

async function plan(
  project: Project,
  request: ExportRequest,
  settings: ExportSettings<'datumaro'>,
): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, labelIdsOf(project, request.labels), 'paths');
  const counts = countMasks(masks);
  const pictures = await planPictures(project, masks.items);
  const colours = classColours(project.classes);
  const categories = datumaroCategories(
    masks.classes.map(({ name, label }) => ({ name, colour: colours[label - 1]! })),
  );
  return {
    run: masks.run,
    files: splitItems(masks.items, pictures).flatMap((split): PlannedFile[] => [
      ...(settings.images ? split.pictures : []).map(({ path, picture, item }) => ({
        path: `images/${split.name}/${path}`,
        facts: { item: item.item.id, mask: item.source, provenance: item.provenance },
        produce: picture.produce,
      })),
      {
        path: `annotations/${split.name}.json`,
        facts: { images: split.items.length },
        produce: () =>
          streamObject({ dm_format_version: DATUMARO_VERSION, media_type: MEDIA_TYPE, infos: {}, categories }, [
            ['items', itemsOf(masks, split)],
          ]),
      },
    ]),
    facts: maskFacts(masks, counts),
    notes: [...masks.notes, ...describeCounts(counts)],
    losses: [...geometryLoss(masks.items), ...ignoredLoss(counts)],
  };
}

function* itemsOf({ mask, classes }: MaskExport, split: SplitItems): Generator<unknown> {
  for (const [index, item] of split.items.entries()) {
    const described = { id: item.name, path: split.fileNames[index]!, attributes: { provenance: item.provenance } };
    yield datumaroItem(
      described,
      mask(item),
      classes.map(({ id }) => id),
    );
  }
}
