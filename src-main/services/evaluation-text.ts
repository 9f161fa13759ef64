// An evaluation as text for people, and its volumes as a table for spreadsheets.
import { alignColumns, renderReport } from '../../src-core/measure/report-table.ts';
import type { ClassReport } from '../../src-core/measure/report.ts';
import type { EvaluationSource, ProjectEvaluation, SourceEvaluation } from './evaluate.ts';

/** What the sources are called in tables. */
export const SOURCE_NAMES: Readonly<Record<EvaluationSource, string>> = {
  cam: 'CAM',
  p1: 'P1',
  p2: 'P2',
  p3: 'P3',
  pseudo: 'P',
  segmentation: 'segmentation',
  reviewed: 'reviewed',
  disc: 'disc (no learning)',
};

const MEASURES: readonly (readonly [heading: string, digits: number, of: (report: ClassReport) => number])[] = [
  ['DSC pooled', 3, ({ dice }) => dice.pooled],
  ['per volume', 3, ({ dice }) => dice.perVolume.value],
  ['per slice', 3, ({ dice }) => dice.perSlice.value],
  ['CR pooled', 2, ({ confusionRatio }) => confusionRatio.pooled],
  ['per volume', 2, ({ confusionRatio }) => confusionRatio.perVolume.value],
  ['IoU', 3, ({ intersectionOverUnion }) => intersectionOverUnion],
  ['precision', 3, ({ precision }) => precision],
  ['recall', 3, ({ recall }) => recall],
];

/** The whole evaluation: a full report of one source, or a row for each of several. */
export function renderEvaluation(evaluation: ProjectEvaluation): string {
  const { sources } = evaluation;
  const [only] = sources;
  const single = sources.length === 1 && only !== undefined;
  return [
    headline(evaluation),
    single ? renderReport(only.report).trimEnd() : sourceTables(evaluation),
    evaluationNotes(evaluation).join('\n'),
  ].join('\n\n');
}

function headline({ run, split, sources, largestComponent }: ProjectEvaluation): string {
  const names = sources.map(({ source }) => SOURCE_NAMES[source]).join(', ');
  const masks = `${run === null ? '' : `${run}: `}${names}, ${split === 'all' ? 'all splits' : `split ${split}`}`;
  return largestComponent ? `${masks}; largest component of each class in each volume` : masks;
}

/** For each class, and for their mean, one row a source. */
function sourceTables({ classes, sources }: ProjectEvaluation): string {
  const { volumes, patients, slices } = sources[0]!.report.counts; // an evaluation has one source at least
  const tables = classes.map((name, index) => sourceTable(name, sources, (source) => source.report.classes[index]!));
  const counts = `${counted(slices, 'slice')} in ${counted(volumes, 'volume')} of ${counted(patients, 'patient')}`;
  return [counts, ...tables, ...(classes.length > 1 ? [meanTable(sources)] : [])].join('\n\n');
}

function sourceTable(
  name: string,
  sources: readonly SourceEvaluation[],
  classOf: (source: SourceEvaluation) => ClassReport,
): string {
  const rows = sources.map((source) => [
    SOURCE_NAMES[source.source],
    ...MEASURES.map(([, digits, of]) => decimal(of(classOf(source)), digits)),
    ignoredShare(source),
  ]);
  return alignColumns([headingsOf(name), ...rows]);
}

function meanTable(sources: readonly SourceEvaluation[]): string {
  const rows = sources.map((source) => {
    const { mean } = source.report;
    return [
      SOURCE_NAMES[source.source],
      decimal(mean.dicePooled, 3),
      decimal(mean.dicePerVolume, 3),
      decimal(mean.dicePerSlice, 3),
      decimal(mean.confusionRatioPooled, 2),
      decimal(mean.confusionRatioPerVolume, 2),
      decimal(mean.intersectionOverUnion, 3),
      decimal(mean.precision, 3),
      decimal(mean.recall, 3),
      ignoredShare(source),
    ];
  });
  return alignColumns([headingsOf('mean of classes'), ...rows]);
}

function headingsOf(first: string): string[] {
  return [first, ...MEASURES.map(([heading]) => heading), 'ignored'];
}

/** What a reader must know to take the numbers for what they are. */
export function evaluationNotes({ tags, sources, split }: ProjectEvaluation): string[] {
  const names = new Set(sources.map(({ source }) => source));
  const usesTags = (['cam', 'p1', 'p2', 'p3', 'pseudo', 'disc'] as const).filter((source) => names.has(source));
  const kinds = [
    ...(tags.slice > 0 ? [`${tags.slice} on whole slices`] : []),
    ...(tags.crop > 0 ? [`${tags.crop} on crops of slices`] : []),
  ];
  const measured = split === 'all' ? 'measured' : split;
  return [
    `Tags of the project: ${kinds.join(', ') || 'none'}.`,
    ...(usesTags.length > 0
      ? [
          `${usesTags.map((source) => SOURCE_NAMES[source]).join(', ')}: the tags of ${measured} slices were used; such a mask shows only classes that are tagged.`,
        ]
      : []),
    ...(names.has('segmentation') ? [`segmentation: no tags of ${measured} slices were used.`] : []),
    ...(names.has('disc')
      ? [
          'disc: one circle a class, of the mean place and size in the masks of training patients; it sees tags, no image.',
        ]
      : []),
    ...(sources.length > 1 ? ['Ignored pixels (255) count as background.'] : []),
    ...sources.flatMap(skippedNotes),
  ];
}

function skippedNotes({ source, skipped }: SourceEvaluation, index: number): string[] {
  const { withoutTruth, withoutMask, incompleteVolumes } = skipped;
  const name = SOURCE_NAMES[source];
  return [
    ...(index === 0 && withoutTruth > 0 ? [`Left out: ${counted(withoutTruth, 'image')} without truth.`] : []),
    ...(withoutMask > 0 ? [`Left out for ${name}: ${counted(withoutMask, 'image')} without a mask.`] : []),
    ...(incompleteVolumes > 0
      ? [
          `${name}: ${counted(incompleteVolumes, 'volume')} measured on some of their slices; no HD95, mL or EF from them.`,
        ]
      : []),
  ];
}

/** One row for each source, volume and class, as RFC 4180 has it. A measure without a value is an empty cell. */
export function volumesAsCsv({ classes, sources }: ProjectEvaluation): string {
  const rows = sources.flatMap(({ source, report }) =>
    report.volumes.flatMap(({ id, patient, phase, dice, hausdorff95Mm }) =>
      classes.map((name, i) => [source, id, patient, phase ?? '', name, cell(dice[i]), cell(hausdorff95Mm[i])]),
    ),
  );
  const head = ['source', 'volume', 'patient', 'phase', 'class', 'dice', 'hausdorff95_mm'];
  return [head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function cell(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : String(value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function ignoredShare({ report }: SourceEvaluation): string {
  return `${(100 * report.ignored.prediction).toFixed(1)} %`;
}

function decimal(value: number, digits: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(digits);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
