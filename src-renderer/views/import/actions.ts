import { t } from '../../i18n/index.svelte.ts';
import type { ActionFacts } from '../../state/actions.svelte.ts';

export type ImportAction = `import.${'choose' | 'make' | 'look'}`;

/** What works on the import screen. */
export function importActions(): readonly (ActionFacts & { readonly id: ImportAction })[] {
  const screen = { scope: 'import', group: t('frame:import') } as const;
  return [
    { ...screen, id: 'import.choose', title: t('import:choose'), keys: ['$mod+O'] },
    { ...screen, id: 'import.make', title: t('import:make'), keys: ['$mod+Enter'] },
    { ...screen, id: 'import.look', title: t('import:lookAgain'), keys: ['$mod+Shift+Enter'] },
  ];
}
