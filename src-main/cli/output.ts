import { SingleBar } from 'cli-progress';
import { trackPace, type Pace, type PaceFacts } from '../services/pace.ts';

/** A cell of a table; undefined prints as a dash, a number as it stands. */
export type Cell = string | number | undefined;

/** Prints facts for people, one line or paragraph each, to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints facts for machines: one JSON document on standard output. A NaN, which JSON cannot hold, becomes null. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Columns under their titles; columns of numbers are flush right. */
export function table(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = rows.map((row) => titles.map((_, i) => (row[i] === undefined ? '-' : String(row[i]))));
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const numeric = titles.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => (numeric[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}

/** Work under way, shown as done / total with its rate and the time that is left. */
export interface Progress {
  /** @param note - a few words at the end of the line, such as the loss */
  update(done: number, note?: string): void;
  /** A line that stays, above the bar. */
  log(line: string): void;
  /** Removes the bar or ends the lines with a last one. Call it also when the work failed. */
  stop(): void;
}

const LINE_EVERY_MS = 10_000;

/**
 * Shows progress on standard error: a bar on a terminal, elsewhere a line about every ten seconds.
 *
 * @param unit - what is counted, in the plural: "slices", "steps"
 * @param from - what was done before this process started, for resumed work
 */
export function startProgress(label: string, total: number, unit: string, from = 0): Progress {
  const pace = trackPace(() => performance.now(), from);
  return process.stderr.isTTY ? startBar(label, total, unit, from, pace) : startLines(label, total, unit, from, pace);
}

function startBar(label: string, total: number, unit: string, from: number, pace: Pace): Progress {
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} ${unit}  {pace}  {note}`,
    barsize: 24,
    stream: process.stderr,
    hideCursor: true,
    // Ctrl-C belongs to the command, which saves before it ends.
    gracefulExit: false,
    forceRedraw: true,
  });
  bar.start(total, from, { pace: '', note: '' });
  return {
    update: (done, note = '') => bar.update(done, { pace: describePace(pace.at(done, total), done, total), note }),
    // Clears the bar's line; its next redraw is due within a tenth of a second.
    log: (line) => void process.stderr.write(`\r\u001b[2K${line}\n`),
    stop: () => bar.stop(),
  };
}

function startLines(label: string, total: number, unit: string, from: number, pace: Pace): Progress {
  let written = performance.now();
  let last = { done: from, note: '' };
  const line = () =>
    process.stderr.write(
      `${label} ${last.done}/${total} ${unit}  ${describePace(pace.at(last.done, total), last.done, total)}  ${last.note}`.trimEnd() +
        '\n',
    );
  return {
    update: (done, note = '') => {
      last = { done, note };
      if (performance.now() - written < LINE_EVERY_MS) return;
      written = performance.now();
      line();
    },
    log: (text) => void process.stderr.write(`${text}\n`),
    stop: () => void line(),
  };
}

/** "3.2/s, 42 s left". */
function describePace({ perSecond, secondsLeft }: PaceFacts, done: number, total: number): string {
  if (perSecond === null) return '';
  const rate = perSecond >= 1 ? `${perSecond.toFixed(1)}/s` : `${(1 / perSecond).toFixed(1)} s each`;
  return done >= total || secondsLeft === null ? rate : `${rate}, ${duration(secondsLeft)} left`;
}

/** "42 s", "3 min 5 s", "1 h 12 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
