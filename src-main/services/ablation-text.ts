// An ablation as text: one table for each measure, a row for each recipe, a column for each kind of mask.
import { alignColumns } from '../../src-core/measure/report-table.ts';
import type { Ablation, AblationResult, SourceMeasures } from './ablate.ts';
import { SOURCE_NAMES } from './evaluation-text.ts';

type Measure = 'dicePooled' | 'dicePerVolume' | 'confusionRatioPooled' | 'confusionRatioPerVolume';

const TABLES: readonly (readonly [heading: string, measure: Measure, digits: number])[] = [
  ['DSC pooled', 'dicePooled', 3],
  ['DSC per volume', 'dicePerVolume', 3],
  ['CR pooled', 'confusionRatioPooled', 2],
  ['CR per volume', 'confusionRatioPerVolume', 2],
];

/** The tables of an ablation; means over the classes. */
export function renderAblation(ablation: Ablation): string {
  const { preset, seed, iterations, split, rows, tags } = ablation;
  const head = `preset ${preset}, seed ${seed}, ${iterations} iterations a row, split ${split}`;
  if (rows.length === 0) return `${head}: no row is whole yet`;
  const sources = rows.reduce<readonly SourceMeasures[]>(
    (most, row) => (row.sources.length > most.length ? row.sources : most),
    [],
  );
  const columns = sources.map(({ source }) => source);
  const tables = TABLES.map(([heading, measure, digits], i) => {
    const last = i === 0 ? ['mAP', 'minutes', 'run'] : [];
    const body = rows.map((row) => [
      row.name,
      ...columns.map((source) => cell(row.sources.find((each) => each.source === source)?.[measure], digits)),
      ...(i === 0 ? [cell(row.meanAveragePrecision, 3), row.minutes.toFixed(1), runOf(row)] : []),
    ]);
    return alignColumns([[heading, ...columns.map((source) => SOURCE_NAMES[source]), ...last], ...body]);
  });
  const kinds = [
    ...(tags.slice > 0 ? [`${tags.slice} on whole slices`] : []),
    ...(tags.crop > 0 ? [`${tags.crop} on crops of slices`] : []),
  ];
  return [
    head,
    ...tables,
    `Tags of the project: ${kinds.join(', ') || 'none'}. Means over the classes; ignored pixels count as background; CR = FP / TP.`,
  ].join('\n\n');
}

function runOf({ run, sameAs }: AblationResult): string {
  return sameAs === null ? run : `${run} (as ${sameAs})`;
}

function cell(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '-' : value.toFixed(digits);
}
