import { t } from '../../i18n/index.svelte.ts';
import type { ActionFacts } from '../../state/actions.svelte.ts';

export type TrainAction = 'train.primary' | 'train.test';

/** What works on the Train screen. */
export function trainActions(): readonly (ActionFacts & { readonly id: TrainAction })[] {
  const here = { scope: 'train', group: t('frame:train') } as const;
  return [
    { ...here, id: 'train.primary', title: t('train:actionPrimary'), keys: ['$mod+Enter'] },
    { ...here, id: 'train.test', title: t('train:actionTest'), keys: [] },
  ];
}
