// The one way in which tools change label maps. Locks and limits hold here, so no tool can forget them.
import type { LabelPlane, Window } from '../imaging/plane.ts';
import { patchOf, type LabelPatch } from './patch.ts';
import type { Region } from './region.ts';

/** Values of an image in a range, both ends included. */
export interface IntensityRange {
  /** One value a pixel, rows first. */
  readonly values: ArrayLike<number>;
  readonly from: number;
  readonly to: number;
}

/** Which pixels may change. */
export interface PaintRules {
  /** Label ids that neither lose nor gain a pixel. */
  readonly locked: ReadonlySet<number>;
  /** Where given, only pixels of this label change. */
  readonly only?: number | undefined;
  /** Where given, only pixels with these image values change. */
  readonly range?: IntensityRange | undefined;
}

export const NO_RULES: PaintRules = { locked: new Set() };

/** The change that gives a region a label, as far as the rules allow; undefined where that changes nothing. */
export function paintRegion(
  plane: LabelPlane,
  { window, inside }: Region,
  label: number,
  rules: PaintRules,
): LabelPatch | undefined {
  const wanted = (index: number, x: number, y: number): number =>
    inside[(y - window.y) * window.width + x - window.x] ? label : plane.data[index]!;
  return patchByRules(plane, wanted, rules, window);
}

/** The change to other labels of a map, as far as the rules allow; undefined where that changes nothing. */
export function paintLabels(plane: LabelPlane, labels: ArrayLike<number>, rules: PaintRules): LabelPatch | undefined {
  if (labels.length !== plane.data.length) {
    throw new RangeError(`labels: expected ${plane.data.length} like the label map, got ${labels.length}`);
  }
  return patchByRules(plane, (index) => labels[index]!, rules);
}

function patchByRules(
  plane: LabelPlane,
  wanted: (index: number, x: number, y: number) => number,
  { locked, only, range }: PaintRules,
  within?: Window,
): LabelPatch | undefined {
  if (range && range.values.length !== plane.data.length) {
    throw new RangeError(`image values: expected ${plane.data.length} like the label map, got ${range.values.length}`);
  }
  const { data } = plane;
  const permitted = (index: number, x: number, y: number): number => {
    const before = data[index]!;
    const after = wanted(index, x, y);
    if (after === before) return before;
    if (only !== undefined && before !== only) return before;
    if (locked.has(before) || locked.has(after)) return before;
    if (range && !(range.values[index]! >= range.from && range.values[index]! <= range.to)) return before;
    return after;
  };
  return patchOf(plane, permitted, within);
}
