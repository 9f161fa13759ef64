// Tables of the results screen, from what the services measured.
import type { EvaluationSource, ProjectEvaluation, SourceEvaluation } from '../../../src-core/contract/results.ts';
import type { HeartReport } from '../../../src-core/measure/heart-report.ts';
import { t } from '../../i18n/index.svelte.ts';
import { patientMeans } from './patient-means.ts';
import type { Cell, Column, TableData } from './table-data.ts';

/** What a source is called. */
export function sourceName(source: EvaluationSource): string {
  return t(`results:source.${source}`);
}

function measureColumns(): readonly Column[] {
  return [
    { title: t('results:dicePooled'), digits: 3 },
    { title: t('results:dicePerVolume'), digits: 3 },
    { title: t('results:dicePerSlice'), digits: 3 },
    { title: t('results:iou'), digits: 3 },
    { title: t('results:precision'), digits: 3 },
    { title: t('results:recall'), digits: 3 },
    { title: t('results:crPooled'), digits: 2 },
    { title: t('results:crPerVolume'), digits: 2 },
    { title: t('results:hd95'), digits: 1, unit: 'mm' },
  ];
}

/** One row a class, and their mean. */
export function classTable({ source, report }: SourceEvaluation): TableData {
  const rows = report.classes.map((each): Cell[] => [
    each.name,
    each.dice.pooled,
    each.dice.perVolume.value,
    each.dice.perSlice.value,
    each.intersectionOverUnion,
    each.precision,
    each.recall,
    each.confusionRatio.pooled,
    each.confusionRatio.perVolume.value,
    each.hausdorff95Mm.value,
  ]);
  const { mean } = report;
  const last: Cell[] = [
    t('results:mean'),
    mean.dicePooled,
    mean.dicePerVolume,
    mean.dicePerSlice,
    mean.intersectionOverUnion,
    mean.precision,
    mean.recall,
    mean.confusionRatioPooled,
    mean.confusionRatioPerVolume,
    mean.hausdorff95Mm,
  ];
  return {
    title: `${t('results:perClass')}: ${sourceName(source)}`,
    columns: [{ title: t('results:class') }, ...measureColumns()],
    rows: rows.length > 1 ? [...rows, last] : rows,
    note: t('results:emptyNote'),
  };
}

/** One row a source: which step of the method gained what. */
export function sourceTable({ sources, classes }: ProjectEvaluation): TableData {
  return {
    title: t('results:perSource'),
    columns: [
      { title: t('results:mask') },
      ...classes.flatMap((name) => [
        { title: `${name} DSC`, digits: 3 },
        { title: `${name} CR`, digits: 2 },
      ]),
      { title: t('results:ignored'), digits: 1, unit: '%' },
    ],
    rows: sources.map(({ source, report }) => [
      sourceName(source),
      ...report.classes.flatMap(({ dice, confusionRatio }) => [dice.pooled, confusionRatio.pooled]),
      report.ignored.prediction * 100,
    ]),
    note: t('results:pooledNote'),
  };
}

/** One row a patient: means over its volumes. */
export function patientTable({ source, report }: SourceEvaluation): TableData {
  const names = report.classes.map(({ name }) => name);
  return {
    title: `${t('results:perPatient')}: ${sourceName(source)}`,
    columns: [
      { title: t('results:patient') },
      ...names.map((name) => ({ title: `${name} DSC`, digits: 3 })),
      ...(names.length > 1 ? [{ title: t('results:meanDice'), digits: 3 }] : []),
      ...names.map((name) => ({ title: `${name} HD95`, digits: 1, unit: 'mm' })),
      { title: t('results:volumeCount'), digits: 0 },
    ],
    rows: patientMeans(report).map(({ patient, volumes, dice, meanDice, hausdorff95Mm }) => [
      ...[patient, ...dice, ...(names.length > 1 ? [meanDice] : []), ...hausdorff95Mm, volumes],
    ]),
    note: t('results:patientNote'),
  };
}

/** One row a volume. */
export function volumeTable({ source, report }: SourceEvaluation, classes: readonly string[]): TableData {
  return {
    title: `${t('results:perVolume')}: ${sourceName(source)}`,
    columns: [
      { title: t('results:patient') },
      { title: t('results:phase') },
      ...classes.map((name) => ({ title: `${name} DSC`, digits: 3 })),
      ...classes.map((name) => ({ title: `${name} HD95`, digits: 1, unit: 'mm' })),
    ],
    rows: report.volumes.map(({ patient, phase, dice, hausdorff95Mm }) => [
      patient,
      phase ?? '',
      ...dice,
      ...hausdorff95Mm,
    ]),
  };
}

