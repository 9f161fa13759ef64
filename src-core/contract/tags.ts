// Tagging: which classes an image shows, and which of its windows show them.
import { z } from 'zod';
import type { Window } from '../imaging/plane.ts';
import type { ClassCount } from '../review/tag.ts';
import { answers } from './call.ts';

const CLASS = z.number().int().min(0);

/** What is said of whole images. A class goes by its place from 0. */
export const TAG_CHANGE = z.discriminatedUnion('kind', [
  /** The class is there, in all of the images; in none of them where all said so already. */
  z.object({ kind: z.literal('toggle'), class: CLASS }),
  /** None of the classes is there. */
  z.object({ kind: z.literal('none') }),
  /** Nothing is said any more. */
  z.object({ kind: z.literal('clear') }),
]);
export type TagChange = z.output<typeof TAG_CHANGE>;

/** How windows of one class are laid out; see `CropPlan`. */
export const CROP_PLAN = z.object({
  layout: z.enum(['grid', 'scatter']),
  windows: z.number().int().min(1).max(24),
  side: z.number().min(0.02).max(1),
  share: z.number().gt(0).max(1),
});

/** How much is tagged, and what undo and redo would do. */
export interface TagFacts {
  readonly images: number;
  /** Images with a tag of their own. */
  readonly tagged: number;
  /** Images with tags on windows. */
  readonly windowed: number;
  /** Tags on windows. */
  readonly windows: number;
  /** For each class, tags on images and windows that show it and that do not. */
  readonly classes: readonly ClassCount[];
  /** The action in its words; null where there is nothing. */
  readonly undo: string | null;
  readonly redo: string | null;
}

/** A slice to tap windows of. */
export interface CropTask {
  readonly item: string;
  readonly width: number;
  readonly height: number;
  /** Place among the slices that are asked for, from 0. */
  readonly place: number;
  /** Slices that are asked for, and how many of them are done. */
  readonly total: number;
  readonly done: number;
  /** The slices that come after it and are not done, so that their pictures can be fetched ahead. */
  readonly upcoming: readonly string[];
  /** Windows with what was said of the class in them: 1, 0, or `UNKNOWN` where it is still asked. */
  readonly windows: readonly { readonly window: Window; readonly shown: number }[];
}

const WINDOW = z.object({
  x: z.number().int().min(0),
  y: z.number().int().min(0),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
});

export const TAG_CALLS = {
  'tags.facts': answers<TagFacts>()(z.object({})),
  /** Says the same of some images; one step of undo. */
  'tags.set': answers<TagFacts>()(z.object({ items: z.array(z.string()).min(1), change: TAG_CHANGE })),
  'tags.undo': answers<TagFacts>()(z.object({})),
  'tags.redo': answers<TagFacts>()(z.object({})),
  'crops.plan': answers<z.output<typeof CROP_PLAN>>()(z.object({ class: CLASS })),
  'crops.setPlan': answers<null>()(z.object({ class: CLASS, plan: CROP_PLAN })),
  /** The first slice that is not done, the one after (or before) `item`, or `item` itself; null where none is left. */
  'crops.task': answers<CropTask | null>()(
    z.object({
      class: CLASS,
      item: z.string().optional(),
      go: z.enum(['undone', 'next', 'previous', 'here']).default('undone'),
    }),
  ),
  /** Says of every window whether it shows the class, in place of what was said of the class in windows of the slice. */
  'crops.set': answers<TagFacts>()(
    z.object({ item: z.string(), class: CLASS, windows: z.array(WINDOW.extend({ shown: z.boolean() })).max(64) }),
  ),
};
