// Cityscapes: leftImg8bit and gtFine by split and city. A patient (or a single image) is a city, its volumes sequences, their slices
// frames. The masks are exact in labelIds; 255 is not decided. Polygons and instances are one for each connected part.
import { maskOf } from '../../../src-core/datasets/codecs/binary-mask.ts';
import { cityscapesDocument, instanceIds, MOST_CITYSCAPES_ID } from '../../../src-core/datasets/codecs/cityscapes.ts';
import { splitParts } from '../../../src-core/datasets/codecs/mask-parts.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { traceJoinedRings } from '../../../src-core/labels/contours.ts';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { classColours } from '../../../src-core/review/colours.ts';
import type { Project } from '../project.ts';
import { encodeJson, jsonFile } from './file-content.ts';
import type { ExportCheck, ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { plainName, uniqueNames } from './item-names.ts';
import { labelIdsOf, labelNames, type ExportedClass } from './label-ids.ts';
import {
  countMasks,
  describeCounts,
  geometryLoss,
  maskFacts,
  prepareMasks,
  type ExportItem,
  type MaskExport,
} from './mask-export.ts';
import { outlineLosses, partCounter } from './part-counts.ts';
import { encodePng, planPictures } from './pictures.ts';

/** Label ids, instance ids, colours and polygons. */
export const cityscapesFormat: ExportFormat<'cityscapes'> = { name: 'cityscapes', plan };

const SPLITS = { train: 'train', validation: 'val', test: 'test' } as const;
const DIGITS = 6;
const GREY_OF_IGNORED = 255;

type Colours = ReadonlyMap<number, readonly [number, number, number]>;

async function plan(
  project: Project,
  request: ExportRequest,
  settings: ExportSettings<'cityscapes'>,
): Promise<ExportPlan> {
  const labelIds = labelIdsOf(project, request.labels);
  const masks = prepareMasks(project, request, labelIds);
  const parts = partCounter(masks);
  const counts = countMasks(masks, parts.visit);
  // Cityscapes' pictures are PNG; nothing else is found by its readers.
  const pictures = settings.images ? await planPictures(project, masks.items, { only: '.png' }) : undefined;
  const named = classColours(project.classes);
  const colours = new Map(masks.classes.map(({ id, label }) => [id, named[label - 1]!]));
  const places = placesOf(masks.items);
  return {
    run: masks.run,
    files: [
      ...masks.items.flatMap((item, index): PlannedFile[] => {
        const place = places[index]!;
        const facts = { item: item.item.id, mask: item.source, provenance: item.provenance };
        const picture = pictures?.[index];
        return [
          ...(picture ? [{ path: `leftImg8bit/${place}_leftImg8bit.png`, facts, produce: picture.produce }] : []),
          ...maskFiles(masks, item, place, colours).map((file) => ({ ...file, facts })),
        ];
      }),
      jsonFile('labels.json', labelNames(project.classes, labelIds)),
    ],
    facts: maskFacts(masks, counts),
    notes: [...masks.notes, ...describeCounts(counts), 'labelIds hold the masks exactly; 255 is not decided.'],
    losses: [
      ...geometryLoss(masks.items),
      ...outlineLosses(parts.counts(), 'join').map((loss) => `In polygons and instanceIds: ${loss}`),
    ],
    checks: checkIds(masks.classes),
  };
}

/** `train/patient001/patient001_000001_000004`: split, city, then city, sequence and frame. */
function placesOf(items: readonly ExportItem[]): string[] {
  const patients = [...new Set(items.map(({ volume }) => volume.patient))];
  // Readers divide file names at underscores.
  const names = uniqueNames(patients.map((patient) => plainName(patient).replaceAll('_', '-')));
  const cities = new Map(patients.map((patient, index) => [patient, names[index]!]));
  const volumes = [...new Set(items.map(({ volume }) => volume.id))];
  const numbers = new Map(volumes.map((id, index) => [id, index]));
  return items.map(({ item, volume }) => {
    const city = cities.get(volume.patient)!;
    const sequence = String(numbers.get(volume.id)).padStart(DIGITS, '0');
    return `${SPLITS[item.split]}/${city}/${city}_${sequence}_${String(item.slice).padStart(DIGITS, '0')}`;
  });
}

function maskFiles(
  { mask, classes }: MaskExport,
  item: ExportItem,
  place: string,
  colours: Colours,
): Pick<PlannedFile, 'path' | 'produce'>[] {
  const base = `gtFine/${place}_gtFine`;
  const parts = (plane: LabelPlane) =>
    classes.flatMap(({ id }) =>
      splitParts(maskOf(plane, id))
        .filter(({ data }) => data.includes(1))
        .map(({ data }) => ({ id, data })),
    );
  return [
    {
      path: `${base}_labelIds.png`,
      produce: () => {
        const plane = mask(item);
        return encodePng(plane.data, { ...plane, channels: 1 });
      },
    },
    {
      path: `${base}_instanceIds.png`,
      produce: () => {
        const plane = mask(item);
        return encodePng(instanceIds(plane, parts(plane)), { ...plane, channels: 1 });
      },
    },
    {
      path: `${base}_color.png`,
      produce: () => {
        const plane = mask(item);
        return encodePng(paint(plane, colours), { ...plane, channels: 3 });
      },
    },
    {
      path: `${base}_polygons.json`,
      produce: () => {
        const plane = mask(item);
        const objects = classes.flatMap(({ id, name }) =>
          traceJoinedRings(maskOf(plane, id)).map((ring) => ({ label: name, ring })),
        );
        return Promise.resolve(encodeJson(cityscapesDocument(plane, objects)));
      },
    },
  ];
}

function paint({ data }: LabelPlane, colours: Colours): Uint8Array {
  const painted = new Uint8Array(3 * data.length);
  data.forEach((id, i) => {
    const colour = colours.get(id);
    if (colour) painted.set(colour, 3 * i);
    else if (id === GREY_OF_IGNORED) painted.fill(GREY_OF_IGNORED, 3 * i, 3 * i + 3);
  });
  return painted;
}

function checkIds(classes: readonly ExportedClass[]): ExportCheck[] {
  const wrong = classes.find(({ id }) => id > MOST_CITYSCAPES_ID);
  if (!wrong) return [];
  const text = `instanceIds have 16 bits: expected label ids up to ${MOST_CITYSCAPES_ID}, got ${wrong.id} for ${wrong.name}; choose other label numbers.`;
  return [{ level: 'error', text }];
}
