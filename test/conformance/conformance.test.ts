import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conform, readIndex, referenceFolder } from './conform.ts';
import { loadAdapters } from './registry.ts';

const registry = await loadAdapters();

/** One test per function, so that a failure names the equation. */
function agreesWith(folder: string): void {
  const byFunction = Map.groupBy(readIndex(folder), (entry) => entry.function);
  it.for([...byFunction])('%s', { timeout: 120_000 }, async ([, entries]) => {
    const [result] = await conform(folder, entries, registry);
    expect(result).toMatchObject({ adapted: true, failures: [], passed: entries.length });
  });
}

it('loads every topic file', () => {
  expect(registry.broken).toEqual([]);
});

describe('the selected reference cases agree', () => {
  agreesWith(join(import.meta.dirname, '../fixtures/reference'));
});

const whole = referenceFolder();
if (whole === undefined) {
  console.log('whole reference set: skipped, no folder in UNIA_REFERENCE and none at ../shared/reference');
}
describe.skipIf(whole === undefined)('the whole reference set agrees', () => {
  if (whole !== undefined) agreesWith(whole);
});
