// Regions: sets of pixels that tools and algorithms pick out, before anything is painted on them.
//
// Image points count from the top left corner of the image: the pixel in column x and row y covers x to x + 1 and y to y + 1, so its
// centre lies at (x + ½, y + ½).
import type { LabelPlane, Window } from '../imaging/plane.ts';
import { cutWindow } from './patch.ts';

export interface ImagePoint {
  readonly x: number;
  readonly y: number;
}

export interface MapSize {
  readonly width: number;
  readonly height: number;
}

/** All pixels of a map, rows first: 1 inside, 0 outside. */
export interface BinaryMask extends MapSize {
  readonly data: Uint8Array;
}

/** Some pixels of a map. */
export interface Region {
  /** Lies on the map; nothing outside is in the region. */
  readonly window: Window;
  /** 1 where a pixel of the window is in the region, else 0; rows first. */
  readonly inside: Uint8Array;
}

/** A region as it is, a mask as the region that it is on all of its map. */
export function regionOf(shape: BinaryMask | Region): Region {
  if ('inside' in shape) return shape;
  const { width, height, data } = shape;
  return { window: { x: 0, y: 0, width, height }, inside: data };
}

/** The region of all pixels of a window whose centres pass a test. The window is cut at the border of the map. */
export function regionWhere(map: MapSize, window: Window, holds: (x: number, y: number) => boolean): Region {
  const cut = cutWindow(window, map);
  const inside = new Uint8Array(cut.width * cut.height);
  let at = 0;
  for (let y = cut.y; y < cut.y + cut.height; y++) {
    for (let x = cut.x; x < cut.x + cut.width; x++) inside[at++] = holds(x + 0.5, y + 0.5) ? 1 : 0;
  }
  return { window: cut, inside };
}

/** The region of a map's pixels that are set in a mask of its size. */
export function regionOfMask(map: MapSize, mask: Uint8Array): Region {
  return { window: { x: 0, y: 0, width: map.width, height: map.height }, inside: mask };
}

/** How many pixels a region holds. */
export function areaOf({ inside }: Region): number {
  let count = 0;
  for (let i = 0; i < inside.length; i++) count += inside[i]!;
  return count;
}

/** The column and row of the pixel under a point; undefined beside the map. */
export function pixelUnder(map: MapSize, { x, y }: ImagePoint): { readonly x: number; readonly y: number } | undefined {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const onMap = column >= 0 && column < map.width && row >= 0 && row < map.height;
  return onMap ? { x: column, y: row } : undefined;
}

/** The smallest window of whole pixels that holds some points and a margin around them. */
export function windowAround(points: readonly ImagePoint[], margin = 0): Window {
  const [left, top] = [Math.min(...points.map(({ x }) => x)), Math.min(...points.map(({ y }) => y))];
  const [right, bottom] = [Math.max(...points.map(({ x }) => x)), Math.max(...points.map(({ y }) => y))];
  const x = Math.floor(left - margin);
  const y = Math.floor(top - margin);
  return { x, y, width: Math.ceil(right + margin) - x, height: Math.ceil(bottom + margin) - y };
}

/** The window around the pixels of one label with a margin, cut at the border; undefined where there are none. */
export function windowOf(plane: LabelPlane, label: number, margin: number): Window | undefined {
  const { width, data } = plane;
  const first = data.indexOf(label);
  if (first === -1) return undefined;
  const top = Math.floor(first / width);
  const bottom = Math.floor(data.lastIndexOf(label) / width);
  let [left, right] = [width, 0];
  for (let y = top; y <= bottom; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    const from = row.indexOf(label);
    if (from === -1) continue;
    left = Math.min(left, from);
    right = Math.max(right, row.lastIndexOf(label));
  }
  const around = { x: left - margin, y: top - margin };
  return cutWindow({ ...around, width: right - left + 1 + 2 * margin, height: bottom - top + 1 + 2 * margin }, plane);
}
