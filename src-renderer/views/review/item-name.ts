import type { ItemRow } from '../../../src-core/contract/items.ts';
import { t } from '../../i18n/index.svelte.ts';

type ItemPlace = Pick<ItemRow, 'id' | 'phase' | 'phaseIndex' | 'phases' | 'slice'>;

/** Where an item lies in its recording, in words: "ED, slice 4", "slice 4" of a volume alone; the file's name of a single image. */
export function itemName({ id, phase, phaseIndex, phases, slice }: ItemPlace, isVolumetric: boolean): string {
  if (!isVolumetric) return id.split('/').at(-1) ?? id;
  const numbered = phases > 1 ? t('review:phaseNumber', { n: phaseIndex + 1 }) : '';
  return [phase || numbered, t('review:sliceNumber', { n: slice + 1 })].filter(Boolean).join(', ');
}
