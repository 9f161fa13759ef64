// What an item looks like: its image at full depth, where it lies in the patient, and the maps that a run has made of it.
import { z } from 'zod';
import type { Affine, Spacing } from '../imaging/nifti-geometry.ts';
import type { IntensityRange } from '../imaging/normalise.ts';
import type { ItemAffinity } from '../review/token-walk.ts';
import { answers } from './call.ts';

/** An image as it is stored, rows first, channels together. */
export interface ItemPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint16Array | Int16Array | Float32Array;
  /** Values that the source asks to be shown as black and white; null where it does not say. */
  readonly shown: IntensityRange | null;
  /** Columns, rows and slices to millimetres towards right, front and head; null where it is unknown or contradictory. */
  readonly affine: Affine | null;
  /** Null where it is unknown. */
  readonly spacing: Spacing | null;
}

/** A map of one value a pixel, rows first; it may be coarser than the image. */
export interface ItemValueMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Which maps a run has of an item, and those of them that were asked for. */
export interface ItemMaps {
  readonly run: string;
  /** Uncertainty of the whole item. */
  readonly score: number | null;
  /** Probability that each class is present; null where the run gives none. */
  readonly presence: readonly number[] | null;
  /** Kinds of label maps that there are: `p1`, `segmentation`, ... */
  readonly kinds: readonly string[];
  /** Names of value maps that there are: `uncertainty`, `cam/LV`, ... */
  readonly names: readonly string[];
  /** As stored (label-codec.ts), by kind. */
  readonly labels: Readonly<Record<string, Uint8Array>>;
  readonly values: Readonly<Record<string, ItemValueMap>>;
}

export const PICTURE_CALLS = {
  /** How the run in use relates the parts of the image: what affinity grow spreads strokes by. Fails with `no-run` where there is none. */
  'picture.affinity': answers<ItemAffinity>()(z.object({ item: z.string() })),
  'picture.image': answers<ItemPicture>()(z.object({ item: z.string() })),
  /** Of the run in use unless another is named; null where it has not predicted the item. Maps that do not exist are left out. */
  'picture.maps': answers<ItemMaps | null>()(
    z.object({
      item: z.string(),
      run: z.string().optional(),
      labels: z.array(z.string()).default([]),
      values: z.array(z.string()).default([]),
    }),
  ),
};
