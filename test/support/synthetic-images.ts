// Images that a test draws: a bright square on a dark ground is class 1, a bright stripe class 2.
import type { LabelPlane, Plane } from '../../src-core/imaging/plane.ts';
import type { DataItem, ImageData, TaggedRegion } from '../../src-core/training/data.ts';

/** Classes of the synthetic images. */
export const CLASSES = ['square', 'stripe'];

/** Parts of the data that a test replaces. */
export interface SyntheticOptions {
  readonly side?: number;
  readonly count?: number;
  readonly tags?: readonly TaggedRegion[];
  readonly reviewed?: Readonly<Record<string, LabelPlane>>;
  readonly splits?: readonly DataItem['split'][];
}

/** Image data in memory; item `image-0` shows a square, `image-1` a stripe, and so on in turn. */
export function syntheticImages(options: SyntheticOptions = {}): ImageData {
  const { side = 32, count = 4, reviewed = {}, splits = [] } = options;
  const ids = Array.from({ length: count }, (_, i) => `image-${i}`);
  const masks = ids.map((_, i) => drawMask(side, i));
  const tags = options.tags ?? ids.map((item, i) => ({ item, present: i % 2 === 0 ? [1, 0] : [0, 1] }));
  const at = (item: string): number => ids.indexOf(item);
  return {
    classes: CLASSES,
    items: ids.map((id, i) => ({
      id,
      group: id,
      volume: id,
      slice: 0,
      split: splits[i] ?? 'train',
      width: side,
      height: side,
    })),
    tags,
    image: (item) => Promise.resolve(imageOf(masks[at(item)]!)),
    truth: (item) => Promise.resolve(masks[at(item)]),
    reviewed: (item) => Promise.resolve(reviewed[item]),
  };
}

function drawMask(side: number, index: number): LabelPlane {
  const data = new Uint8Array(side * side);
  const shift = Math.floor(index / 2) * 2;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const inSquare = x >= 4 + shift && x < side / 2 + shift && y >= 4 && y < side / 2;
      const inStripe = y >= side / 2 + shift && y < side / 2 + shift + 5;
      if (index % 2 === 0 ? inSquare : inStripe) data[y * side + x] = index % 2 === 0 ? 1 : 2;
    }
  }
  return { width: side, height: side, data };
}

function imageOf({ width, height, data }: LabelPlane): Plane {
  return {
    width,
    height,
    channels: 1,
    data: Float32Array.from(data, (label, i) => (label > 0 ? 0.85 : 0.2) + 0.05 * Math.sin(i * 1.7)),
  };
}
