// How a stored image becomes the square that the network sees, and how results find their way back.
import { IGNORE, type LabelPlane, type Plane, type Window } from '../imaging/plane.ts';

export interface Preparation {
  readonly square: 'centre' | 'stretch';
  /** Side of the square, px. */
  readonly side: number;
}

/** The part of a stored image that the square shows, in stored pixels. */
export function shownArea({ width, height }: { width: number; height: number }, { square }: Preparation): Window {
  if (square === 'stretch') return { x: 0, y: 0, width, height };
  const side = Math.min(width, height);
  return { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side };
}

/**
 * The image as three equal-or-own channel planes of the square, values 0..1.
 *
 * @returns `3 · side · side` values, channel first
 */
export function prepareImage(plane: Plane, preparation: Preparation): Float32Array {
  const area = shownArea(plane, preparation);
  return sampleChannels(plane, area, preparation.side);
}

/** A window of the stored image resampled to `side` pixels, channel first, bilinear, the border repeated outside. */
export function sampleChannels(plane: Plane, area: Window, side: number): Float32Array {
  const size = side * side;
  const result = new Float32Array(3 * size);
  const columns = taps(area.x, area.width, side, plane.width);
  const rows = taps(area.y, area.height, side, plane.height);
  for (let channel = 0; channel < plane.channels; channel++) {
    for (let y = 0; y < side; y++) {
      const top = rows.low[y]! * plane.width;
      const bottom = rows.high[y]! * plane.width;
      const down = rows.fraction[y]!;
      for (let x = 0; x < side; x++) {
        const left = columns.low[x]!;
        const right = columns.high[x]!;
        const across = columns.fraction[x]!;
        const at = (offset: number): number => plane.data[offset * plane.channels + channel]!;
        const upper = at(top + left) * (1 - across) + at(top + right) * across;
        const lower = at(bottom + left) * (1 - across) + at(bottom + right) * across;
        result[channel * size + y * side + x] = upper * (1 - down) + lower * down;
      }
    }
  }
  if (plane.channels === 1) {
    result.copyWithin(size, 0, size);
    result.copyWithin(2 * size, 0, size);
  }
  return result;
}

interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly fraction: Float32Array;
}

/** Where output pixel centres fall between input pixels of one axis. */
function taps(start: number, length: number, outputs: number, limit: number): Taps {
  const low = new Int32Array(outputs);
  const high = new Int32Array(outputs);
  const fraction = new Float32Array(outputs);
  for (let i = 0; i < outputs; i++) {
    const position = Math.min(Math.max(start + ((i + 0.5) * length) / outputs - 0.5, 0), limit - 1);
    low[i] = Math.floor(position);
    high[i] = Math.min(low[i]! + 1, limit - 1);
    fraction[i] = position - low[i]!;
  }
  return { low, high, fraction };
}

/** Label ids of the square, nearest neighbour; pixels outside the image become `IGNORE`. */
export function prepareLabels(labels: LabelPlane, preparation: Preparation): Uint8Array {
  const area = shownArea(labels, preparation);
  const { side } = preparation;
  const result = new Uint8Array(side * side).fill(IGNORE);
  for (let y = 0; y < side; y++) {
    const sourceY = Math.floor(area.y + ((y + 0.5) * area.height) / side);
    for (let x = 0; x < side; x++) {
      const sourceX = Math.floor(area.x + ((x + 0.5) * area.width) / side);
      const inside = sourceX >= 0 && sourceY >= 0 && sourceX < labels.width && sourceY < labels.height;
      if (inside) result[y * side + x] = labels.data[sourceY * labels.width + sourceX]!;
    }
  }
  return result;
}

/** Labels of the square put back into the stored image, nearest neighbour; background where the square does not reach. */
export function restoreLabels(
  labels: Uint8Array,
  stored: { readonly width: number; readonly height: number },
  preparation: Preparation,
): LabelPlane {
  const { side } = preparation;
  const data = new Uint8Array(stored.width * stored.height);
  forEachShownPixel(stored, preparation, (index, x, y) => {
    data[index] = labels[Math.floor(y * side) * side + Math.floor(x * side)]!;
  });
  return { width: stored.width, height: stored.height, data };
}

/** One map of the square put back, bilinear; `outside` where the square does not reach. */
export function restoreMap(
  map: Float32Array,
  stored: { readonly width: number; readonly height: number },
  preparation: Preparation,
  outside = 0,
): Float32Array {
  const { side } = preparation;
  const result = new Float32Array(stored.width * stored.height).fill(outside);
  forEachShownPixel(stored, preparation, (index, x, y) => {
    const column = Math.min(Math.max(x * side - 0.5, 0), side - 1);
    const row = Math.min(Math.max(y * side - 0.5, 0), side - 1);
    const [left, top] = [Math.floor(column), Math.floor(row)];
    const right = Math.min(left + 1, side - 1);
    const bottom = Math.min(top + 1, side - 1);
    const [across, down] = [column - left, row - top];
    const upper = map[top * side + left]! * (1 - across) + map[top * side + right]! * across;
    const lower = map[bottom * side + left]! * (1 - across) + map[bottom * side + right]! * across;
    result[index] = upper * (1 - down) + lower * down;
  });
  return result;
}

/** Calls with every stored pixel inside the square and its place there, 0..1. */
function forEachShownPixel(
  { width, height }: { readonly width: number; readonly height: number },
  preparation: Preparation,
  visit: (index: number, x: number, y: number) => void,
): void {
  const area = shownArea({ width, height }, preparation);
  for (let row = 0; row < height; row++) {
    const y = (row + 0.5 - area.y) / area.height;
    if (y < 0 || y >= 1) continue;
    for (let column = 0; column < width; column++) {
      const x = (column + 0.5 - area.x) / area.width;
      if (x >= 0 && x < 1) visit(row * width + column, x, y);
    }
  }
}

/** A window given in stored pixels, in pixels of the square. */
export function windowInSquare(
  window: Window,
  stored: { readonly width: number; readonly height: number },
  preparation: Preparation,
): Window {
  const area = shownArea(stored, preparation);
  const across = preparation.side / area.width;
  const down = preparation.side / area.height;
  return {
    x: (window.x - area.x) * across,
    y: (window.y - area.y) * down,
    width: window.width * across,
    height: window.height * down,
  };
}
