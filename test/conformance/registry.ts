// What an adapter to the reference cases is, and how adapters are found: every file of `cases/` exports a CaseMap.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NpyArray } from './npz.ts';

/** One reference case as an adapter sees it. */
export interface CaseRun {
  /** The options of `index.json`, as they stand there. */
  readonly options: Record<string, unknown>;
  /** Arrays of the archive whose name starts with `in_`, without that prefix: `inputs.z`, `inputs['p.conv1.weight']`. */
  readonly inputs: Record<string, NpyArray>;
  /** The folder of the case, for files that options name. */
  readonly folder: string;
}

/** Results by the archive's names: `out_loss` is `loss`; gradients keep their prefix, `grad_z`. */
export type CaseOutputs = Record<string, NpyArray>;

export type Adapter = (run: CaseRun) => Promise<CaseOutputs> | CaseOutputs;

/** Adapters by the `function` of `index.json`. */
export type CaseMap = Record<string, Adapter>;

export interface Registry {
  readonly adapters: CaseMap;
  /** Topic files that could not be loaded, with the cause. */
  readonly broken: readonly { readonly file: string; readonly cause: string }[];
}

/** Numbers as an output array; a shape of `[]` is a single number. */
export function npy(shape: readonly number[], data: NpyArray['data'] | readonly number[]): NpyArray {
  return { shape, data: Array.isArray(data) ? Float64Array.from(data) : (data as NpyArray['data']) }; // readonly arrays escape Array.isArray
}

/** A single number as an output array. */
export function npyScalar(value: number): NpyArray {
  return npy([], [value]);
}

/** Every adapter of every topic file in the `cases` folder. Two adapters of one function are an error. */
export async function loadAdapters(folder = join(import.meta.dirname, 'cases')): Promise<Registry> {
  const adapters: CaseMap = {};
  const broken: { file: string; cause: string }[] = [];
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .sort()) {
    const loaded = await loadTopic(join(folder, file));
    if (typeof loaded === 'string') {
      broken.push({ file, cause: loaded });
      continue;
    }
    for (const [name, adapter] of Object.entries(loaded)) {
      if (adapters[name]) throw new Error(`${file}: function "${name}" already has an adapter`);
      adapters[name] = adapter;
    }
  }
  return { adapters, broken };
}

/** The adapters of one topic file, or why it does not load: one broken topic must not hide the others. */
async function loadTopic(path: string): Promise<CaseMap | string> {
  try {
    const topic = (await import(pathToFileURL(path).href)) as { cases?: CaseMap }; // a dynamic import has no type
    return topic.cases ?? 'exports no `cases`';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
