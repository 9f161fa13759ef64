import type { LabelPlane } from '../imaging/plane.ts';
import { refuse, type Refusal } from '../imaging/refusal.ts';
import { MOST_CLASSES } from './class-names.ts';

/** Label ids of stored mask values: values that are not named become background. */
export function toLabels(
  values: ArrayLike<number>,
  width: number,
  height: number,
  ids: Readonly<Record<number, number>>,
): LabelPlane {
  if (values.length !== width * height) {
    throw new Error(`mask: expected ${width} x ${height} = ${width * height} values, got ${values.length}`);
  }
  const known = new Map(Object.entries(ids).map(([value, id]) => [Number(value), id]));
  const data = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value !== 0) data[index] = known.get(value) ?? 0;
  }
  return { width, height, data };
}

/** Values of a mask that have no name, smallest first; a refusal where they are more than labels can be. */
export function unnamedValues(values: ArrayLike<number>, named: ReadonlySet<number>): number[] | Refusal {
  const unnamed = new Set<number>();
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value !== 0 && !named.has(value)) unnamed.add(value);
  }
  if (unnamed.size > MOST_CLASSES) return refuse(`a mask of at most ${MOST_CLASSES} label values`, `${unnamed.size}`);
  return [...unnamed].sort((a, b) => a - b);
}
