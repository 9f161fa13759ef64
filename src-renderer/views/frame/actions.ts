import { t } from '../../i18n/index.svelte.ts';
import type { ActionFacts } from '../../state/actions.svelte.ts';
import { RAIL, type Screen } from '../../state/navigation.svelte.ts';

export type FrameAction = 'palette' | 'keys' | 'theme' | `go.${'start' | 'import' | (typeof RAIL)[number]}`;

interface FrameActionFacts extends ActionFacts {
  readonly id: FrameAction;
  readonly needsProject: boolean;
}

/** What works on every screen. */
export function frameActions(): readonly FrameActionFacts[] {
  const everywhere = { scope: 'everywhere', group: t('frame:general'), needsProject: false } as const;
  const go = <To extends Screen>(screen: To) =>
    ({ ...everywhere, id: `go.${screen}` as const, title: t('frame:go', { screen: t(`frame:${screen}`) }) }) as const;
  return [
    { ...everywhere, id: 'palette', title: t('frame:commands'), keys: ['$mod+K'] },
    { ...everywhere, id: 'keys', title: t('frame:keys'), keys: ['[Shift]+?'] },
    { ...everywhere, id: 'theme', title: t('frame:theme'), keys: [] },
    { ...everywhere, id: 'go.start', title: t('frame:switchProject'), keys: [] },
    { ...go('import'), keys: [] },
    ...RAIL.map((screen, i) => ({ ...go(screen), keys: [`Alt+${i + 1}`], needsProject: screen !== 'settings' })),
  ];
}
