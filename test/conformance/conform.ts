// Runs reference cases through the adapters and sums up by function.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareCase } from './compare.ts';
import { readNpz } from './npz.ts';
import type { Adapter, Registry } from './registry.ts';

/** One entry of `index.json`. */
export interface CaseEntry {
  readonly file: string;
  readonly function: string;
  readonly options: Record<string, unknown>;
}

/** What all cases of one function gave. */
export interface FunctionResult {
  readonly name: string;
  readonly total: number;
  readonly passed: number;
  /** Largest error of any case as a share of its array's scale. */
  readonly worst: number;
  readonly adapted: boolean;
  readonly failures: readonly string[];
}

/** The folder of the reference set: `UNIA_REFERENCE`, else `../shared/reference`; undefined when there is none. */
export function referenceFolder(): string | undefined {
  const folder = process.env['UNIA_REFERENCE'] ?? join(import.meta.dirname, '../../../shared/reference');
  return existsSync(join(folder, 'index.json')) ? folder : undefined;
}

/** The entries of a folder's `index.json`. */
export function readIndex(folder: string): CaseEntry[] {
  return JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as CaseEntry[]; // written by the generator
}

/** Runs every case of `entries`, function by function, in the order of the index. */
export async function conform(
  folder: string,
  entries: readonly CaseEntry[],
  registry: Registry,
): Promise<FunctionResult[]> {
  const byFunction = Map.groupBy(entries, (entry) => entry.function);
  const results: FunctionResult[] = [];
  for (const [name, cases] of byFunction) results.push(await runFunction(name, folder, cases, registry.adapters[name]));
  return results;
}

async function runFunction(
  name: string,
  folder: string,
  cases: readonly CaseEntry[],
  adapter: Adapter | undefined,
): Promise<FunctionResult> {
  if (!adapter) return { name, total: cases.length, passed: 0, worst: NaN, adapted: false, failures: [] };
  const failures: string[] = [];
  let passed = 0;
  let worst = 0;
  for (const entry of cases) {
    const outcome = await runCase(entry, folder, adapter);
    worst = Math.max(worst, outcome.worst);
    if (outcome.failures.length === 0) passed++;
    failures.push(...outcome.failures.map((line) => `${entry.file} ${JSON.stringify(entry.options)} ${line}`));
  }
  return { name, total: cases.length, passed, worst, adapted: true, failures };
}

/** One case; an adapter that throws has failed it, and the rest still run. */
async function runCase(entry: CaseEntry, folder: string, adapter: Adapter): Promise<ReturnType<typeof compareCase>> {
  const archive = readNpz(readFileSync(join(folder, entry.file)));
  const inputs = Object.fromEntries(
    Object.entries(archive)
      .filter(([key]) => key.startsWith('in_'))
      .map(([key, array]) => [key.slice('in_'.length), array]),
  );
  try {
    return compareCase(entry.function, archive, await adapter({ options: entry.options, inputs, folder }));
  } catch (error) {
    return { worst: Infinity, failures: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  }
}
