import { t } from '../../i18n/index.svelte.ts';
import type { ActionFacts } from '../../state/actions.svelte.ts';

export type StartAction = `start.${'new' | 'open' | 'sample'}`;

/** What works on the start screen. */
export function startActions(): readonly (ActionFacts & { readonly id: StartAction })[] {
  const start = { scope: 'start', group: t('frame:start') } as const;
  return [
    { ...start, id: 'start.new', title: t('start:new'), keys: ['N'] },
    { ...start, id: 'start.open', title: t('start:open'), keys: ['O', '$mod+O'] },
    { ...start, id: 'start.sample', title: t('start:sample'), keys: [] },
  ];
}
