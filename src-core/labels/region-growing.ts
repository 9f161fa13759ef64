// Regions that spread from one pixel to its neighbours: flood fill over labels, the wand over image values.
import type { LabelPlane } from '../imaging/plane.ts';
import type { MapSize, Region } from './region.ts';

/** A pixel by column and row. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** The pixels of one label that hang together, side by side, with a pixel. */
export function floodRegion(plane: LabelPlane, seed: Pixel): Region {
  const label = plane.data[seed.y * plane.width + seed.x];
  return spread(plane, seed, (index) => plane.data[index] === label, Infinity);
}

/** How far a wand reaches. */
export interface WandOptions {
  /** Greatest difference from the value under the wand, in the image's own values. */
  readonly tolerance: number;
  /** The region stops spreading at this many pixels; what lies nearest, pixel by pixel, is in it. */
  readonly mostPixels: number;
}

/**
 * The pixels that hang together with one and have values like its own.
 *
 * @param values - one a pixel, rows first
 */
export function wandRegion(map: MapSize, values: ArrayLike<number>, seed: Pixel, options: WandOptions): Region {
  if (values.length !== map.width * map.height) {
    throw new RangeError(`image values: expected ${map.width} x ${map.height} of them, got ${values.length}`);
  }
  const value = values[seed.y * map.width + seed.x]!;
  return spread(map, seed, (index) => Math.abs(values[index]! - value) <= options.tolerance, options.mostPixels);
}

function spread(map: MapSize, seed: Pixel, accepts: (index: number) => boolean, mostPixels: number): Region {
  const { width, height } = map;
  if (!(seed.x >= 0 && seed.x < width && seed.y >= 0 && seed.y < height)) {
    throw new RangeError(`seed: expected a pixel of ${width} x ${height}, got (${seed.x}, ${seed.y})`);
  }
  const reached = new Uint8Array(width * height);
  const queue = new Int32Array(Math.min(width * height, mostPixels));
  let queued = 0;
  const visit = (index: number): void => {
    if (queued === queue.length || reached[index] || !accepts(index)) return;
    reached[index] = 1;
    queue[queued++] = index;
  };
  visit(seed.y * width + seed.x);
  let [left, right, top, bottom] = [seed.x, seed.x, seed.y, seed.y];
  for (let done = 0; done < queued; done++) {
    const index = queue[done]!;
    const x = index % width;
    const y = (index - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    if (x > 0) visit(index - 1);
    if (x < width - 1) visit(index + 1);
    if (y > 0) visit(index - width);
    if (y < height - 1) visit(index + width);
  }
  const window = { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  const inside = new Uint8Array(window.width * window.height);
  for (let row = 0; row < window.height; row++) {
    const start = (top + row) * width + left;
    inside.set(reached.subarray(start, start + window.width), row * window.width);
  }
  return { window, inside };
}
