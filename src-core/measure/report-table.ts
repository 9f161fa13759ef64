// The evaluation report as plain text with aligned columns.
import type { MeanOfUnits } from './overlap.ts';
import type { EvaluationReport } from './report.ts';

const NO_VALUE = '-';

/** Columns aligned, the first to the left and the others to the right; the first row is the head. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const [head, ...body] = rows.map(line);
  return head === undefined
    ? ''
    : [head, '-'.repeat(Math.max(...rows.map((row) => line(row).length))), ...body].join('\n');
}

/** The whole report as text, ending in a line break. */
export function renderReport(report: EvaluationReport): string {
  const { volumes, patients, slices } = report.counts;
  return [
    `${counted(volumes, 'volume')} of ${counted(patients, 'patient')}, ${counted(slices, 'slice')}`,
    classTable(report),
    `mIoU (with background) ${decimal(report.meanIntersectionOverUnion, 3)}`,
    ...(report.cardiac && report.cardiac.measures.length > 0 ? [cardiacTable(report)] : []),
    ...(report.ranking ? [rankingTable(report)] : []),
    notes(report).join('\n'),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function classTable(report: EvaluationReport): string {
  const { mean, classes } = report;
  const rows = classes.map(
    ({ name, dice, intersectionOverUnion, precision, recall, confusionRatio, hausdorff95Mm }) => [
      name,
      decimal(dice.pooled, 3),
      ofUnits(dice.perVolume, 3),
      ofUnits(dice.perSlice, 3),
      decimal(dice.perSliceEmptyAsOne.value, 3),
      decimal(intersectionOverUnion, 3),
      decimal(precision, 3),
      decimal(recall, 3),
      decimal(confusionRatio.pooled, 2),
      ofUnits(confusionRatio.perVolume, 2),
      ofUnits(hausdorff95Mm, 1),
    ],
  );
  const meanRow = [
    'mean',
    decimal(mean.dicePooled, 3),
    decimal(mean.dicePerVolume, 3),
    decimal(mean.dicePerSlice, 3),
    '',
    decimal(mean.intersectionOverUnion, 3),
    decimal(mean.precision, 3),
    decimal(mean.recall, 3),
    decimal(mean.confusionRatioPooled, 2),
    decimal(mean.confusionRatioPerVolume, 2),
    decimal(mean.hausdorff95Mm, 1),
  ];
  const head = [
    'class',
    'DSC pooled',
    'per volume (n)',
    'per slice (n)',
    'slice, empty=1',
    'IoU',
    'precision',
    'recall',
    'CR pooled',
    'CR per volume (n)',
    'HD95 mm (n)',
  ];
  return alignColumns([head, ...rows, ...(classes.length > 1 ? [meanRow] : [])]);
}

function cardiacTable({ cardiac }: EvaluationReport): string {
  const rows = cardiac!.measures.map((measure) => [
    `${measure.name} (${measure.unit})`,
    decimal(measure.meanTruth, 1),
    decimal(measure.meanPrediction, 1),
    decimal(measure.bias, 1),
    decimal(measure.standardDeviation, 1),
    decimal(measure.meanAbsoluteError, 1),
    String(measure.patients),
  ]);
  return alignColumns([['heart', 'truth', 'predicted', 'bias', 'sd', 'mean |error|', 'patients'], ...rows]);
}

function rankingTable({ ranking }: EvaluationReport): string {
  const rows = Object.entries({ pixels: ranking!.pixels, slices: ranking!.slices }).map(([unit, area]) => [
    `error of ${unit}`,
    decimal(area.area, 4),
    decimal(area.uninformed, 4),
    String(area.units),
  ]);
  return alignColumns([['uncertainty ranks', 'area under risk-coverage', 'without ranking', 'units'], ...rows]);
}

/** What the numbers leave out, in sentences. */
function notes({ ignored, counts, ranking }: EvaluationReport): string[] {
  return [
    'DSC leaves out volumes and slices with the class in neither map; (n) counts those that remain.',
    'CR = FP / TP; volumes without a true positive are left out of its mean.',
    `Ignored pixels: ${percent(ignored.prediction)} of the prediction (taken as background), ${percent(ignored.truth)} of the truth (left out).`,
    ...(counts.volumesWithoutSpacing > 0
      ? [
          `${counted(counts.volumesWithoutSpacing, 'volume')} without a known pixel size: no HD95 and no mL there, ratios only.`,
        ]
      : []),
    ...(ranking
      ? [`Pixels are ranked by uncertainty in ${ranking.pixels.bins} bins, ties sharing; slices by their mean.`]
      : []),
  ];
}

function decimal(value: number, digits: number): string {
  return Number.isNaN(value) ? NO_VALUE : value.toFixed(digits);
}

function ofUnits({ value, counted: units }: MeanOfUnits, digits: number): string {
  return `${decimal(value, digits)} (${units})`;
}

function percent(share: number): string {
  return Number.isNaN(share) ? NO_VALUE : `${(100 * share).toFixed(1)} %`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
