import type { LabelPlane, Plane, Window } from '../imaging/plane.ts';

/** One tag: which classes an annotator saw in a whole image, or in a window of it. */
export interface TaggedRegion {
  readonly item: string;
  /** Absent for a tag on the whole image. */
  readonly window?: Window;
  /** Per class, in the project's order: 1 present, 0 absent, `UNKNOWN` (review/tag.ts). */
  readonly present: readonly number[];
}

/** A window of the prepared square and which classes an annotator saw in it. */
export interface TaggedWindow {
  readonly area: Window;
  readonly present: readonly number[];
}

/** An image of the project as training and prediction see it. */
export interface DataItem {
  readonly id: string;
  /** Patient, or the image itself where there is no patient; the unit that splits never divide. */
  readonly group: string;
  /** Volume (patient and phase) that the slice belongs to; the item's own id for a single image. */
  readonly volume: string;
  readonly slice: number;
  readonly split: 'train' | 'validation' | 'test';
  readonly width: number;
  readonly height: number;
}

/** What training and prediction read. Decoding is lazy; implementations cache within a bound. */
export interface ImageData {
  /** Foreground classes in the project's order; label id = index + 1. */
  readonly classes: readonly string[];
  readonly items: readonly DataItem[];
  readonly tags: readonly TaggedRegion[];
  image(item: string): Promise<Plane>;
  /** Evaluation truth, undefined where there is none. Never read for training. */
  truth(item: string): Promise<LabelPlane | undefined>;
  /** Accepted or corrected mask of a reviewed item, undefined otherwise. */
  reviewed(item: string): Promise<LabelPlane | undefined>;
}
