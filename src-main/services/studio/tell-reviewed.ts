import type { ReviewedItem } from '../../../src-core/contract/review.ts';
import type { ItemState } from '../../../src-core/review/item-state.ts';
import { readerNumber } from '../readers.ts';
import { Review } from '../review.ts';
import type { Studio } from './studio.ts';

/**
 * Tells every screen which readings were changed, and gives them as they are now.
 *
 * @param before - their states before, where they may be the same: counts of the project are told only if they are not
 */
export function tellReviewed(
  studio: Studio,
  reader: string | undefined,
  items: readonly string[],
  before: readonly ItemState[] = [],
): ReviewedItem[] {
  const review = new Review(studio.project, { annotator: '', reader: readerNumber(studio.project, reader) });
  const changed = items.map((item) => review.item(item));
  const states = changed.map(({ item, state }) => ({ item, state }));
  if (states.length > 0) studio.emit('reviewed', { reader: reader ?? null, items: states });
  if (states.some(({ state }, i) => state !== before[i])) studio.projectChanged();
  return changed;
}
