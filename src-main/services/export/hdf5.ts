// HDF5 in the layouts that SSL4MIS and WSL4MIS train on: slices and volumes with `image` (float32, 0..1, the project's own
// normalisation), `label`, and for WSL4MIS `scribble`, where pixels that are not decided have the id after the last class.
import { encodeHdf5, type Hdf5Array } from '../../../src-core/datasets/codecs/hdf5.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import { BACKGROUND, IGNORE } from '../../../src-core/imaging/plane.ts';
import type { ImageData } from '../../../src-core/training/data.ts';
import { openImageData } from '../image-data.ts';
import type { Project } from '../project.ts';
import { jsonFile, textFile } from './file-content.ts';
import {
  UnfitError,
  type ExportCheck,
  type ExportFormat,
  type ExportPlan,
  type ExportRequest,
  type PlannedFile,
} from './format.ts';
import { plainName, uniqueNames } from './item-names.ts';
import { consecutiveLabelIds } from './label-ids.ts';
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

/** Slices and volumes for SSL4MIS and WSL4MIS. */
export const hdf5Format: ExportFormat<'hdf5'> = { name: 'hdf5', plan };

/** Decoded volumes kept while their slices are written, one after another. */
const CACHE_BYTES = 32 * 2 ** 20;

interface Layout {
  readonly slice: (volume: string, slice: number) => string;
  readonly volume: (volume: string) => string;
  readonly hasScribble: boolean;
}

const LAYOUTS: Readonly<Record<'wsl4mis' | 'ssl4mis', Layout>> = {
  wsl4mis: {
    slice: (volume, slice) => `ACDC_training_slices/${volume}_slice_${slice}.h5`,
    volume: (volume) => `ACDC_training_volumes/${volume}.h5`,
    hasScribble: true,
  },
  ssl4mis: {
    slice: (volume, slice) => `data/slices/${volume}_slice_${slice + 1}.h5`,
    volume: (volume) => `data/${volume}.h5`,
    hasScribble: false,
  },
};

/** The exported slices of a volume, and what its files are called. */
interface NamedVolume {
  readonly name: string;
  readonly items: readonly ExportItem[];
}

// eslint-disable-next-line @typescript-eslint/require-await -- throws must become rejections
async function plan(project: Project, request: ExportRequest, settings: ExportSettings<'hdf5'>): Promise<ExportPlan> {
  const masks = prepareMasks(project, request, consecutiveLabelIds(project, request.labels));
  const coloured = masks.items.find(({ volume }) => volume.channels === 3);
  if (coloured) throw new UnfitError(`HDF5: expected grey images, got the coloured one ${coloured.item.id}`);
  const counts = countMasks(masks);
  const data = openImageData(project, { cacheBytes: CACHE_BYTES });
  const layout = LAYOUTS[settings.layout];
  const volumes = volumesOf(masks);
  const unknown = Math.max(...masks.classes.map(({ id }) => id)) + 1;
  const arrays = (items: readonly ExportItem[], shape: readonly number[]): Promise<Uint8Array> =>
    content(masks, data, items, shape, layout.hasScribble ? unknown : undefined);
  const undecided = ignoredLoss(counts);
  const facts = maskFacts(masks, counts);
  return {
    run: masks.run,
    files: [
      ...volumes.flatMap(({ name, items }): PlannedFile[] => [
        ...items.map((item) => ({
          path: layout.slice(name, item.item.slice),
          facts: { item: item.item.id, mask: item.source, provenance: item.provenance },
          produce: () => arrays([item], [item.item.height, item.item.width]),
        })),
        {
          path: layout.volume(name),
          facts: { slices: items.map(({ item }) => item.slice) },
          produce: () => arrays(items, [items.length, items[0]!.item.height, items[0]!.item.width]),
        },
      ]),
      ...lists(volumes, layout),
      jsonFile('labels.json', facts['labels']),
    ],
    facts: { ...facts, ...(layout.hasScribble && { scribbleUnknown: unknown }) },
    notes: [
      ...masks.notes,
      ...describeCounts(counts),
      ...(layout.hasScribble
        ? [`In scribble ${unknown} is not decided: ignore_index=${unknown}, num_classes=${unknown}.`]
        : []),
      ...notesOnGaps(volumes),
    ],
    losses: [
      ...geometryLoss(masks.items),
      ...(layout.hasScribble ? undecided.map((loss) => `In label, not in scribble: ${loss}`) : undecided),
    ],
    checks: [...checkIds(masks), ...(layout.hasScribble ? checkNames(volumes) : [])],
  };
}

