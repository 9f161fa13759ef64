// Whether two readings of an item still have to be brought together. Times are ISO, so that their order is that of their text.
import { awaitsReview, type ItemState } from './item-state.ts';

/** What is known of the reading that counts. */
export interface EffectiveReading {
  readonly state: ItemState;
  /** When it was last brought together; null: never. */
  readonly adjudicated: string | null;
}

/** Whether an item was brought together since its second reader decided at `decided`. */
export function isBroughtTogether({ adjudicated }: Pick<EffectiveReading, 'adjudicated'>, decided: string): boolean {
  return adjudicated !== null && adjudicated >= decided;
}

/** Whether that came to a decision too: one who begins anew with the suggestion, or flags it, still has to make it. */
export function isSettled(effective: EffectiveReading, decided: string): boolean {
  return isBroughtTogether(effective, decided) && !awaitsReview(effective.state);
}
