// Polygons as pixels. Files may hold any corners: what is done is bound by the pixels that a ring covers and, for each of its edges,
// by the fewer of the rows and columns that it passes, never by how often the edges go up and down a tall image.
import type { BinaryMask, MapSize, Region } from './region.ts';

/** Corners of a closed line: x1, y1, x2, y2, ...; the last is joined to the first. */
export type Ring = readonly number[];

/** Pixels whose centres lie inside an odd number of turns of the rings. Corners need not be whole numbers. */
export function fillRings(rings: readonly Ring[], width: number, height: number): BinaryMask {
  const mask = { width, height, data: new Uint8Array(width * height) };
  paint(rings, boxOf(rings, mask), { left: 0, top: 0, ...mask });
  return mask;
}

/** All pixels of shapes of some rings each, on the part of a map that they cover. */
export function regionOfShapes(shapes: readonly (readonly Ring[])[], map: MapSize): Region {
  const { left, top, right, bottom } = boxOf(shapes.flat(), map);
  const window = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  const inside = new Uint8Array(window.width * window.height);
  for (const rings of shapes) paint(rings, boxOf(rings, map), { left, top, width: window.width, data: inside });
  return { window, inside };
}

/** Where pixels go: rows of `width` that begin at (`left`, `top`) of the map. */
interface Target {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly data: Uint8Array;
}

function paint(rings: readonly Ring[], box: Box, { left, top, width, data }: Target): void {
  if (box.top >= box.bottom || box.left >= box.right) return;
  const columns = box.right - box.left;
  const turns = new Uint8Array((box.bottom - box.top + 1) * columns);
  for (const ring of rings) addTurns(ring, box, turns);
  const inRow = new Uint8Array(columns);
  for (let y = box.top; y < box.bottom; y++) {
    const [row, place] = [(y - box.top) * columns, (y - top) * width + box.left - left];
    let inside = 0;
    for (let x = 0; x < columns; x++) {
      inRow[x]! ^= turns[row + x]!;
      inside ^= inRow[x]!;
      if (inside === 1) data[place + x] = 1;
    }
  }
}

/** The pixels that rings may cover; `right` and `bottom` are beyond the last. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxOf(rings: readonly Ring[], { width, height }: MapSize): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const [x, y] = [ring[i]!, ring[i + 1]!];
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
  }
  return {
    left: firstFrom(left, width),
    top: firstFrom(top, height),
    right: firstFrom(right, width),
    bottom: firstFrom(bottom, height),
  };
}

/**
 * Marks where rows begin and end to be inside, for each edge the first row and the row after the last in which its crossing of
 * the row's centre line has the same first pixel to its right.
 */
function addTurns(ring: Ring, { left, top, right, bottom }: Box, turns: Uint8Array): void {
  const columns = right - left;
  for (let i = 0; i < ring.length; i += 2) {
    const [x1, y1] = [ring[i]!, ring[i + 1]!];
    const [x2, y2] = [ring[(i + 2) % ring.length]!, ring[(i + 3) % ring.length]!];
    const columnAt = (y: number): number => firstFrom(x1 + ((y + 0.5 - y1) * (x2 - x1)) / (y2 - y1), right);
    // Half open, so that a corner on the line counts once.
    const end = firstFrom(Math.max(y1, y2), bottom);
    for (let y = firstFrom(Math.min(y1, y2), bottom); y < end;) {
      const column = columnAt(y);
      const next = endOfRun(columnAt, column, y, end);
      if (column < right) {
        turns[(y - top) * columns + column - left]! ^= 1;
        turns[(next - top) * columns + column - left]! ^= 1;
      }
      y = next;
    }
  }
}

/** The row after the last from `y` on with the same column; along an edge columns only grow, or only shrink. */
function endOfRun(columnAt: (y: number) => number, column: number, y: number, end: number): number {
  let same = y;
  let step = 1;
  while (same + step < end && columnAt(same + step) === column) {
    same += step;
    step *= 2;
  }
  let other = Math.min(same + step, end);
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (columnAt(middle) === column) same = middle;
    else other = middle;
  }
  return other;
}

/** The first pixel whose centre lies at a place or beyond it, from 0 to `most`. */
function firstFrom(place: number, most: number): number {
  return Math.min(most, Math.max(0, Math.ceil(place - 0.5)));
}
