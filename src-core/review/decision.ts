// What a reader can decide about an item, and what state that leads to.
import type { ItemState } from './item-state.ts';

/** accept: the mask is right now; reject: it is no good; flag: somebody has to look again; reopen: not decided after all. */
export const DECISIONS = ['accept', 'reject', 'flag', 'reopen'] as const;
export type Decision = (typeof DECISIONS)[number];

/** State after a decision. An accepted mask is corrected where a person changed any of its pixels. */
export function stateAfterDecision(decision: Decision, isChanged: boolean): ItemState {
  switch (decision) {
    case 'accept':
      return isChanged ? 'corrected' : 'accepted';
    case 'reject':
      return 'rejected';
    case 'flag':
      return 'flagged';
    case 'reopen':
      return 'pending';
  }
}

/** State after a mask was changed: one that counts as right stays so, as corrected; others wait for a decision. */
export function stateAfterEdit(state: ItemState, isChanged: boolean): ItemState {
  return state === 'accepted' || state === 'corrected' ? stateAfterDecision('accept', isChanged) : state;
}
