// `npm run fuzz [-- --runs N --seed S --only NAME --at RUN]`: broken files for every parser. Exit code 1 where one crashed, hung or
// took all memory. `--at` repeats one run, as a failure names it.
import { parseArgs } from 'node:util';
import { table } from '../../src-main/cli/output.ts';
import { GROUP_NAMES, targetsOf } from './targets/targets.ts';
import { watch, type Row } from './watch.ts';

const SHOWN_FAILURES = 5;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true },
    at: { type: 'string' },
  },
});
const seed = whole('seed', values.seed);
const [from, to] =
  values.at === undefined ? [0, whole('runs', values.runs)] : [whole('at', values.at), whole('at', values.at) + 1];
const rows: Row[] = [];
for (const group of GROUP_NAMES) {
  for (const { name } of await targetsOf(group)) {
    if (values.only && !values.only.some((part) => name.toLowerCase().includes(part.toLowerCase()))) continue;
    const row = await watch({ group, name, seed, from, to });
    rows.push(row);
    const shown = row.failures.slice(0, SHOWN_FAILURES).map(({ run, what }) => `  run ${run}: ${what}\n`);
    process.stderr.write(`${name}: ${row.failures.length} failures\n${shown.join('')}`);
  }
}
if (rows.length === 0) throw new Error(`only: expected a part of a parser's name, got ${values.only?.join(', ')}`);
process.stdout.write(`${report(rows)}\n`);
process.exit(rows.every(({ failures }) => failures.length === 0) ? 0 : 1);

function whole(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`${option}: expected a whole number, got "${text}"`);
  return number;
}

function report(all: readonly Row[]): string {
  return table(
    ['parser', 'runs', 'accepted', 'refused', 'crashes', 'slowest ms', 'peak MB'],
    all.map(({ name, runs, accepted, refused, failures, slowestMs, peakBytes }) => [
      ...[name, runs, accepted, refused, failures.length],
      ...[Math.round(slowestMs), Math.round(peakBytes / 2 ** 20)],
    ]),
  );
}
