// Items of the project as lists: filtered, ordered, a window of rows at a time. The queue and the grid of images ask the same way.
import { z } from 'zod';
import { ITEM_STATES, type ItemState } from '../review/item-state.ts';
import { answers } from './call.ts';

/** What an item's tags have to say to be listed. A class goes by its place from 0. */
const TAG_FILTER = z.discriminatedUnion('kind', [
  /** No tag at all. */
  z.object({ kind: z.literal('untagged') }),
  z.object({ kind: z.literal('tagged') }),
  /** Tagged, and none of the classes is there. */
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('present'), class: z.number().int().min(0) }),
  /** Said to be without the class, and shown in none of its tags. */
  z.object({ kind: z.literal('absent'), class: z.number().int().min(0) }),
]);

/** Which items are listed; what is absent does not restrict. */
export const ITEM_FILTER = z.object({
  states: z.array(z.enum(ITEM_STATES)).optional(),
  splits: z.array(z.enum(['train', 'validation', 'test'])).optional(),
  patient: z.string().optional(),
  volume: z.string().optional(),
  /** Part of the name of a patient, phase or file, or of the item's id, in any case. */
  text: z.string().max(200).optional(),
  /** A class that the suggested mask shows, by its place from 0. */
  shows: z.number().int().min(0).optional(),
  tags: TAG_FILTER.optional(),
  /** Uncertainty scores, both ends included. Items without a prediction have none. */
  uncertainty: z.object({ from: z.number(), to: z.number() }).optional(),
});
export type ItemFilter = z.output<typeof ITEM_FILTER>;

/**
 * `uncertain`: the most uncertain first, items without a prediction last. `disagreement`: as P and the segmentation differ most.
 * `class`: the largest area of a class first. `file`: as imported.
 */
export const ITEM_ORDER = z.discriminatedUnion('by', [
  z.object({ by: z.literal('uncertain') }),
  z.object({ by: z.literal('disagreement') }),
  z.object({ by: z.literal('class'), class: z.number().int().min(0) }),
  z.object({ by: z.enum(['patient', 'phase', 'slice', 'folder', 'file']) }),
]);
export type ItemOrder = z.output<typeof ITEM_ORDER>;

/** A list of items: which, in what order, in whose states. */
export const ITEM_LIST = z.object({
  filter: ITEM_FILTER.default({}),
  order: ITEM_ORDER.default({ by: 'uncertain' }),
  /** Name of a second reader whose states count; the effective ones when absent. */
  reader: z.string().optional(),
});
export type ItemList = z.output<typeof ITEM_LIST>;

/** Lists are asked for in windows of at most this many rows. */
const MOST_ROWS = 1000;

/** An item in a list. */
export interface ItemRow {
  readonly id: string;
  readonly patient: string;
  readonly volume: string;
  readonly phase: string;
  /** Number of the phase in its recording, from 0. */
  readonly phaseIndex: number;
  /** Phases of that recording; 1 for a volume that is no part of one. */
  readonly phases: number;
  readonly slice: number;
  readonly width: number;
  readonly height: number;
  readonly split: 'train' | 'validation' | 'test';
  /** Folder of the source file, relative to the project; empty for none. */
  readonly folder: string;
  readonly state: ItemState;
  /** Uncertainty of the run in use; null where it has not predicted the item. */
  readonly score: number | null;
  /** 1 - mean DSC of P and the segmentation; null where there is but one. */
  readonly disagreement: number | null;
  /** Pixels of each label id in the suggested mask, background first; empty where there is none. */
  readonly areas: readonly number[];
  /** The tag on the whole image, 1 or 0 for each class; null where there is none. */
  readonly tag: readonly number[] | null;
  /** Tags on windows of it. */
  readonly windows: number;
}

/** A window of a list. */
export interface ItemPage {
  /** Items in the whole list. */
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly ItemRow[];
}

/** Items of a list that share a patient, phase, slice or folder, where it is ordered by that; in the list's order. */
export interface ItemGroup {
  readonly name: string;
  readonly count: number;
}

/** How far a list is reviewed. */
export interface ListProgress {
  readonly total: number;
  readonly states: Readonly<Record<ItemState, number>>;
}

/** A volume and the other phases of its recording, for sliders. */
export interface Recording {
  readonly patient: string;
  readonly phases: readonly RecordingPhase[];
}

/** One phase of a recording. */
export interface RecordingPhase {
  readonly volume: string;
  readonly phase: string;
  readonly phaseIndex: number;
  /** By slice. */
  readonly items: readonly {
    readonly id: string;
    readonly slice: number;
    readonly state: ItemState;
    readonly score: number | null;
  }[];
}

export const ITEM_CALLS = {
  'items.page': answers<ItemPage>()(
    ITEM_LIST.extend({
      offset: z.number().int().min(0),
      limit: z.number().int().min(1).max(MOST_ROWS),
    }),
  ),
  /** Headings of a list that is ordered by patient, phase, slice or folder; empty for other orders. */
  'items.groups': answers<readonly ItemGroup[]>()(ITEM_LIST),
  /** Rows of items by their ids, in that order, whatever a list makes of them meanwhile. */
  'items.rows': answers<readonly ItemRow[]>()(
    z.object({ items: z.array(z.string()).max(MOST_ROWS), reader: z.string().optional() }),
  ),
  /** All ids of a list, such as for "select all". */
  'items.ids': answers<readonly string[]>()(ITEM_LIST),
  'items.progress': answers<ListProgress>()(ITEM_LIST),
  /** Place of an item in a list; null where it is not in it. */
  'items.place': answers<number | null>()(ITEM_LIST.extend({ item: z.string() })),
  /**
   * The item that follows one (or precedes it): the next in the list, or the next that is undone, from the start again after the
   * end. Pending ones come before flagged ones. Null where there is none. `item` may be absent from the list.
   */
  'items.next': answers<string | null>()(
    ITEM_LIST.extend({
      item: z.string().optional(),
      direction: z.enum(['next', 'previous']).default('next'),
      undone: z.boolean().default(false),
    }),
  ),
  'items.recording': answers<Recording>()(z.object({ item: z.string(), reader: z.string().optional() })),
};
