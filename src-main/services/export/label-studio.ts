// Label Studio: tasks.json with brush masks, the labelling interface, and images/. What a person reviewed is an annotation; what
// the run drew alone is a prediction with its score, 1 less the uncertainty of the image.
import { brushResults, labelStudioConfig } from '../../../src-core/datasets/codecs/label-studio.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { REVIEWED, type Project } from '../project.ts';
import { classHexColours } from './class-colours.ts';
import { textFile } from './file-content.ts';
import type { ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { streamList } from './json-stream.ts';
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
import { planPictures } from './pictures.ts';

/** Tasks with annotations and predictions. */
export const labelStudioFormat: ExportFormat<'label-studio'> = { name: 'label-studio', plan };

async function plan(
  project: Project,
  request: ExportRequest,
  settings: ExportSettings<'label-studio'>,
): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, labelIdsOf(project, request.labels), 'paths');
  const counts = countMasks(masks);
  const pictures = await planPictures(project, masks.items);
  const files = masks.items.map((item, index): PlannedFile => ({
    path: `images/${item.name}${pictures[index]!.extension}`,
    facts: { item: item.item.id, mask: item.source, provenance: item.provenance },
    produce: pictures[index]!.produce,
  }));
  const labels = classHexColours(project, masks.classes);
  return {
    run: masks.run,
    files: [
      ...(settings.images ? files : []),
      {
        path: 'tasks.json',
        facts: { images: files.length },
        produce: () =>
          streamList(
            tasks(
              masks,
              files.map(({ path }) => path),
              settings,
            ),
          ),
      },
      textFile('label_config.xml', labelStudioConfig(labels)),
    ],
    facts: maskFacts(masks, counts),
    notes: [
      ...masks.notes,
      ...describeCounts(counts),
      `In Label Studio: paste label_config.xml as labelling interface, make the images reachable under ${settings.imageRoot}, then import tasks.json.`,
    ],
    losses: [...geometryLoss(masks.items), ...ignoredLoss(counts)],
  };
}

function* tasks(
  masks: MaskExport,
  paths: readonly string[],
  { imageRoot }: ExportSettings<'label-studio'>,
): Generator<unknown> {
  for (const [index, item] of masks.items.entries()) {
    const path = paths[index]!.split('/').map(encodeURIComponent).join('/');
    yield {
      id: index + 1,
      data: { image: `${imageRoot}${path}`, item: item.item.id, split: item.item.split },
      ...(item.source === REVIEWED
        ? { annotations: [{ result: brushResults(masks.mask(item), masks.classes) }], predictions: [] }
        : { annotations: [], predictions: [prediction(masks, item)] }),
    };
  }
}

function prediction(masks: MaskExport, item: ExportItem): unknown {
  const uncertainty = masks.selection.score(item.item.id);
  const score = uncertainty === undefined ? undefined : Math.min(1, Math.max(0, 1 - uncertainty));
  return {
    model_version: `unia ${masks.run ?? ''} ${item.source}`,
    ...(score !== undefined && { score }),
    result: brushResults(masks.mask(item), masks.classes, score),
  };
}
