import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { ITEM_CALLS } from '../../../src-core/contract/items.ts';
import { ItemLists } from '../item-lists.ts';
import { perProject } from './per-project.ts';
import type { Studio } from './studio.ts';

export function itemHandlers(studio: Studio): Handlers<AreaOf<typeof ITEM_CALLS>> {
  const listsOf = perProject((project) => new ItemLists(project));
  const lists = (): ItemLists => listsOf(studio.project);
  return {
    'items.page': ({ offset, limit, ...list }) => lists().page(list, offset, limit),
    'items.rows': ({ items, reader }) => lists().rowsOf(items, reader),
    'items.groups': (list) => lists().groups(list),
    'items.ids': (list) => lists().ids(list),
    'items.progress': (list) => lists().progress(list),
    'items.place': ({ item, ...list }) => lists().place(list, item) ?? null,
    'items.next': ({ item, direction, undone, ...list }) => lists().next(list, { item, direction, undone }) ?? null,
    'items.recording': ({ item, reader }) => lists().recording(item, reader),
  };
}
