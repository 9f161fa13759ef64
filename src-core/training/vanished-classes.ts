// Classes that the pseudo masks show and the segmentation, which learns from them, does not.
import { IGNORE } from '../imaging/plane.ts';

/** How many pixels of the same images show each class, by its place from 0. */
export interface ShownPixels {
  readonly pseudo: number[];
  readonly segmentation: number[];
}

/** A class has vanished where the segmentation shows less of it than this share of what the pseudo masks do. */
const LEAST_SHARE = 0.01;

export function nothingShown(classes: number): ShownPixels {
  return { pseudo: new Array<number>(classes).fill(0), segmentation: new Array<number>(classes).fill(0) };
}

/** Adds an image's pseudo mask and segmentation, as label ids. */
export function addShown(shown: ShownPixels, pseudo: Uint8Array, segmentation: Uint8Array): void {
  count(shown.pseudo, pseudo);
  count(shown.segmentation, segmentation);
}

/** Places of the classes that have vanished. */
export function vanishedClasses({ pseudo, segmentation }: ShownPixels): number[] {
  return pseudo.flatMap((pixels, place) =>
    pixels > 0 && (segmentation[place] ?? 0) < LEAST_SHARE * pixels ? [place] : [],
  );
}

function count(pixels: number[], labels: Uint8Array): void {
  for (const label of labels) if (label > 0 && label !== IGNORE) pixels[label - 1]! += 1;
}
