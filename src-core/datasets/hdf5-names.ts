// Which HDF5 files are one volume: `patient001_frame01.h5` is, and so are `patient001_frame01_slice_0.h5`, `…_slice_1.h5`, …
import { withoutExtension } from './file-names.ts';

/** The files of one volume, in the order of its slices. */
export interface SliceGroup {
  /** Its own name where that is told apart from all others, else with its folder. */
  readonly name: string;
  readonly files: readonly string[];
}

const SLICE = /^(.+)_slice_?(\d+)$/;

/** Files by volume. Slices of a volume that has a file of its own are counted, not listed. */
export function sliceGroups(paths: readonly string[]): { readonly groups: SliceGroup[]; readonly repeated: number } {
  const volumes: string[] = [];
  const slices = new Map<string, { readonly path: string; readonly slice: number }[]>();
  for (const path of paths) {
    const stem = withoutExtension(path);
    const [, volume, slice] = SLICE.exec(stem) ?? [];
    if (volume === undefined) volumes.push(path);
    else slices.set(volume, [...(slices.get(volume) ?? []), { path, slice: Number(slice) }]);
  }
  const whole = new Set(volumes.map((path) => lastOf(withoutExtension(path))));
  const groups = volumes.map((path) => ({ stem: withoutExtension(path), files: [path] }));
  let repeated = 0;
  for (const [stem, each] of slices) {
    if (whole.has(lastOf(stem))) repeated += each.length;
    else groups.push({ stem, files: each.sort((a, b) => a.slice - b.slice).map(({ path }) => path) });
  }
  const counts = new Map<string, number>();
  for (const { stem } of groups) counts.set(lastOf(stem), (counts.get(lastOf(stem)) ?? 0) + 1);
  const named = groups.map(({ stem, files }) => ({
    name: counts.get(lastOf(stem)) === 1 ? lastOf(stem) : stem,
    files,
  }));
  return { groups: named, repeated };
}

function lastOf(path: string): string {
  return path.split('/').at(-1)!;
}
