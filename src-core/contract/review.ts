// Reviewing items: what a reader sees, decides and changes. Everything a person does is one gesture: saved at once, one step of undo.
import { z } from 'zod';
import type { HeartReport } from '../measure/heart-report.ts';
import { DECISIONS } from '../review/decision.ts';
import type { ItemState } from '../review/item-state.ts';
import { answers } from './call.ts';
import type { JobFacts } from './job.ts';

/** What a reader sees of an item. */
export interface ReviewedItem {
  readonly item: string;
  readonly state: ItemState;
  /** Why it was rejected or flagged; may be empty. */
  readonly reason: string;
  /** Who changed it last, and when (ISO time); empty where nobody has. */
  readonly annotator: string;
  readonly at: string;
  /** When readings of it were brought together; null: never. */
  readonly adjudicated: string | null;
  /** The reader's mask, or the suggested one where the reader has none (label-codec.ts); null where there is neither. */
  readonly mask: Uint8Array | null;
  /** The suggested mask that the mask began as, or is: the pixels that differ are those a person changed. Null: there is no mask. */
  readonly base: Uint8Array | null;
  /** Which suggestion that is, of kind `imported` where it came with the images; null where the mask began empty. */
  readonly suggestion: { readonly run: string; readonly kind: string } | null;
  /** Whether the mask is the reader's own, even if no pixel differs from the suggestion. */
  readonly isStored: boolean;
  /** What undo and redo would do, by the name of the action; null where there is nothing. */
  readonly undo: string | null;
  readonly redo: string | null;
}

/** How an undo or redo ended. */
export type UndoAnswer =
  | { readonly kind: 'done'; readonly action: string; readonly items: readonly ReviewedItem[] }
  /** Another item has to be undone (or redone) first. */
  | { readonly kind: 'blocked'; readonly item: string; readonly message: string }
  | { readonly kind: 'nothing' };

/** What "accept all below" would do to a volume. */
export interface AcceptPreview {
  /** Items that would be accepted, with their scores; the least certain first. */
  readonly covered: readonly { readonly item: string; readonly slice: number; readonly score: number }[];
  /** Items that are not certain enough. */
  readonly above: readonly { readonly item: string; readonly slice: number; readonly score: number }[];
  /** Items that a person has decided about, flagged or begun to correct; they stay as they are. */
  readonly leftAlone: readonly { readonly item: string; readonly slice: number; readonly state: ItemState }[];
  /** Items without a prediction. */
  readonly withoutSuggestion: number;
}

/** A reviewed mask that a run would draw otherwise. */
export interface OutdatedMask {
  readonly item: string;
  readonly state: ItemState;
  /** 1 - mean DSC between the reviewed mask and what the run suggests. */
  readonly disagreement: number;
}

/** Where a reader left. */
export interface ReadingPosition {
  readonly item: string;
  /** Zoom, window and the like, as the canvas keeps them. */
  readonly view: unknown;
}

/** Readings that were changed, by whatever screen or window. */
export interface ReviewedEvent {
  /** Name of a second reader; null for the effective readings. */
  readonly reader: string | null;
  readonly items: readonly { readonly item: string; readonly state: ItemState }[];
}

/** An entry of the audit trail. */
export interface AuditRow {
  readonly number: number;
  readonly at: string;
  readonly annotator: string;
  readonly action: string;
  readonly item: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

const BYTES = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes');
/** Name of a second reader; the effective reading when absent. */
const READER = z.object({ reader: z.string().optional() });
const ITEM = READER.extend({ item: z.string() });
const MOST_ITEMS = 100_000;
const ITEMS = READER.extend({ items: z.array(z.string()).min(1).max(MOST_ITEMS) });

/**
 * Second reader whose reading this brings together with the first: where that is still open, the first reading is kept apart, and what
 * is changed here counts as the adjudication.
 */
const ADJUDICATES = z.object({ adjudicates: z.string().optional() });

/** A volume and the uncertainty below which its slices are accepted. */
const BELOW = READER.extend({ volume: z.string(), threshold: z.number() });

export const REVIEW_CALLS = {
  'review.item': answers<ReviewedItem>()(ITEM),
  /** Changes masks as one gesture. A patch that was made for another mask is refused, and nothing is changed. */
  'review.edit': answers<readonly ReviewedItem[]>()(
    READER.extend(ADJUDICATES.shape).extend({
      /** Name of the tool, such as `brush`. */
      action: z.string().min(1).max(60),
      /** Patches as `encodePatch` packs them (patch-codec.ts); each item once. */
      edits: z
        .array(z.object({ item: z.string(), patch: BYTES }))
        .min(1)
        .max(10_000),
    }),
  ),
  /** Decides about items as one gesture; gives those that it changed. */
  'review.decide': answers<readonly ReviewedItem[]>()(
    ITEMS.extend(ADJUDICATES.shape).extend({ decision: z.enum(DECISIONS), reason: z.string().max(1000).default('') }),
  ),
  /** Lays masks aside so that the present suggestion is decided about anew. */
  'review.startOver': answers<readonly ReviewedItem[]>()(ITEMS.extend(ADJUDICATES.shape)),
  'review.undo': answers<UndoAnswer>()(ITEM),
  'review.redo': answers<UndoAnswer>()(ITEM),
  'review.previewBelow': answers<AcceptPreview>()(BELOW),
  /** Accepts what the preview covered, as one gesture; refused where the preview would be another one by now. */
  'review.acceptBelow': answers<readonly ReviewedItem[]>()(
    BELOW.extend(ADJUDICATES.shape).extend({ items: z.array(z.string()).min(1) }),
  ),
  /** Suggests the masks of this run from now on. What was reviewed stays as it is. */
  'review.putInUse': answers<null>()(z.object({ run: z.string() })),
  /**
   * Reviewed masks that the run would draw otherwise, a blind reader's own where that person is at the screen; the job gives
   * `OutdatedMask[]`, the most different first.
   */
  'review.outdated': answers<JobFacts>()(z.object({ run: z.string() })),
  /** The heart of an item's patient, from the masks as the reader sees them: their own, else the suggested ones. */
  'review.heart': answers<HeartReport>()(ITEM),
  /** Where the person at the screen left; null where they have not been here. */
  'review.position': answers<ReadingPosition | null>()(z.object({})),
  'review.leave': answers<null>()(z.object({ item: z.string(), view: z.json() })),
  /** The audit trail, oldest first; of one item where one is named. A second reader who reads blind gets only their own entries. */
  'review.audit': answers<readonly AuditRow[]>()(READER.extend({ item: z.string().optional() })),
  /** The audit trail as a file's text; only their own entries where the person at the screen reads blind. */
  'review.auditText': answers<string>()(z.object({ format: z.enum(['csv', 'json']) })),
};
