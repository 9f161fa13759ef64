// Charts of a training, as data.
import type { ComponentProps } from 'svelte';
import type { ProjectClass } from '../../../src-core/contract/project.ts';
import type { StepPoint } from '../../../src-core/contract/train.ts';
import { formatNumber, t } from '../../i18n/index.svelte.ts';
import type { ChartLine } from '../../ui/chart.ts';
import type Chart from '../../ui/Chart.svelte';
import type { ShownRun } from './training.svelte.ts';
import { lossTitle } from './words.ts';

export type ChartData = Omit<ComponentProps<typeof Chart>, 'label'>;

/** More points than a chart is wide would only be noise. */
const MOST_POINTS = 240;

/** A colour for each term of the loss, the same in every chart and run; seen on dark and on light ground. */
const TERMS: Readonly<Record<string, string>> = {
  total: '#8a8a8a',
  classification: '#1f9ed1',
  auxiliary: '#6aa5c9',
  distribution: '#b07aa1',
  affinity: '#c98a1b',
  segmentation: '#2aa876',
  tokenContrast: '#c4643d',
  crfEnergy: '#9c8b3a',
  divergence: '#7a86c8',
};
const OTHER = '#8a8a8a';
const MEAN_PRECISION = '#8a8a8a';

/** Steps that one point of the loss charts stands for. */
export function stepsAPoint(total: number): number {
  return Math.max(1, Math.ceil(total / MOST_POINTS));
}

interface Bucket {
  readonly done: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly learningRate: number;
}

/** Means of neighbouring steps of one stage. */
function buckets({ points, total }: ShownRun): Bucket[] {
  const size = stepsAPoint(total);
  const groups: StepPoint[][] = [];
  for (const point of points) {
    const last = groups.at(-1);
    if (last && last.length < size && last[0]!.stage === point.stage) last.push(point);
    else groups.push([point]);
  }
  return groups.map((group) => {
    const { done, losses, learningRate } = group.at(-1)!; // never empty
    const mean = (term: string): number =>
      group.reduce((sum, point) => sum + (point.losses[term] ?? 0), 0) / group.length;
    return { done, learningRate, losses: Object.fromEntries(Object.keys(losses).map((term) => [term, mean(term)])) };
  });
}

/** A run's lines over the x of two runs together. */
interface Spread {
  readonly x: number[];
  readonly at: (values: readonly { readonly done: number; readonly value: number | null }[]) => (number | null)[];
}

function spreadOver(runs: readonly (readonly { readonly done: number }[])[]): Spread {
  const x = [...new Set(runs.flatMap((run) => run.map(({ done }) => done)))].sort((a, b) => a - b);
  const places = new Map(x.map((done, i) => [done, i]));
  return {
    x,
    at(values) {
      const y: (number | null)[] = x.map(() => null);
      for (const { done, value } of values) y[places.get(done)!] = value;
      return y;
    },
  };
}

const STEPS = { showX: (value: number) => formatNumber(value), nameSpace: 104 } as const;

/** Every term of the loss; of a run beside it only the total. */
export function lossChart(run: ShownRun, beside: ShownRun | null): ChartData {
  const means = buckets(run);
  const others = beside ? buckets(beside) : [];
  const { x, at } = spreadOver([means, others]);
  const terms = [...new Set(means.flatMap(({ losses }) => Object.keys(losses)))];
  const lines = terms.map((term): ChartLine => ({
    name: lossTitle(term),
    colour: TERMS[term] ?? OTHER,
    y: at(means.map(({ done, losses }) => ({ done, value: losses[term] ?? null }))),
  }));
  const under: ChartLine[] = beside
    ? [
        {
          name: beside.id,
          colour: OTHER,
          kind: 'dashed',
          y: at(others.map(({ done, losses }) => ({ done, value: losses['total'] ?? null }))),
        },
      ]
    : [];
  return {
    ...STEPS,
    x,
    lines: [...lines, ...under].map(bridge),
    xRange: rangeOf(run.total, beside),
    fromZero: true,
    height: 200,
  };
}

export function learningRateChart(run: ShownRun, beside: ShownRun | null): ChartData {
  const means = buckets(run);
  const others = beside ? buckets(beside) : [];
  const { x, at } = spreadOver([means, others]);
  const lineOf = (name: string, from: readonly Bucket[], kind: 'line' | 'dashed'): ChartLine => ({
    ...{ name, kind, colour: OTHER },
    y: at(from.map(({ done, learningRate }) => ({ done, value: learningRate }))),
  });
  return {
    ...STEPS,
    x,
    lines: [lineOf('', means, 'line'), ...(beside ? [lineOf(beside.id, others, 'dashed')] : [])].map(bridge),
    ...{
      xRange: rangeOf(run.total, beside),
      fromZero: true,
      height: 120,
      showY: (value: number) => (value === 0 ? '0' : value.toExponential(0)),
    },
  };
}

/** DSC of each class and the image-level mean average precision. */
export function measureChart(run: ShownRun, beside: ShownRun | null, classes: readonly ProjectClass[]): ChartData {
  const { x, at } = spreadOver([run.looks, beside?.looks ?? []]);
  const of = ({ looks, id }: ShownRun, isBeside: boolean): ChartLine[] => [
    ...classes.map(({ name, colour }, i): ChartLine => ({
      name: isBeside ? `${name} ${id}` : t('train:dsc', { name }),
      ...{ colour, kind: isBeside ? 'dashed' : 'marked' },
      y: at(looks.map(({ done, dice }) => ({ done, value: dice[i] ?? null }))),
    })),
    {
      name: isBeside ? `mAP ${id}` : t('train:map'),
      ...{ colour: MEAN_PRECISION, kind: isBeside ? 'dashed' : 'marked' },
      y: at(looks.map(({ done, meanAveragePrecision }) => ({ done, value: meanAveragePrecision }))),
    },
  ];
  const lines = [...of(run, false), ...(beside ? of(beside, true) : [])].filter(hasValues).map(bridge);
  return { ...STEPS, x, lines, xRange: rangeOf(run.total, beside), yRange: [0, 1], height: 200 };
}

/** Confusion ratio of each class: false positives for each true one; lower is better. */
export function confusionChart(run: ShownRun, beside: ShownRun | null, classes: readonly ProjectClass[]): ChartData {
  const { x, at } = spreadOver([run.looks, beside?.looks ?? []]);
  const of = ({ looks, id }: ShownRun, isBeside: boolean): ChartLine[] =>
    classes.map(({ name, colour }, i) => ({
      name: isBeside ? `${name} ${id}` : t('train:cr', { name }),
      ...{ colour, kind: isBeside ? 'dashed' : 'marked' },
      y: at(looks.map(({ done, confusionRatio }) => ({ done, value: confusionRatio[i] ?? null }))),
    }));
  const lines = [...of(run, false), ...(beside ? of(beside, true) : [])].filter(hasValues).map(bridge);
  return { ...STEPS, x, lines, xRange: rangeOf(run.total, beside), fromZero: true, height: 120 };
}

/** The steps of two runs lie between one another: a line does not end where only the other run has a point. */
function bridge(line: ChartLine): ChartLine {
  return { ...line, bridged: true };
}

function hasValues({ y }: ChartLine): boolean {
  return y.some((value) => value !== null);
}

function rangeOf(total: number, beside: ShownRun | null): [number, number] {
  return [0, Math.max(total, beside?.total ?? 0, 1)];
}
