// What a person has decided about an item's mask.

/** pending: nobody looked; accepted and corrected: its mask may supervise; flagged: look again. */
export type ItemState = 'pending' | 'accepted' | 'corrected' | 'rejected' | 'flagged';

/** All states, in the order they are counted in. */
export const ITEM_STATES: readonly ItemState[] = ['pending', 'accepted', 'corrected', 'rejected', 'flagged'];

/** Whether an item in this state lends its reviewed mask to training. */
export function supervises(state: ItemState): boolean {
  return state === 'accepted' || state === 'corrected';
}

/** Whether a person still has to look at an item in this state. */
export function awaitsReview(state: ItemState): boolean {
  return state === 'pending' || state === 'flagged';
}
