// `node test/conformance/run.ts [FOLDER] [--only FUNCTION] [--all-failures]`: reference cases passed, by function. Exit code 1 unless all are.
import { parseArgs } from 'node:util';
import { conform, readIndex, referenceFolder, type FunctionResult } from './conform.ts';
import { loadAdapters, type Registry } from './registry.ts';

const SHOWN_FAILURES = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true }, 'all-failures': { type: 'boolean', default: false } },
});
const folder = positionals[0] ?? referenceFolder();
if (folder === undefined) {
  console.error('No reference cases: name their folder, or set UNIA_REFERENCE.');
  process.exit(2);
}
const only = values.only;
const entries = readIndex(folder).filter((entry) => !only || only.includes(entry.function));
const registry = await loadAdapters();
const results = await conform(folder, entries, registry);
process.stdout.write(report(results, registry, values['all-failures'] ? Infinity : SHOWN_FAILURES));
process.exit(results.every((result) => result.passed === result.total) ? 0 : 1);

/** A line per function, then what failed, what has no adapter, and the sum. */
function report(results: readonly FunctionResult[], registry: Registry, shown: number): string {
  const lines = results.map((result) => {
    const state = result.passed === result.total ? 'ok' : result.adapted ? 'FAILED' : 'no adapter';
    const worst = result.adapted ? result.worst.toExponential(1) : '';
    return `${result.name.padEnd(24)}${`${result.passed}/${result.total}`.padStart(8)}  ${worst.padEnd(10)}${state}`;
  });
  const failures = results.flatMap(({ failures }) => [
    ...failures.slice(0, shown),
    ...(failures.length > shown ? [`… and ${failures.length - shown} more (--all-failures)`] : []),
  ]);
  const broken = registry.broken.map(({ file, cause }) => `cases/${file} does not load: ${cause}`);
  const missing = results.filter(({ adapted }) => !adapted).map(({ name }) => name);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const total = results.reduce((sum, result) => sum + result.total, 0);
  return [
    `${'function'.padEnd(24)}${'passed'.padStart(8)}  worst     `,
    ...lines,
    ...failures,
    ...broken,
    ...(missing.length > 0 ? [`without adapter: ${missing.join(', ')}`] : []),
    `${passed} of ${total} cases pass`,
    '',
  ].join('\n');
}
