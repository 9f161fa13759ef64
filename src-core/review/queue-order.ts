import { awaitsReview, type ItemState } from './item-state.ts';

/** What decides an item's place in the queue. */
export interface Queued {
  readonly id: string;
  readonly state: ItemState;
  /** Uncertainty of the prediction; undefined where there is none. */
  readonly score: number | undefined;
}

/** Items that await review, flagged ones first, then the most uncertain; those without a prediction last, by id. */
export function queueOrder<Item extends Queued>(items: readonly Item[]): Item[] {
  return items
    .filter((item) => awaitsReview(item.state))
    .sort((a, b) => {
      if (a.state !== b.state) return a.state === 'flagged' ? -1 : 1;
      const difference = (b.score ?? -Infinity) - (a.score ?? -Infinity);
      // Two items without a score differ by NaN.
      if (difference !== 0 && !Number.isNaN(difference)) return difference;
      return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
    });
}
