// Reversible changes of label maps: what undo, redo, saving and measures that follow an edit are made of.
import type { LabelPlane, Window } from '../imaging/plane.ts';

/** The same change of pixels that follow one another in reading order; a run may go on in the next row. */
export interface PatchRun {
  /** Index of the first pixel, y · width + x. */
  readonly start: number;
  readonly length: number;
  /** Label id that all of them had. */
  readonly before: number;
  /** Label id that all of them get, another one. */
  readonly after: number;
}

/** A change of the label maps of one size that have the labels `before`. There is always at least one run. */
export interface LabelPatch {
  readonly width: number;
  readonly height: number;
  /** In reading order; no pixel is in two of them. */
  readonly runs: readonly PatchRun[];
}

/** The change from one label map to another, looked for inside a window only; undefined where they are equal. */
export function patchBetween(before: LabelPlane, after: LabelPlane, within?: Window): LabelPatch | undefined {
  checkSameSize(before, after);
  return patchOf(before, (index) => after.data[index]!, within);
}

/**
 * The change that gives every pixel of a window the label that `wanted` says; undefined where all have theirs already.
 *
 * @param within - cut at the border of the map; the whole map when left out
 */
export function patchOf(
  plane: LabelPlane,
  wanted: (index: number, x: number, y: number) => number,
  within: Window = { x: 0, y: 0, width: plane.width, height: plane.height },
): LabelPatch | undefined {
  const { width, height, data } = plane;
  const window = cutWindow(within, plane);
  const runs = new RunList();
  for (let y = window.y; y < window.y + window.height; y++) {
    for (let x = window.x; x < window.x + window.width; x++) {
      const index = y * width + x;
      const before = data[index]!;
      const after = wanted(index, x, y);
      if (after !== before) runs.add(index, 1, before, after);
    }
  }
  return runs.patch(width, height);
}

/** Changes a label map in place. Throws, before anything is changed, where the patch was made for other labels. */
export function applyPatch(plane: LabelPlane, patch: LabelPatch): void {
  checkSameSize(plane, patch);
  const { data, width } = plane;
  for (const { start, length, before } of patch.runs) {
    for (let i = start; i < start + length; i++) {
      if (data[i] === before) continue;
      const place = `column ${i % width}, row ${Math.floor(i / width)}`;
      throw new Error(`patch: expected label ${before} at ${place}, got ${data[i]}; it was made for another mask`);
    }
  }
  for (const { start, length, after } of patch.runs) data.fill(after, start, start + length);
}

/** The label map after a patch; the given one stays as it is. */
export function patched(plane: LabelPlane, patch: LabelPatch): LabelPlane {
  const copy = { ...plane, data: plane.data.slice() };
  applyPatch(copy, patch);
  return copy;
}

/** The change back. */
export function invertPatch({ width, height, runs }: LabelPatch): LabelPatch {
  return {
    width,
    height,
    runs: runs.map(({ start, length, before, after }) => ({ start, length, before: after, after: before })),
  };
}

/** Two changes, one after the other, as one; undefined where the second takes the first back. */
export function composePatches(first: LabelPatch, second: LabelPatch): LabelPatch | undefined {
  checkSameSize(first, second);
  const runs = new RunList();
  const earlier = new RunCursor(first.runs);
  const later = new RunCursor(second.runs);
  while (earlier.run || later.run) {
    const at = Math.min(earlier.start, later.start);
    const end = Math.min(earlier.nextEdge(at), later.nextEdge(at));
    const a = earlier.start <= at ? earlier.run : undefined;
    const b = later.start <= at ? later.run : undefined;
    if (a && b && a.after !== b.before) {
      throw new Error(`patch: expected to follow one that leaves label ${b.before} at pixel ${at}, got ${a.after}`);
    }
    runs.add(at, end - at, (a ?? b)!.before, (b ?? a)!.after);
    earlier.moveTo(end);
    later.moveTo(end);
  }
  return runs.patch(first.width, first.height);
}

/** All changes of a gesture, in their order, as one; undefined where nothing remains of them. */
export function composeAll(patches: readonly LabelPatch[]): LabelPatch | undefined {
  if (patches.length <= 1) return patches[0];
  // Halves, so that a stroke of a thousand parts is not walked a thousand times.
  const middle = patches.length >> 1;
  const first = composeAll(patches.slice(0, middle));
  const second = composeAll(patches.slice(middle));
  return first && second ? composePatches(first, second) : (first ?? second);
}

/** The change from what one patch made of a map to what another would have made of it; undefined where both do the same. */
export function replacePatch(done: LabelPatch | undefined, wanted: LabelPatch | undefined): LabelPatch | undefined {
  return composeAll([done && invertPatch(done), wanted].filter((each) => each !== undefined));
}

/** The smallest window that holds every changed pixel. */
export function boundsOf({ width, runs }: LabelPatch): Window {
  let [left, right] = [width, 0];
  for (const { start, length } of runs) {
    const x = start % width;
    const wraps = x + length > width;
    left = wraps ? 0 : Math.min(left, x);
    right = wraps ? width : Math.max(right, x + length);
  }
  const last = runs.at(-1)!; // a patch has a run
  const top = Math.floor(runs[0]!.start / width);
  const bottom = Math.floor((last.start + last.length - 1) / width) + 1;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The part of a window that lies on a map; of no width or height where none does. */
export function cutWindow({ x, y, width, height }: Window, map: { width: number; height: number }): Window {
  const left = Math.min(Math.max(x, 0), map.width);
  const top = Math.min(Math.max(y, 0), map.height);
  return {
    x: left,
    y: top,
    width: Math.max(0, Math.min(x + width, map.width) - left),
    height: Math.max(0, Math.min(y + height, map.height) - top),
  };
}

/** Runs in reading order; neighbours of the same change become one, and what does not change is left out. */
class RunList {
  private readonly runs: PatchRun[] = [];
  private last: { start: number; length: number; before: number; after: number } | undefined;

  add(start: number, length: number, before: number, after: number): void {
    if (before === after) return;
    const last = this.last;
    if (last && last.start + last.length === start && last.before === before && last.after === after) {
      last.length += length;
      return;
    }
    this.last = { start, length, before, after };
    this.runs.push(this.last);
  }

  patch(width: number, height: number): LabelPatch | undefined {
    return this.runs.length > 0 ? { width, height, runs: this.runs } : undefined;
  }
}

/** Walks the runs of a patch from edge to edge. */
class RunCursor {
  private readonly runs: readonly PatchRun[];
  private next = 0;
  /** Where what is left of the run begins; infinite behind the last. */
  start: number;

  constructor(runs: readonly PatchRun[]) {
    this.runs = runs;
    this.start = this.run?.start ?? Infinity;
  }

  get run(): PatchRun | undefined {
    return this.runs[this.next];
  }

  /** The end of the run that `at` lies in, or else the start of the next one. */
  nextEdge(at: number): number {
    const run = this.run;
    if (!run) return Infinity;
    return this.start > at ? this.start : run.start + run.length;
  }

  moveTo(end: number): void {
    const run = this.run;
    if (!run || this.start >= end) return;
    if (run.start + run.length > end) {
      this.start = end;
      return;
    }
    this.next++;
    this.start = this.run?.start ?? Infinity;
  }
}

function checkSameSize(expected: { width: number; height: number }, got: { width: number; height: number }): void {
  if (expected.width === got.width && expected.height === got.height) return;
  throw new RangeError(
    `label map: expected ${expected.width} x ${expected.height} pixels, got ${got.width} x ${got.height}`,
  );
}
