// Charts of the results screen, as data.
import type { ComponentProps } from 'svelte';
import type { SourceEvaluation } from '../../../src-core/contract/results.ts';
import type { ProjectClass } from '../../../src-core/contract/project.ts';
import type { HeartReport } from '../../../src-core/measure/heart-report.ts';
import { t } from '../../i18n/index.svelte.ts';
import type { ChartValues } from '../../ui/chart.ts';
import type Chart from '../../ui/Chart.svelte';
import { patientMeans } from './patient-means.ts';
import type { TableData } from './table-data.ts';

export type ChartData = Omit<ComponentProps<typeof Chart>, 'label'>;

const percent = (value: number): string => `${Math.round(value * 100)} %`;

/** More points than this run into one another. */
const MOST_MARKS = 60;
/** Room for the names of classes beside their lines, px. */
const NAME_SPACE = 110;

/** A chart as numbers: its x, then a column a line. */
export function chartTable(title: string, { x, xNames, lines, xTitle = '' }: ChartValues): TableData {
  return {
    title,
    columns: [
      ...(xNames ? [{ title: t('results:patient') }] : []),
      { title: xTitle },
      ...lines.map(({ name }) => ({ title: name, digits: 3 })),
    ],
    rows: x.map((value, i) => [...(xNames ? [xNames[i] ?? ''] : []), value, ...lines.map(({ y }) => y[i] ?? null)]),
  };
}

/** DSC of every volume, class by class, highest first: how many are good, and how bad the worst are. */
export function classChart({ report }: SourceEvaluation, classes: readonly ProjectClass[]): ChartData | undefined {
  const { volumes } = report;
  if (volumes.length < 2) return undefined;
  const kind = volumes.length > MOST_MARKS ? 'line' : 'marked';
  return {
    x: volumes.map((_, i) => i + 1),
    lines: report.classes.map(({ name }, i) => {
      const values = volumes.flatMap(({ dice }) => (Number.isFinite(dice[i]) ? [dice[i]!] : []));
      const ranked = values.toSorted((a, b) => b - a);
      return { name, colour: colourOf(name, classes), kind, y: volumes.map((_, rank) => ranked[rank] ?? null) };
    }),
    ...{ xTitle: t('results:volumeRank'), yTitle: 'DSC', yRange: [0, 1], nameSpace: NAME_SPACE, height: 220 },
    showX: whole,
  };
}

/** DSC of every patient, class by class, lowest mean first: whom to look at. */
export function patientChart({ report }: SourceEvaluation, classes: readonly ProjectClass[]): ChartData | undefined {
  const patients = patientMeans(report).toSorted((a, b) => (a.meanDice ?? 0) - (b.meanDice ?? 0));
  if (patients.length < 2) return undefined;
  const names = patients.map(({ patient }) => patient);
  const kind = patients.length > MOST_MARKS ? 'line' : 'marked';
  return {
    x: patients.map((_, i) => i + 1),
    xNames: names,
    lines: report.classes.map(({ name }, i) => ({
      ...{ name, colour: colourOf(name, classes), kind, bridged: true },
      y: patients.map(({ dice }) => dice[i] ?? null),
    })),
    ...{ xTitle: t('results:patientRank'), yTitle: 'DSC', yRange: [0, 1], nameSpace: NAME_SPACE, height: 220 },
    showX: (value) => (Number.isInteger(value) ? (names[value - 1] ?? '') : ''),
  };
}

const whole = (value: number): string => (Number.isInteger(value) ? String(value) : '');

function colourOf(name: string, classes: readonly ProjectClass[]): string {
  return classes.find((each) => each.name === name)?.colour ?? GREY;
}

/** How the error grows as less certain pixels are kept; flat where uncertainty knows nothing. */
export function riskChart({ report }: SourceEvaluation): ChartData | undefined {
  const ranking = report.ranking?.pixels;
  if (!ranking) return undefined;
  const { coverage, risk } = ranking.curve;
  return {
    x: coverage,
    lines: [
      { name: t('results:byUncertainty'), colour: RAMP, y: risk },
      { name: t('results:unranked'), colour: GREY, y: coverage.map(() => ranking.uninformed), kind: 'dashed' },
    ],
    ...{ xTitle: t('results:coverage'), yTitle: t('results:risk'), fromZero: true, nameSpace: NAME_SPACE, height: 220 },
    ...{ showX: percent, showY: (value: number) => `${(value * 100).toPrecision(2)} %` },
  };
}

/** Bland-Altman of the left ventricle's ejection fraction: difference against mean, with bias and limits of agreement. */
export function agreementChart({ report }: SourceEvaluation): ChartData | undefined {
  const measure = report.cardiac?.measures.find(({ name }) => name === 'LV EF');
  const pairs = (report.cardiac?.patients ?? [])
    .map(({ patient, truth, prediction }) => ({
      ...{ patient, truth: truth.lv.ejectionFraction, measured: prediction.lv.ejectionFraction },
    }))
    .filter(({ truth, measured }) => Number.isFinite(truth) && Number.isFinite(measured))
    .map(({ patient, truth, measured }) => ({ patient, mean: (truth + measured) / 2, difference: measured - truth }))
    .sort((a, b) => a.mean - b.mean);
  if (!measure || pairs.length < 2) return undefined;
  const limit = 1.96 * measure.standardDeviation;
  const level = (value: number) => pairs.map(() => value);
  return {
    x: pairs.map(({ mean }) => mean),
    xNames: pairs.map(({ patient }) => patient),
    lines: [
      { name: t('results:patients'), colour: RAMP, y: pairs.map(({ difference }) => difference), kind: 'points' },
      { name: `${t('results:bias')} ${measure.bias.toFixed(1)}`, colour: RAMP, y: level(measure.bias) },
      {
        name: `+1.96 SD ${(measure.bias + limit).toFixed(1)}`,
        colour: GREY,
        y: level(measure.bias + limit),
        kind: 'dashed',
      },
      {
        name: `−1.96 SD ${(measure.bias - limit).toFixed(1)}`,
        colour: GREY,
        y: level(measure.bias - limit),
        kind: 'dashed',
      },
    ],
    ...{ xTitle: t('results:meanEf'), yTitle: t('results:differenceEf'), nameSpace: NAME_SPACE, height: 220 },
    ...{ showX: (value: number) => value.toFixed(0), showY: (value: number) => value.toFixed(1) },
  };
}

/** Volume of each class over the cycle; voxels where the spacing is not known. */
export function cycleChart({ phases, voxelMl }: HeartReport, classes: readonly ProjectClass[]): ChartData {
  return {
    x: phases.map(({ phaseIndex }) => phaseIndex + 1),
    lines: classes.map(({ name, colour }, i) => ({
      ...{ name, colour },
      y: phases.map(({ voxels }) => (voxels ? voxels[i]! * (voxelMl ?? 1) : null)),
    })),
    ...{
      xTitle: t('results:phaseAxis'),
      yTitle: voxelMl === null ? t('results:voxels') : 'mL',
      fromZero: true,
      height: 220,
    },
    showX: (value) => {
      const name = phases.find(({ phaseIndex }) => phaseIndex + 1 === value)?.name;
      return name ? `${value} ${name}` : Number.isInteger(value) ? String(value) : '';
    },
  };
}

/** Okabe-Ito, as everywhere. */
const RAMP = '#56b4e9';
const GREY = '#8f8f8f';
