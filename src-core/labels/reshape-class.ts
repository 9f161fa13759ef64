// Whole classes made larger, smaller, smoother, or moved. Each gives all labels of the map anew; paintLabels turns them into a patch.
import { BACKGROUND, type LabelPlane, type Window } from '../imaging/plane.ts';
import { distanceTransform } from '../measure/distance-transform.ts';
import { windowOf } from './region.ts';

/** Distance between neighbouring pixels. */
export interface PixelSpacing {
  readonly x: number;
  readonly y: number;
}

const PIXELS: PixelSpacing = { x: 1, y: 1 };

/**
 * A class grown over its surroundings by a distance, or shrunk by a negative one: what it leaves becomes background. The border
 * of the image does not shrink it.
 *
 * @param distance - in pixels, or in the unit of the spacing
 */
export function resizedClass(
  plane: LabelPlane,
  label: number,
  distance: number,
  spacing: PixelSpacing = PIXELS,
): Uint8Array {
  const labels = plane.data.slice();
  const reach = Math.abs(distance);
  const margin = Math.ceil(reach / Math.min(spacing.x, spacing.y)) + 1;
  const window = windowOf(plane, label, margin);
  if (!window) return labels;
  const grows = distance > 0;
  const sites = new Uint8Array(window.width * window.height);
  eachPixel(plane, window, (index, at) => (sites[at] = (plane.data[index] === label) === grows ? 1 : 0));
  const distances = distanceTransform(sites, [window.height, window.width], [spacing.y, spacing.x]);
  eachPixel(plane, window, (index, at) => {
    if (distances[at]! > reach) return;
    if (grows) labels[index] = label;
    else if (labels[index] === label) labels[index] = BACKGROUND;
  });
  return labels;
}

/**
 * Each pixel takes the label that is commonest around it, near ones counting more; of equally common ones it keeps its own.
 *
 * @param radius - of the square of neighbours on either side of which the weight falls to 0, in pixels
 * @param label - smooths the outline of this class only: other classes change where it comes or goes
 */
export function smoothedLabels(plane: LabelPlane, radius: number, label?: number): Uint8Array {
  const labels = plane.data.slice();
  const reach = 4 * radius; // all that has a vote on pixels that can change
  const whole = { x: 0, y: 0, width: plane.width, height: plane.height };
  const window = label === undefined ? whole : windowOf(plane, label, reach);
  if (!window) return labels;
  const area = window.width * window.height;
  const most = new Float32Array(area);
  const own = new Float32Array(area);
  const commonest = new Uint8Array(area);
  const votes = new Float32Array(area);
  for (const candidate of labelsIn(plane, window)) {
    eachPixel(plane, window, (index, at) => (votes[at] = plane.data[index] === candidate ? 1 : 0));
    blur(votes, window.width, window.height, radius);
    eachPixel(plane, window, (index, at) => {
      if (plane.data[index] === candidate) own[at] = votes[at]!;
      if (votes[at]! > most[at]!) {
        most[at] = votes[at]!;
        commonest[at] = candidate;
      }
    });
  }
  eachPixel(plane, window, (index, at) => {
    const before = plane.data[index]!;
    const after = own[at]! < most[at]! ? commonest[at]! : before;
    if (label === undefined || before === label || after === label) labels[index] = after;
  });
  return labels;
}

/** A class moved by whole pixels: background where it was, and over whatever lies where it comes. */
export function movedClass(plane: LabelPlane, label: number, columns: number, rows: number): Uint8Array {
  const { width, height, data } = plane;
  const labels = data.map((each) => (each === label ? BACKGROUND : each));
  for (let y = Math.max(0, rows); y < Math.min(height, height + rows); y++) {
    for (let x = Math.max(0, columns); x < Math.min(width, width + columns); x++) {
      if (data[(y - rows) * width + x - columns] === label) labels[y * width + x] = label;
    }
  }
  return labels;
}

/** The labels of another map of the same size; with a label, that class only, which then is where it is there. */
export function copiedLabels(plane: LabelPlane, from: LabelPlane, label?: number): Uint8Array {
  if (from.width !== plane.width || from.height !== plane.height) {
    throw new RangeError(
      `label map to copy: expected ${plane.width} x ${plane.height} pixels, got ${from.width} x ${from.height}`,
    );
  }
  if (label === undefined) return from.data.slice();
  return plane.data.map((before, i) => (from.data[i] === label ? label : before === label ? BACKGROUND : before));
}

function labelsIn(plane: LabelPlane, window: Window): number[] {
  const present = new Set<number>();
  eachPixel(plane, window, (index) => present.add(plane.data[index]!));
  return [...present].sort((a, b) => a - b);
}

/** Visits the pixels of a window: their index in the map and in the window. */
function eachPixel({ width }: LabelPlane, window: Window, visit: (index: number, at: number) => void): void {
  let at = 0;
  for (let y = window.y; y < window.y + window.height; y++) {
    for (let x = window.x; x < window.x + window.width; x++) visit(y * width + x, at++);
  }
}

/** Two passes of a box along rows and columns: the weights fall off evenly. Beyond the border is what is at the border. */
function blur(values: Float32Array, width: number, height: number, radius: number): void {
  for (let pass = 0; pass < 2; pass++) {
    for (let y = 0; y < height; y++) boxLine(values, y * width, 1, width, radius);
    for (let x = 0; x < width; x++) boxLine(values, x, width, height, radius);
  }
}

/** Replaces the values of one line by their sums within a radius. */
function boxLine(values: Float32Array, start: number, stride: number, count: number, radius: number): void {
  const before = new Float32Array(count);
  for (let i = 0; i < count; i++) before[i] = values[start + i * stride]!;
  let sum = before[0]! * (radius + 1);
  for (let i = 1; i <= radius; i++) sum += before[Math.min(i, count - 1)]!;
  for (let i = 0; i < count; i++) {
    if (i > 0) sum += before[Math.min(i + radius, count - 1)]! - before[Math.max(i - radius - 1, 0)]!;
    values[start + i * stride] = sum;
  }
}
