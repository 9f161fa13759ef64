// Maps of an image that are coarser than it: made by means, read by bilinear interpolation.
import type { Window } from '../imaging/plane.ts';
import type { MapSize } from '../labels/region.ts';

/** Means of the pixels that each pixel of a smaller map stands for. */
export function shrunk(values: ArrayLike<number>, image: MapSize, smaller: MapSize): Float32Array {
  if (smaller.width === image.width && smaller.height === image.height) return Float32Array.from(values);
  const sums = new Float32Array(smaller.width * smaller.height);
  const counts = new Float32Array(sums.length);
  for (let y = 0; y < image.height; y++) {
    const row = Math.min(smaller.height - 1, Math.floor(((y + 0.5) * smaller.height) / image.height));
    for (let x = 0; x < image.width; x++) {
      const column = Math.min(smaller.width - 1, Math.floor(((x + 0.5) * smaller.width) / image.width));
      sums[row * smaller.width + column]! += values[y * image.width + x]!;
      counts[row * smaller.width + column]!++;
    }
  }
  return sums.map((sum, i) => sum / counts[i]!);
}

/** Reads a coarser map where a pixel is, bilinear. */
export type Sample = (map: Float32Array) => number;

/** Everything of the fine map. */
export const WHOLE: Window = { x: 0, y: 0, width: 1, height: 1 };

/**
 * Goes through the pixels of a fine map, rows first, with a way to read coarse maps there.
 *
 * @param area - what the coarse map covers, in shares of the fine one
 */
export function sampleGrid(
  fine: MapSize,
  coarse: MapSize,
  area: Window,
  visit: (index: number, sample: Sample) => void,
): void {
  let corner = 0;
  let [across, down] = [0, 0];
  const right = coarse.width > 1 ? 1 : 0;
  const below = coarse.height > 1 ? coarse.width : 0;
  const sample: Sample = (map) => {
    const upper = map[corner]! * (1 - across) + map[corner + right]! * across;
    const lower = map[corner + below]! * (1 - across) + map[corner + below + right]! * across;
    return upper * (1 - down) + lower * down;
  };
  const place = (at: number, size: number, from: number, share: number, cells: number): number =>
    Math.min(Math.max((((at + 0.5) / size - from) / share) * cells - 0.5, 0), cells - 1);
  let index = 0;
  for (let y = 0; y < fine.height; y++) {
    const row = place(y, fine.height, area.y, area.height, coarse.height);
    const top = Math.min(Math.floor(row), Math.max(0, coarse.height - 2));
    for (let x = 0; x < fine.width; x++, index++) {
      const column = place(x, fine.width, area.x, area.width, coarse.width);
      const left = Math.min(Math.floor(column), Math.max(0, coarse.width - 2));
      corner = top * coarse.width + left;
      across = column - left;
      down = row - top;
      visit(index, sample);
    }
  }
}
