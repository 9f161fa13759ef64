// The tables of a report: a row for every case, image, heart and measured class.
import { csvLines, type Cell } from '../csv-lines.ts';
import type { Provenance } from './mask-export.ts';
import type { ImageMeasures, ReportMeasures } from './report-measures.ts';

/** Who last changed an item's mask or state, and when. */
export interface LastChange {
  readonly annotator: string;
  readonly at: string;
}

/** Who drew how many of some images. */
export function countProvenance(images: readonly ImageMeasures[]): Readonly<Record<Provenance, number>> {
  const counts = { automatic: 0, 'semi-automatic': 0, manual: 0 };
  for (const { item } of images) counts[item.provenance] += 1;
  return counts;
}

/** `cases.csv`. */
export function caseLines({ classes, cases }: ReportMeasures): Iterable<string> {
  const head = [
    'case',
    'patient',
    'phase',
    'split',
    'slices',
    'images',
    'automatic',
    'semi-automatic',
    'manual',
    'undecided pixels',
  ];
  const rows = cases.map(({ volume, images, volumesMl, dice, hausdorff95Mm }): Cell[] => [
    ...[volume.id, volume.patient, volume.phase, volume.split, volume.slices, images.length],
    ...Object.values(countProvenance(images)),
    images.reduce((sum, { undecided }) => sum + undecided, 0),
    ...classes.flatMap((_, index) => [
      images.reduce((sum, { pixels }) => sum + pixels[index]!, 0),
      rounded(volumesMl?.[index]),
      rounded(dice?.[index]),
      rounded(hausdorff95Mm?.[index]),
    ]),
  ]);
  const measures = (name: string): string[] => [`${name} pixels`, `${name} mL`, `${name} DSC`, `${name} HD95 mm`];
  return csvLines([...head, ...classes.flatMap(measures)], rows);
}

/** `images.csv`. */
export function imageLines(
  { classes, cases }: ReportMeasures,
  run: string | null,
  changes: ReadonlyMap<string, LastChange> | undefined,
): Iterable<string> {
  const head = [
    'image',
    'case',
    'slice',
    'patient',
    'phase',
    'split',
    'state',
    'mask',
    'provenance',
    'run',
    'uncertainty',
  ];
  const rows = cases.flatMap(({ volume, images }) =>
    images.map(({ item, pixels, undecided, dice, uncertainty }): Cell[] => {
      const change = changes?.get(item.item.id);
      return [
        ...[item.item.id, volume.id, item.item.slice, volume.patient, volume.phase, volume.split, item.item.state],
        ...[item.source, item.provenance, item.source === 'reviewed' ? null : run, rounded(uncertainty), undecided],
        ...(changes ? [change?.annotator, change?.at] : []),
        ...classes.flatMap((_, index) => [pixels[index], rounded(dice?.[index])]),
      ];
    }),
  );
  const who = changes ? ['changed by', 'changed at'] : [];
  return csvLines(
    [...head, 'undecided pixels', ...who, ...classes.flatMap((name) => [`${name} pixels`, `${name} DSC`])],
    rows,
  );
}

/** `hearts.csv`. */
export function heartLines({ hearts }: ReportMeasures): Iterable<string> {
  const ventricle = (name: string): string[] => [`${name} EDV mL`, `${name} ESV mL`, `${name} SV mL`, `${name} EF %`];
  const rows = hearts.map(({ patient, phases, function: heart }): Cell[] => [
    patient,
    phases.reduce((sum, { reviewed }) => sum + reviewed, 0),
    phases.reduce((sum, { slices }) => sum + slices, 0),
    ...[heart?.lv, heart?.rv].flatMap((side) =>
      [side?.edvMl, side?.esvMl, side?.strokeVolumeMl, side?.ejectionFraction].map(rounded),
    ),
    rounded(heart?.myocardialMassG),
  ]);
  const head = ['patient', 'reviewed slices', 'slices', ...ventricle('LV'), ...ventricle('RV'), 'myocardial mass g'];
  return csvLines(head, rows);
}

/** `measures.csv`. */
export function measureLines({ splits }: ReportMeasures): Iterable<string> {
  const rows = splits.flatMap(({ split, report }) =>
    report.classes.map((each): Cell[] => [
      ...[split, each.name, report.counts.volumes, report.counts.patients, report.counts.slices],
      ...[each.dice.pooled, each.dice.perVolume.value, each.dice.perSlice.value].map(rounded),
      ...[each.intersectionOverUnion, each.precision, each.recall].map(rounded),
      ...[each.confusionRatio.pooled, each.hausdorff95Mm.value].map(rounded),
    ]),
  );
  const head = ['split', 'class', 'cases', 'patients', 'slices', 'DSC pooled', 'DSC per case', 'DSC per slice', 'IoU'];
  return csvLines([...head, 'precision', 'recall', 'CR pooled', 'HD95 mm'], rows);
}

/** Six digits tell more than the masks do. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(6));
}
