// Tables of how far readers agree.
import type { PairAgreement } from '../../../src-core/contract/second-reader.ts';
import { t } from '../../i18n/index.svelte.ts';
import type { Cell, TableData } from './table-data.ts';

/** What two readers are called together. */
function pairName({ first, second }: PairAgreement): string {
  return `${first || t('review:nobody')} – ${second}`;
}

/** One row a pair and class, and one a pair for all labels together. */
export function agreementTable(pairs: readonly PairAgreement[]): TableData {
  return {
    title: t('readers:agreement'),
    columns: [
      { title: t('readers:pair') },
      { title: t('results:class') },
      { title: 'DSC', digits: 3 },
      { title: t('results:hd95'), digits: 1, unit: 'mm' },
      { title: t('readers:kappa'), digits: 3 },
      { title: t('readers:slices'), digits: 0 },
      { title: t('readers:oneSided'), digits: 0 },
      { title: t('readers:rejectedByOne'), digits: 0 },
    ],
    rows: pairs.flatMap((pair): Cell[][] => [
      ...pair.classes.map(({ name, dice, hd95, kappa, oneSided }) => [
        ...[pairName(pair), name, dice, hd95.value, kappa, pair.slices, oneSided, null],
      ]),
      [pairName(pair), t('readers:allLabels'), null, null, pair.kappa, pair.slices, null, pair.rejectedByOne],
    ]),
    note: t('readers:agreementNote'),
  };
}

/** An item that two read differently, as a row of the table names it. */
export interface DifferingItem {
  readonly item: string;
  readonly second: string;
}

/** One row an item and pair, the most different first, and what each row is about. */
export function differencesTable(
  pairs: readonly PairAgreement[],
  classes: readonly string[],
): { readonly table: TableData; readonly items: readonly DifferingItem[] } {
  const all = pairs
    .flatMap((pair) => pair.items.map((each) => ({ pair, each })))
    .toSorted((a, b) => b.each.disagreement - a.each.disagreement);
  return {
    items: all.map(({ pair, each }) => ({ item: each.item, second: pair.second })),
    table: {
      title: t('readers:differences'),
      columns: [
        { title: t('readers:image') },
        { title: t('readers:pair') },
        { title: t('readers:disagreement'), digits: 3 },
        ...classes.map((name) => ({ title: `${name} DSC`, digits: 3 })),
        ...classes.map((name) => ({ title: `${name} HD95`, digits: 1, unit: 'mm' })),
        { title: t('readers:kappa'), digits: 3 },
        { title: t('readers:first') },
        { title: t('readers:second') },
        { title: t('readers:adjudication') },
      ],
      rows: all.map(({ pair, each }): Cell[] => [
        each.item,
        pairName(pair),
        each.disagreement,
        ...each.classes.map(({ dice }) => dice),
        ...each.classes.map(({ hd95Mm }) => hd95Mm),
        each.kappa,
        t(`review:state.${each.first}`),
        t(`review:state.${each.second}`),
        t(each.isOpen ? 'readers:isOpen' : 'readers:isSettled'),
      ]),
      note: t('readers:differencesNote'),
    },
  };
}
