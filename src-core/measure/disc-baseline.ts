// The baseline that learns nothing from images: a disc at the mean position and of the mean area of each class in
// given masks, drawn wherever a slice is tagged with the class. Lengths are in units of the shorter image side, positions from the image centre,
// so that slices of different sizes share them.
import { BACKGROUND, type LabelPlane } from '../imaging/plane.ts';

/** Where and how large one class is on average. */
export interface Disc {
  /** Centre, right of and below the image centre, as a share of the shorter side. */
  readonly x: number;
  readonly y: number;
  /** Radius as a share of the shorter side. */
  readonly radius: number;
}

/** Per class its disc, undefined for a class that no mask showed. */
export type DiscBaseline = readonly (Disc | undefined)[];

/** Gathers training masks one at a time: each mask that shows a class counts once, whatever its size. */
export function createDiscLearner(classCount: number): { add(mask: LabelPlane): void; finish(): DiscBaseline } {
  const sums = Array.from({ length: classCount }, () => ({ masks: 0, x: 0, y: 0, area: 0 }));
  return {
    add(mask) {
      const side = Math.min(mask.width, mask.height);
      sums.forEach((sum, index) => {
        const found = momentsOf(mask, index + 1);
        if (found.pixels === 0) return;
        sum.masks++;
        sum.x += (found.x - mask.width / 2) / side;
        sum.y += (found.y - mask.height / 2) / side;
        sum.area += found.pixels / side ** 2;
      });
    },
    finish: () =>
      sums.map(({ masks, x, y, area }) =>
        masks === 0 ? undefined : { x: x / masks, y: y / masks, radius: Math.sqrt(area / masks / Math.PI) },
      ),
  };
}

/** Number and mean position of the pixels of one label; pixel centres lie at halves. */
function momentsOf({ width, data }: LabelPlane, label: number): { pixels: number; x: number; y: number } {
  let pixels = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== label) continue;
    pixels++;
    x += (i % width) + 0.5;
    y += Math.floor(i / width) + 0.5;
  }
  return { pixels, x: x / pixels, y: y / pixels };
}

/**
 * The discs of the tagged classes as a label map, larger ones below smaller ones.
 *
 * @param present - per class, non-zero where the slice is tagged with it
 */
export function drawDiscs(
  baseline: DiscBaseline,
  width: number,
  height: number,
  present: ArrayLike<number>,
): LabelPlane {
  if (present.length !== baseline.length) {
    throw new RangeError(`present: expected ${baseline.length} tags, got ${present.length}`);
  }
  const side = Math.min(width, height);
  const data = new Uint8Array(width * height).fill(BACKGROUND);
  const discs = baseline
    .map((disc, index) => ({ disc, label: index + 1 }))
    .filter(({ label }) => present[label - 1])
    .sort((a, b) => (b.disc?.radius ?? 0) - (a.disc?.radius ?? 0));
  for (const { disc, label } of discs) {
    if (!disc) continue;
    const centreX = width / 2 + disc.x * side;
    const centreY = height / 2 + disc.y * side;
    const squaredRadius = (disc.radius * side) ** 2;
    for (let i = 0; i < data.length; i++) {
      const dx = (i % width) + 0.5 - centreX;
      const dy = Math.floor(i / width) + 0.5 - centreY;
      if (dx * dx + dy * dy < squaredRadius) data[i] = label;
    }
  }
  return { width, height, data };
}
