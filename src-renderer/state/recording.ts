// The slices and phases around an item.
import type { Recording } from '../../src-core/contract/items.ts';
import type { ReviewedEvent } from '../../src-core/contract/review.ts';

/** The item some slices and phases away; phases go round, slices end. */
export function neighbourOf(
  { phases: all }: Recording,
  item: string,
  slices: number,
  phases: number,
): string | undefined {
  const at = all.findIndex(({ items }) => items.some(({ id }) => id === item));
  const place = all[at]?.items.find(({ id }) => id === item);
  if (!place) return undefined;
  const other = all[(at + phases + all.length) % all.length];
  return other?.items.find(({ slice }) => slice === place.slice + slices)?.id;
}

/** The same with the states that an event tells. */
export function withStates(recording: Recording, changed: ReviewedEvent['items']): Recording {
  const states = new Map(changed.map(({ item, state }) => [item, state]));
  const phases = recording.phases.map((phase) => ({
    ...phase,
    items: phase.items.map((each) => ({ ...each, state: states.get(each.id) ?? each.state })),
  }));
  return { ...recording, phases };
}
