// Second readers: people who read the same items on their own, how far they agree with the first, and what becomes effective.
import { z } from 'zod';
import type { ReaderAgreement } from '../measure/reader-agreement.ts';
import type { ItemState } from '../review/item-state.ts';
import { answers } from './call.ts';
import type { JobFacts } from './job.ts';
import type { ReviewedItem } from './review.ts';

/** Two people who read the same items, and how far they agree; the job of `second.agreement` gives a list of them. */
export interface PairAgreement extends ReaderAgreement {
  /** Name of a first reader, or of the second reader who began earlier; may be empty. */
  readonly first: string;
  readonly second: string;
  /** Slices that only one of the two rejected; they count for nothing else. */
  readonly rejectedByOne: number;
  /** Items that they read differently, the most different first. */
  readonly items: readonly ItemAgreement[];
}

/** How two readers differ about one item. */
export interface ItemAgreement extends ReadingConflict {
  /** NaN where neither drew the class, or one rejected the item; HD95 also where only one drew it, or pixels have no size. */
  readonly classes: readonly { readonly dice: number; readonly hd95Mm: number }[];
  readonly kappa: number;
}

/** A second reader and how far they are. Their queue and review go by the `reader` of `items.*` and `review.*`. */
export interface SecondReaderFacts {
  readonly name: string;
  /** Whether the reader is not to see what the first one made. */
  readonly isBlind: boolean;
  /** Items that the reader has decided about. */
  readonly decided: number;
  /** Of them, those that the first reader has decided about too. */
  readonly both: number;
}

/** One side of an item that two have read. */
export interface ReadingSide {
  readonly annotator: string;
  readonly at: string;
  readonly state: ItemState;
  readonly reason: string;
  /** label-codec.ts; null where the reader has none. */
  readonly mask: Uint8Array | null;
}

/** An item as both have read it. */
export interface ReadingPair {
  readonly item: string;
  readonly first: ReadingSide;
  readonly second: ReadingSide;
  /** When the two were brought together last; null: never. */
  readonly adjudicated: string | null;
}

/** An item that two have read differently. */
export interface ReadingConflict {
  readonly item: string;
  readonly first: ItemState;
  readonly second: ItemState;
  /** 1 - mean DSC of the two masks; 1 where one of them rejected the item. */
  readonly disagreement: number;
  /** Whether somebody has to bring them together (again): nobody has decided, or the second reading is newer than that. */
  readonly isOpen: boolean;
}

const READER = z.object({ reader: z.string() });

export const SECOND_READER_CALLS = {
  'second.readers': answers<readonly SecondReaderFacts[]>()(z.object({})),
  /** Names of those who made the first reading, the one with most items first. */
  'second.firstReaders': answers<readonly string[]>()(z.object({})),
  /** Takes up a second reader, or changes whether a known one is blind. Refused for the one who made the whole first reading. */
  'second.begin': answers<readonly SecondReaderFacts[]>()(
    z.object({ name: z.string().trim().min(1).max(80), isBlind: z.boolean() }),
  ),
  /** The first reading of an item, for a second reader who may see it; refused for a blind one who has not decided yet. */
  'second.first': answers<ReadingSide>()(READER.extend({ item: z.string() })),
  /** Both readings of an item, for whoever brings them together. Like what follows, refused where the person at the screen reads blind. */
  'second.pair': answers<ReadingPair>()(READER.extend({ item: z.string() })),
  /** The job gives `PairAgreement[]`: every two people who have read the same items. */
  'second.agreement': answers<JobFacts>()(z.object({})),
  /** The job gives `ReadingConflict[]`, the most different first. */
  'second.conflicts': answers<JobFacts>()(READER),
  /**
   * Makes one of two readings the effective one, in the name of the person at the screen. Both readings are kept. To draw a third, choose
   * one and edit it, or edit right away with `adjudicates` (review.ts).
   */
  'second.adjudicate': answers<readonly ReviewedItem[]>()(
    READER.extend({ items: z.array(z.string()).min(1), choice: z.enum(['first', 'second']) }),
  ),
};
