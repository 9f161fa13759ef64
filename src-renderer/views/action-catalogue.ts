import type { ActionFacts } from '../state/actions.svelte.ts';
import { frameActions } from './frame/actions.ts';
import { imagesActions } from './images/actions.ts';
import { importActions } from './import/actions.ts';
import { reviewActions } from './review/actions.ts';
import { startActions } from './start/actions.ts';
import { trainActions } from './train/actions.ts';

/** Every action of every screen, for the settings, whether the screen is open or not. */
export function allActions(): readonly ActionFacts[] {
  return [
    ...frameActions(),
    ...startActions(),
    ...importActions(),
    ...imagesActions(),
    ...trainActions(),
    ...reviewActions(),
  ];
}
