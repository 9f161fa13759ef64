// Labels propagated through the images of a series, such as the phases of a heart beat: they go where the tissue goes.
import { motionBetween, type GreyImage, type MotionField } from '../imaging/motion.ts';
import { BACKGROUND, type LabelPlane, type Window } from '../imaging/plane.ts';
import { cutWindow } from './patch.ts';

/** Motion is looked for around the labels as far as this share of their extent, and this many pixels at least. */
const MARGIN_SHARE = 0.5;
const MARGIN = 16;

/**
 * All labels of a map where they lie in each of the images that follow, in their order; the nearer in time the images are, the better.
 *
 * @param image - the image that the labels were drawn on, of the map's size like all that follow
 */
export function* propagatedLabels(
  plane: LabelPlane,
  image: GreyImage,
  following: Iterable<GreyImage>,
): Generator<Uint8Array> {
  const window = windowToSearch(plane);
  const from = window && cut(image, window);
  let motion: MotionField | undefined;
  for (const later of following) {
    if (!window || !from) {
      yield new Uint8Array(plane.data.length);
      continue;
    }
    motion = motionBetween(from, cut(later, window), motion);
    yield labelsAlong(plane, window, motion);
  }
}

/** Each pixel takes the label that most of the four pixels have between which it came from. */
function labelsAlong(plane: LabelPlane, window: Window, { dx, dy }: MotionField): Uint8Array {
  const { width, height, data } = plane;
  const labels = new Uint8Array(data.length);
  const votes = new Map<number, number>();
  for (let row = 0, i = 0; row < window.height; row++) {
    for (let column = 0; column < window.width; column++, i++) {
      const [x, y] = [window.x + column + dx[i]!, window.y + row + dy[i]!];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      votes.clear();
      for (const [cornerX, cornerY] of CORNERS) {
        const [atX, atY] = [left + cornerX, top + cornerY];
        const isInside = atX >= 0 && atX < width && atY >= 0 && atY < height;
        const label = isInside ? data[atY * width + atX]! : BACKGROUND;
        const weight = (1 - Math.abs(x - atX)) * (1 - Math.abs(y - atY));
        votes.set(label, (votes.get(label) ?? 0) + weight);
      }
      let most = 0;
      for (const [label, weight] of votes) {
        if (weight <= most) continue;
        most = weight;
        labels[(window.y + row) * width + window.x + column] = label;
      }
    }
  }
  return labels;
}

const CORNERS = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
] as const;

/** The surroundings of everything that is labelled; undefined where nothing is. */
function windowToSearch(plane: LabelPlane): Window | undefined {
  const { width, height, data } = plane;
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let i = 0; i < data.length; i++) {
    if (data[i] === BACKGROUND) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  }
  if (right < 0) return undefined;
  const margin = Math.max(MARGIN, Math.round(MARGIN_SHARE * Math.max(right - left, bottom - top)));
  const [x, y] = [left - margin, top - margin];
  return cutWindow({ x, y, width: right + margin + 1 - x, height: bottom + margin + 1 - y }, plane);
}

function cut({ width, data }: GreyImage, window: Window): GreyImage {
  const part = new Float32Array(window.width * window.height);
  for (let y = 0, i = 0; y < window.height; y++) {
    const row = (window.y + y) * width + window.x;
    for (let x = 0; x < window.width; x++) part[i++] = data[row + x]!;
  }
  return { width: window.width, height: window.height, data: part };
}
