// Charts of the results screen, as data.
import type { ComponentProps } from 'svelte';
import type { SourceEvaluation } from '../../../src-core/contract/results.ts';
import type { ProjectClass } from '../../../src-core/contract/project.ts';
import type { HeartReport } from '../../../src-core/measure/heart-report.ts';
import { t } from '../../i18n/index.svelte.ts';
import type Chart from '../../ui/Chart.svelte';

export type ChartData = Omit<ComponentProps<typeof Chart>, 'label'>;

const percent = (value: number): string => `${Math.round(value * 100)} %`;

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
    ...{ xTitle: t('results:coverage'), yTitle: t('results:risk'), fromZero: true, nameSpace: 110, height: 220 },
    ...{ showX: percent, showY: (value: number) => `${(value * 100).toPrecision(2)} %` },
  };
}

/** Bland-Altman of the left ventricle's ejection fraction: difference against mean, with bias and limits of agreement. */
export function agreementChart({ report }: SourceEvaluation): ChartData | undefined {
  const measure = report.cardiac?.measures.find(({ name }) => name === 'LV EF');
  const pairs = (report.cardiac?.patients ?? [])
    .map(({ truth, prediction }) => ({ truth: truth.lv.ejectionFraction, measured: prediction.lv.ejectionFraction }))
    .filter(({ truth, measured }) => Number.isFinite(truth) && Number.isFinite(measured))
    .map(({ truth, measured }) => ({ mean: (truth + measured) / 2, difference: measured - truth }))
    .sort((a, b) => a.mean - b.mean);
  if (!measure || pairs.length < 2) return undefined;
  const limit = 1.96 * measure.standardDeviation;
  const level = (value: number) => pairs.map(() => value);
  return {
    x: pairs.map(({ mean }) => mean),
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
    ...{ xTitle: t('results:meanEf'), yTitle: t('results:differenceEf'), nameSpace: 110, height: 220 },
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