/** Cardiac measures against truth: bias, spread and limits of agreement. */
export function cardiacTable({ source, report }: SourceEvaluation): TableData | undefined {
  if (!report.cardiac) return undefined;
  const measures = report.cardiac.measures.filter(({ patients }) => patients > 0);
  return {
    title: `${t('results:cardiac')}: ${sourceName(source)}`,
    columns: [
      { title: t('results:measure') },
      { title: t('results:truth'), digits: 1 },
      { title: t('results:measured'), digits: 1 },
      { title: t('results:bias'), digits: 1 },
      { title: t('results:absoluteError'), digits: 1 },
      { title: t('results:limits') },
      { title: t('results:patients'), digits: 0 },
    ],
    rows: measures.map((each) => [
      `${each.name} (${each.unit})`,
      each.meanTruth,
      each.meanPrediction,
      each.bias,
      each.meanAbsoluteError,
      limits(each.bias, each.standardDeviation),
      each.patients,
    ]),
    note: t('results:limitsNote'),
  };
}

/** Everything that is measured against truth, in the order of the screen. */
export function measuredTables(source: SourceEvaluation, evaluation: ProjectEvaluation): TableData[] {
  const cardiac = cardiacTable(source);
  return [
    ...[classTable(source), sourceTable(evaluation)],
    ...(cardiac ? [cardiac] : []),
    ...[patientTable(source), volumeTable(source, evaluation.classes)],
  ];
}

function limits(bias: number, deviation: number): string {
  if (!Number.isFinite(deviation)) return '–';
  return `${(bias - 1.96 * deviation).toFixed(1)} … ${(bias + 1.96 * deviation).toFixed(1)}`;
}

/** One row a patient: volumes and ejection fraction from the masks alone. Volumes in mL are missing without spacing. */
export function heartTable(hearts: readonly HeartReport[]): TableData {
  return {
    title: t('results:hearts'),
    columns: [
      { title: t('results:patient') },
      { title: 'LV EDV', digits: 1, unit: 'mL' },
      { title: 'LV ESV', digits: 1, unit: 'mL' },
      { title: 'LV SV', digits: 1, unit: 'mL' },
      { title: 'LV EF', digits: 1, unit: '%' },
      { title: 'RV EDV', digits: 1, unit: 'mL' },
      { title: 'RV ESV', digits: 1, unit: 'mL' },
      { title: 'RV EF', digits: 1, unit: '%' },
      { title: t('results:mass'), digits: 1, unit: 'g' },
      { title: t('results:reviewedSlices') },
    ],
    rows: hearts.map((heart) => [heart.patient, ...functionCells(heart), reviewedShare(heart)]),
    ...(hearts.some(({ voxelMl }) => voxelMl === null) && { note: t('results:noSpacing') }),
  };
}

/** One row a phase of each patient: the curves over the cycle as numbers. */
export function cycleTable(hearts: readonly HeartReport[], classes: readonly string[]): TableData {
  const isKnown = hearts.every(({ voxelMl }) => voxelMl !== null);
  return {
    title: t('results:cycles'),
    columns: [
      { title: t('results:patient') },
      { title: t('results:phase') },
      ...classes.map((name) => ({ title: name, digits: isKnown ? 1 : 0, unit: isKnown ? 'mL' : t('results:voxels') })),
    ],
    rows: hearts.flatMap(({ patient, phases, voxelMl }) =>
      phases.map(({ phaseIndex, name, voxels }) => [
        ...[patient, [phaseIndex + 1, name].join(' ').trim()],
        ...classes.map((_, i) => (voxels ? voxels[i]! * (isKnown ? voxelMl! : 1) : null)),
      ]),
    ),
  };
}

function functionCells({ function: of }: HeartReport): Cell[] {
  if (!of) return new Array<Cell>(8).fill(null);
  const { lv, rv, myocardialMassG } = of;
  return [
    ...[lv.edvMl, lv.esvMl, lv.strokeVolumeMl, lv.ejectionFraction],
    ...[rv.edvMl, rv.esvMl, rv.ejectionFraction, myocardialMassG],
  ];
}

function reviewedShare({ phases }: HeartReport): string {
  const sum = (of: (phase: HeartReport['phases'][number]) => number) => phases.reduce((n, phase) => n + of(phase), 0);
  return `${sum(({ reviewed }) => reviewed)}/${sum(({ slices }) => slices)}`;
}
