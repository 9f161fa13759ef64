import { t } from '../../i18n/index.svelte.ts';
import type { AppState } from '../../state/app.svelte.ts';
import type { Navigation } from '../../state/navigation.svelte.ts';
import type { Notices } from '../../state/notices.svelte.ts';

/** Work that goes on by itself, whose failure no call waits for. */
const UNWATCHED: readonly string[] = ['train', 'predict', 'engine-test'];

/** Tells of such work that failed, until the returned function is called. The Train screen tells of a failed run by itself. */
export function tellFailedJobs({ api }: AppState, notices: Notices, navigation: Navigation): () => void {
  let run: string | null = null;
  const stops = [
    api.on('training', ({ live }) => {
      if (live) run = live.run;
    }),
    api.on('job', ({ kind, state, message }) => {
      if (state !== 'failed' || !UNWATCHED.includes(kind)) return;
      if (navigation.screen !== 'train') {
        notices.error(message, { title: t('frame:toTraining'), run: () => navigation.go('train') });
      } else if (kind !== 'train' || run === null) notices.error(message);
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
