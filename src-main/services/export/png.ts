// Masks as indexed 8-bit PNG, one for each image or slice and named after it: the index of a pixel is its label id, the
// palette only shows it. Uncertainty goes beside it as `<name>_uncertainty.png`, 16-bit grey, 65535 for 1. Slices of
// volumes are in storage order: i runs along a row, j down the rows.
import { encode } from 'fast-png';
import { counted } from '../../../src-core/datasets/counted.ts';
import { encodeIndexedPng, type PaletteColour } from '../../../src-core/datasets/codecs/indexed-png.ts';
import { BACKGROUND, IGNORE } from '../../../src-core/imaging/plane.ts';
import { classColours } from '../../../src-core/review/colours.ts';
import type { ExportSettings } from '../../../src-core/datasets/formats/export-formats.ts';
import type { Project } from '../project.ts';
import { jsonFile } from './file-content.ts';
import type { ExportFormat, ExportPlan, ExportRequest, PlannedFile } from './format.ts';
import { pathNames } from './item-names.ts';
import { describeLabelIds, labelIdsOf, labelNames, translateLabels, type LabelIds } from './label-ids.ts';
import { geometryLoss } from './mask-export.ts';
import { selectMasks, type MaskSelection, type SelectedItem } from './mask-selection.ts';

/** Indexed masks and 16-bit uncertainty. */
export const pngFormat: ExportFormat<'png'> = { name: 'png', plan };

const WHITE: PaletteColour = [255, 255, 255];

function plan(project: Project, request: ExportRequest, settings: ExportSettings<'png'>): Promise<ExportPlan> {
  const selection = selectMasks(project, request);
  const items = selection.volumes.flatMap(({ volume, items }) => items.map((each) => ({ ...each, volume })));
  const labelIds = labelIdsOf(project, request.labels);
  const palette = paletteOf(project.classes, labelIds);
  const names = pathNames(items);
  const files = items.flatMap((selected, index): PlannedFile[] => {
    const name = names[index]!;
    const { item, source } = selected;
    return [
      {
        path: `${name}.png`,
        facts: { item: item.id, mask: source },
        produce: () => Promise.resolve(maskPng(selection, selected, labelIds, palette)),
      },
      ...(settings.uncertainty && selection.hasUncertainty(item.id) ? [uncertaintyFile(selection, item.id, name)] : []),
    ];
  });
  const legend = labelNames(project.classes, labelIds);
  const maps = files.length - items.length;
  return Promise.resolve({
    run: selection.run,
    files: [...files, jsonFile('labels.json', legend)],
    facts: { labels: legend, labelIdsFrom: labelIds.origin, rows: 'storage order: i along a row, j down the rows' },
    notes: [
      describeLabelIds(project.classes, labelIds),
      ...selection.notes,
      ...(settings.uncertainty && maps < items.length
        ? [`${counted(items.length - maps, 'image', 'has')} no uncertainty.`]
        : []),
    ],
    losses: geometryLoss(items),
  });
}

function maskPng(
  selection: MaskSelection,
  selected: SelectedItem,
  labelIds: LabelIds,
  palette: readonly PaletteColour[],
): Uint8Array {
  const mask = selection.mask(selected);
  const { width, height } = mask;
  return encodeIndexedPng({ width, height, data: translateLabels(mask, labelIds) }, palette);
}

function uncertaintyFile(selection: MaskSelection, item: string, name: string): PlannedFile {
  return {
    path: `${name}_uncertainty.png`,
    facts: { item, content: 'uncertainty, 0..65535 for 0..1' },
    produce() {
      const map = selection.uncertainty(item);
      if (!map) throw new Error(`${item}: its uncertainty went away while it was exported`);
      const data = Uint16Array.from(map.data, (value) => Math.round(65535 * Math.min(1, Math.max(0, value))));
      return Promise.resolve(encode({ width: map.width, height: map.height, data, channels: 1, depth: 16 }));
    },
  };
}

/** 256 colours: classes at their ids, white for "not decided", black elsewhere. */
function paletteOf(classes: readonly string[], { ids }: LabelIds): PaletteColour[] {
  const palette = Array.from({ length: IGNORE + 1 }, (): PaletteColour => [0, 0, 0]);
  classColours(classes).forEach((colour, index) => {
    if (ids[index] !== BACKGROUND) palette[ids[index]!] = colour;
  });
  palette[IGNORE] = WHITE;
  return palette;
}
