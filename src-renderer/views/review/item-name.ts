import type { ItemRow } from '../../../src-core/contract/items.ts';
import { t } from '../../i18n/index.svelte.ts';

/** Where an item lies in its recording, in words: "ED, slice 4"; the file's name of a single image. */
export function itemName(row: Pick<ItemRow, 'id' | 'phase' | 'phaseIndex' | 'slice'>, isVolumetric: boolean): string {
  if (!isVolumetric) return row.id.split('/').at(-1) ?? row.id;
  const slice = t('review:sliceNumber', { n: row.slice + 1 });
  return row.phase ? `${row.phase}, ${slice}` : `${t('review:phaseNumber', { n: row.phaseIndex + 1 })}, ${slice}`;
}
