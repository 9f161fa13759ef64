import type { UndoAnswer } from '../../src-core/contract/review.ts';
import { t } from '../i18n/index.svelte.ts';
import { settleStored } from './attempt-stored.ts';
import type { Review } from './review.svelte.ts';

/** Takes the last gesture on the open item back, or makes it again; a gesture that is under way is only left. */
export async function turnBack(review: Review, call: 'review.undo' | 'review.redo'): Promise<void> {
  const { item, notices } = review;
  if (!item || !review.canDecide) return;
  if (review.tools.busy) return review.tools.cancel();
  if (call === 'review.undo' && review.saver.takeBackWaiting(item)) return settleStored(review.saver, notices);
  const answer = await review.attemptStored<UndoAnswer>(() =>
    review.saver.send(() => review.app.api.call(call, { item: item.id, ...review.readerParam() })),
  );
  switch (answer?.kind) {
    case 'done':
      return review.take(answer.items);
    case 'blocked': {
      const go = { title: t('review:goThere'), run: () => void review.way.open(answer.item) };
      return notices.error(answer.message, go);
    }
    case 'nothing':
      return notices.done(t(call === 'review.undo' ? 'review:nothingToUndo' : 'review:nothingToRedo'));
    case undefined:
      return;
  }
}
