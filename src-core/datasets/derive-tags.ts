// Tags derived from masks, to simulate an annotator: which classes are seen in a whole slice, or in each of
// several windows of it. Training reads only the tags; the masks stay evaluation truth.
import { IGNORE, type LabelPlane, type Window } from '../imaging/plane.ts';
import type { SeededRandom } from '../training/random.ts';

/** How tags are derived. */
export interface TagOptions {
  /** One tag for the whole slice, or one for each of several square windows. */
  readonly kind: 'slice' | 'crops';
  /** Windows per slice. */
  readonly windows: number;
  /** Side of a window, in pixels of the reference image. */
  readonly window: number;
  /**
   * Side of the image that `window` is counted in, once its centre square is resized to it (the ACDC study: 160).
   * Null: windows are counted in stored pixels. Windows lie inside the centre square either way.
   */
  readonly referenceSide: number | null;
  /** A class counts as seen in a window when it covers at least this share of it. On whole slices one pixel is enough. */
  readonly minimumShare: number;
  readonly seed: number;
}

/** One tag of every slice. */
export const SLICE_TAGS: TagOptions = {
  kind: 'slice',
  windows: 8,
  window: 48,
  referenceSide: null,
  minimumShare: 0.01,
  seed: 0,
};

/** One derived tag: the window it was given on (absent: the whole image) and 1 or 0 per class. */
export interface DerivedTag {
  readonly window?: Window;
  readonly present: readonly number[];
}

/** The tags that an annotator who sees this mask would give. `classCount` is the number of foreground classes. */
export function deriveTags(
  mask: LabelPlane,
  classCount: number,
  options: TagOptions,
  random: SeededRandom,
): DerivedTag[] {
  if (options.kind === 'slice') {
    const whole = { x: 0, y: 0, width: mask.width, height: mask.height };
    return [{ present: countLabels(mask, whole, classCount).map((count) => (count > 0 ? 1 : 0)) }];
  }
  return Array.from({ length: options.windows }, () => {
    const window = drawWindow(mask.width, mask.height, options, random);
    const least = Math.max(1, options.minimumShare * window.width * window.height);
    const present = countLabels(mask, window, classCount).map((count) => (count >= least ? 1 : 0));
    return { window, present };
  });
}

/** A square window placed uniformly inside the centre square of an image, in stored pixels. */
export function drawWindow(
  width: number,
  height: number,
  options: Pick<TagOptions, 'window' | 'referenceSide'>,
  random: SeededRandom,
): Window {
  const square = Math.min(width, height);
  const scale = options.referenceSide === null ? 1 : square / options.referenceSide;
  const side = Math.max(1, Math.min(square, Math.round(options.window * scale)));
  const place = (extent: number): number => {
    const start = Math.floor((extent - square) / 2);
    return start + random.below(square - side + 1);
  };
  const x = place(width);
  const y = place(height);
  return { x, y, width: side, height: side };
}

/** Pixels of each class (label 1..M) inside a window. */
function countLabels(mask: LabelPlane, window: Window, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (let y = window.y; y < window.y + window.height; y += 1) {
    const row = y * mask.width;
    for (let x = window.x; x < window.x + window.width; x += 1) {
      const label = mask.data[row + x] ?? 0;
      if (label === 0 || label === IGNORE || label > classCount) continue;
      counts[label - 1] = (counts[label - 1] ?? 0) + 1;
    }
  }
  return counts;
}
