// Shapes between two drawn ones: Raya and Udupa, "Shape-based interpolation of multidimensional objects", 1990. The signed distances to
// the two outlines are mixed; here the shapes are laid over one another by their centres first, so that a structure that wanders from
// slice to slice, or comes apart from itself, stays whole.
import type { LabelPlane, Window } from '../imaging/plane.ts';
import { distanceTransform } from '../measure/distance-transform.ts';
import { windowOf, type BinaryMask, type ImagePoint, type MapSize } from './region.ts';

/** Pixels around both shapes that their outlines may be seen from. */
const MARGIN = 2;

/**
 * The shape at a share of the way from one mask to another; neither may be empty.
 *
 * @param share - 0 gives the first, 1 the second
 */
export function shapeBetween(first: BinaryMask, second: BinaryMask, share: number): BinaryMask {
  const { width, height } = first;
  if (second.width !== width || second.height !== height) {
    throw new RangeError(`masks: expected both of ${width} x ${height}, got ${second.width} x ${second.height}`);
  }
  const window = windowAroundBoth(first, second);
  const [a, b] = [cropped(first, window), cropped(second, window)];
  const [from, to] = [centreOf(a), centreOf(b)];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const [distancesA, distancesB] = [signedDistances(a), signedDistances(b)];
  const data = new Uint8Array(width * height);
  for (let y = 0; y < window.height; y++) {
    for (let x = 0; x < window.width; x++) {
      const inA = valueAt(distancesA, window, x - dx * share, y - dy * share);
      const inB = valueAt(distancesB, window, x + dx * (1 - share), y + dy * (1 - share));
      if ((1 - share) * inA + share * inB < 0) data[(window.y + y) * width + window.x + x] = 1;
    }
  }
  return { width, height, data };
}

/**
 * A class on the slices (or phases) between those where it is drawn: for each that lacks it, the shape between the nearest ones on either
 * side that have it. Those before the first and after the last are left out, and so are those that have it.
 *
 * @param drawn - the label maps in their order; undefined where there is none
 * @param cyclic - after the last comes the first again, as in a heart beat
 */
export function shapesBetween(
  drawn: readonly (LabelPlane | undefined)[],
  label: number,
  cyclic = false,
): ReadonlyMap<number, BinaryMask> {
  const masks = drawn.map((plane) => plane && maskWith(plane, label));
  const have = [...masks.keys()].filter((place) => masks[place]);
  const shapes = new Map<number, BinaryMask>();
  have.forEach((from, i) => {
    const next = have[i + 1] ?? (cyclic ? have[0]! + drawn.length : from);
    for (let place = from + 1; place < next; place++) {
      const share = (place - from) / (next - from);
      const shape = shapeBetween(masks[from]!, masks[next % drawn.length]!, share);
      shapes.set(place % drawn.length, shape);
    }
  });
  return shapes;
}

/** Pixels of a label; undefined where there are none. */
function maskWith({ width, height, data }: LabelPlane, label: number): BinaryMask | undefined {
  if (!data.includes(label)) return undefined;
  return { width, height, data: data.map((each) => (each === label ? 1 : 0)) };
}

/** The window around two masks: a mixture of both lies nowhere else. */
function windowAroundBoth(first: BinaryMask, second: BinaryMask): Window {
  const windows = [windowOf(first, 1, MARGIN), windowOf(second, 1, MARGIN)];
  const [a, b] = windows;
  if (!a || !b) throw new RangeError('masks: expected both to hold a pixel, got an empty one');
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

function cropped({ width, data }: BinaryMask, window: Window): BinaryMask {
  const part = new Uint8Array(window.width * window.height);
  for (let row = 0; row < window.height; row++) {
    const start = (window.y + row) * width + window.x;
    part.set(data.subarray(start, start + window.width), row * window.width);
  }
  return { width: window.width, height: window.height, data: part };
}

/** Distance of pixel centres to the outline, negative inside; at most the size of the mask where there is none. */
function signedDistances({ width, height, data }: BinaryMask): Float64Array {
  const toInside = distanceTransform(data, [height, width], [1, 1]);
  const toOutside = distanceTransform(
    data.map((inside) => 1 - inside),
    [height, width],
    [1, 1],
  );
  // The outline runs half a pixel from the centres on either side.
  const most = width + height;
  return toInside.map((distance, i) =>
    data[i] ? 0.5 - Math.min(most, toOutside[i]!) : Math.min(most, distance) - 0.5,
  );
}

/** The mean of the pixels' places. */
function centreOf({ width, data }: BinaryMask): ImagePoint {
  let [x, y, count] = [0, 0, 0];
  data.forEach((inside, i) => {
    if (!inside) return;
    x += i % width;
    y += Math.floor(i / width);
    count++;
  });
  return { x: x / count, y: y / count };
}

/** Between the four values around a place; beyond the border, the border's. */
function valueAt(values: Float64Array, { width, height }: MapSize, x: number, y: number): number {
  const left = Math.min(Math.max(x, 0), width - 1);
  const top = Math.min(Math.max(y, 0), height - 1);
  const column = Math.max(0, Math.min(Math.floor(left), width - 2));
  const row = Math.max(0, Math.min(Math.floor(top), height - 2));
  const [u, v] = [left - column, top - row];
  const at = (dx: number, dy: number): number => values[(row + dy) * width + column + dx] ?? 0;
  return (1 - v) * ((1 - u) * at(0, 0) + u * at(1, 0)) + v * ((1 - u) * at(0, 1) + u * at(1, 1));
}
