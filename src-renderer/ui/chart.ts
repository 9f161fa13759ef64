// What charts share: the theme's colours, and names written at the end of their lines instead of a legend.
import type uPlot from 'uplot';

/** One line of a chart. */
export interface ChartLine {
  readonly name: string;
  readonly colour: string;
  readonly y: readonly (number | null)[];
  /** Goes on over values that are missing, as where another line has points of its own. */
  readonly bridged?: boolean;
  /** `marked`: a line with its points, for few of them. */
  readonly kind?: 'line' | 'marked' | 'dashed' | 'points';
}

/** What a chart shows, as numbers. */
export interface ChartValues {
  readonly x: readonly number[];
  /** What each x is, such as a patient. */
  readonly xNames?: readonly string[];
  readonly xTitle?: string;
  readonly lines: readonly ChartLine[];
}

/** A drawn chart that can be saved. */
export interface Drawn {
  picture(): Promise<Blob | null>;
}

const LINE_HEIGHT = 13;

/** Colours and font as a canvas takes them. */
export function themeColours(root: Element): { ink: string; grid: string; panel: string; font: string } {
  const style = getComputedStyle(root);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return { ink: value('--ink-2'), grid: value('--border'), panel: value('--panel'), font: `11px ${value('--font')}` };
}

/** Writes each line's name beside its last point; names that would overlap move apart. */
export function drawLabels(chart: uPlot, lines: readonly ChartLine[]): void {
  const { ctx } = chart;
  const ratio = devicePixelRatio;
  const ends = lines.flatMap(({ name, colour, y, kind }) => {
    const last = y.findLastIndex((value) => value !== null);
    const value = y[last];
    if (kind === 'points' || value === null || value === undefined) return [];
    return [{ name, colour, top: chart.valToPos(value, 'y', true) }];
  });
  ends.sort((a, b) => a.top - b.top);
  const gap = LINE_HEIGHT * ratio;
  const bottom = chart.bbox.top + chart.bbox.height;
  // From the bottom up as far as it takes to stay within the chart, then from the top down to stay apart.
  let limit = bottom;
  for (const end of ends.toReversed()) {
    end.top = Math.min(end.top, limit);
    limit = end.top - gap;
  }
  let free = chart.bbox.top;
  ctx.save();
  ctx.font = `${11 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  for (const { name, colour, top } of ends) {
    const at = Math.max(top, free);
    free = at + gap;
    ctx.fillStyle = colour;
    ctx.fillText(name, chart.bbox.left + chart.bbox.width + 6 * ratio, at);
  }
  ctx.restore();
}
