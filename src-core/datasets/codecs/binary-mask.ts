// One class of a label map, as the mask formats take it: pixels that are it, and pixels that are not.
import type { LabelPlane } from '../../imaging/plane.ts';
import type { BinaryMask } from '../../labels/region.ts';
import { refuse, type Refusal } from '../../imaging/refusal.ts';

export type { BinaryMask };

/** Smallest rectangle of whole pixels around something. */
export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Largest mask that is ever taken from a file; a damaged size must not ask for all memory. */
export const MOST_PIXELS = 2 ** 28;

/** Pixels of one label id. */
export function maskOf({ width, height, data }: LabelPlane, label: number): BinaryMask {
  return { width, height, data: data.map((id) => (id === label ? 1 : 0)) };
}

/** How many pixels are inside. */
export function maskArea({ data }: BinaryMask): number {
  let area = 0;
  for (const inside of data) area += inside;
  return area;
}

/** The rectangle around all pixels inside; undefined for an empty mask. */
export function maskBox({ width, height, data }: BinaryMask): PixelBox | undefined {
  const first = data.indexOf(1);
  if (first === -1) return undefined;
  const top = Math.floor(first / width);
  const bottom = Math.floor(data.lastIndexOf(1) / width);
  let [left, right] = [width, -1];
  for (let y = top; y <= bottom; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const from = row.indexOf(1);
    if (from === -1) continue;
    left = Math.min(left, from);
    right = Math.max(right, row.lastIndexOf(1));
  }
  return { x: left, y: top, width: right - left + 1, height: Math.min(height, bottom + 1) - top };
}

/** Why a stated size cannot be that of a mask; undefined where it can. */
export function refuseSize(width: unknown, height: unknown): Refusal | undefined {
  const whole = [width, height].every((side) => Number.isSafeInteger(side) && Number(side) > 0);
  if (whole && Number(width) * Number(height) <= MOST_PIXELS) return undefined;
  return refuse(`a size of whole pixels, at most ${MOST_PIXELS} in all`, `${String(width)} x ${String(height)}`);
}
