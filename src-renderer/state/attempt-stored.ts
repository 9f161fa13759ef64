import { t } from '../i18n/index.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import type { ReviewSaver } from './review-saver.svelte.ts';

/** What is said while gestures cannot be stored. */
const TOPIC = 'unstored';

/** Runs work that stores gestures; where they have to wait, the person is told why and can have it tried again. */
export async function attemptStored<Result>(
  saver: ReviewSaver,
  notices: Notices,
  store: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    const stored = await store();
    settleStored(saver, notices);
    return stored;
  } catch (error) {
    if (saver.waiting === 0 || !(error instanceof Error)) notices.error(error);
    else {
      const run = (): void => void attemptStored(saver, notices, () => saver.storeWaiting());
      notices.error(t('review:unstored', { message: error.message }), { title: t('frame:retry'), run }, TOPIC);
    }
    return undefined;
  }
}

/** Nothing waits any more: what was said of it goes. */
export function settleStored(saver: ReviewSaver, notices: Notices): void {
  if (saver.waiting === 0) notices.settle(TOPIC);
}
