// What importers know about an image before anything opens it.
import type { LabelPlane } from '../imaging/plane.ts';
import type { Refusal } from '../imaging/refusal.ts';
import type { TruthPlan } from './scan-volume.ts';
import type { Split } from './split.ts';

/** Reads a mask of a given size. */
export type MaskReader = (width: number, height: number) => Promise<LabelPlane | Refusal>;

/** What an importer knows about an image before opening it. */
export interface ImagePlan {
  readonly file: string;
  readonly patient: string;
  readonly split?: Split;
  readonly truth: TruthPlan | null;
  /** Draws the image's mask where no file holds it pixel by pixel. */
  readonly mask?: MaskReader;
  /** 1 or 0 for each class, where a table or folder says. */
  readonly stated?: readonly number[];
  /** 1 or 0 for each class of a page, where a table says, by page from 0. */
  readonly slices?: ReadonlyMap<number, readonly number[]>;
  /** Whether a file of several pages is read as a whole; its first page otherwise. */
  readonly takesPages?: boolean;
  /** Why it has no tag although it might. */
  readonly untagged?: string;
}