function volumesOf({ items }: MaskExport): NamedVolume[] {
  const groups = [...Map.groupBy(items, ({ volume }) => volume.id)];
  const names = uniqueNames(groups.map(([id]) => plainName(id)));
  return groups.map(([, slices], index) => ({ name: names[index]!, items: slices }));
}

async function content(
  { mask }: MaskExport,
  data: ImageData,
  items: readonly ExportItem[],
  shape: readonly number[],
  unknown: number | undefined,
): Promise<Uint8Array> {
  const size = items[0]!.item.width * items[0]!.item.height;
  const image = new Float32Array(size * items.length);
  const label = new Uint8Array(size * items.length);
  const scribble = new Uint8Array(unknown === undefined ? 0 : size * items.length);
  for (const [index, item] of items.entries()) {
    image.set((await data.image(item.item.id)).data, index * size);
    const ids = mask(item).data;
    label.set(
      ids.map((id) => (id === IGNORE ? BACKGROUND : id)),
      index * size,
    );
    if (unknown !== undefined)
      scribble.set(
        ids.map((id) => (id === IGNORE ? unknown : id)),
        index * size,
      );
  }
  const arrays: Record<string, Hdf5Array> = { image: { shape, data: image }, label: { shape, data: label } };
  if (unknown !== undefined) arrays['scribble'] = { shape, data: scribble };
  return encodeHdf5(arrays);
}

/** Names without extension, one a line, as SSL4MIS reads them. */
function lists(volumes: readonly NamedVolume[], layout: Layout): PlannedFile[] {
  const of = (split: string): readonly NamedVolume[] => volumes.filter(({ items }) => items[0]!.item.split === split);
  const text = (names: readonly string[]): string => names.map((name) => `${name}\n`).join('');
  const sliceName = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.h5$/, '');
  const slices = of('train').flatMap(({ name, items }) =>
    items.map(({ item }) => sliceName(layout.slice(name, item.slice))),
  );
  const named = (split: string): string => text(of(split).map(({ name }) => name));
  return [
    textFile('train_slices.list', text(slices)),
    textFile('train.list', named('train')),
    textFile('val.list', named('validation')),
    textFile('test.list', named('test')),
  ];
}

function notesOnGaps(volumes: readonly NamedVolume[]): string[] {
  const partial = volumes.filter(({ items }) => items.length < items[0]!.volume.slices).length;
  return partial > 0
    ? [`Volumes that lack slices: ${partial}; the other slices lie without a gap in their files.`]
    : [];
}

function checkIds({ classes }: MaskExport): ExportCheck[] {
  const gap = classes.find(({ id }, index) => id !== index + 1);
  if (!gap) return [];
  const text = `Training counts classes 1, 2, 3, ... without a gap, got ${gap.id} for ${gap.name}; choose other label numbers.`;
  return [{ level: 'error', text }];
}

/** WSL4MIS divides patient001 to patient100 into folds by these names. */
function checkNames(volumes: readonly NamedVolume[]): ExportCheck[] {
  const other = volumes.find(({ name }) => !/^patient\d{3}/.test(name));
  if (!other) return [];
  const text = `WSL4MIS finds cases whose names begin with patient001 to patient100; ${other.name} does not. Change its folds, or use the lists beside the folders.`;
  return [{ level: 'warning', text }];
}
