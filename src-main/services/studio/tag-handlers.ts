import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { TAG_CALLS, TagFacts } from '../../../src-core/contract/tags.ts';
import { Crops } from '../crops.ts';
import { Tagging } from '../tagging.ts';
import { perProject } from './per-project.ts';
import type { Studio } from './studio.ts';

export function tagHandlers(studio: Studio): Handlers<AreaOf<typeof TAG_CALLS>> {
  const cropsOf = perProject((project) => new Crops(project));
  const crops = (): Crops => cropsOf(studio.project);
  const tagging = (): Tagging => new Tagging(studio.project, studio.settings().annotator);
  /** Changes tags and tells every screen how much is tagged now. */
  const after = (change: (tagging: Tagging) => void): TagFacts => {
    const tags = tagging();
    change(tags);
    const facts = tags.facts();
    studio.emit('tags', facts);
    return facts;
  };
  return {
    'tags.facts': () => tagging().facts(),
    'tags.set': ({ items, change }) => after((tags) => tags.set(items, change)),
    'tags.undo': () => after((tags) => tags.undo()),
    'tags.redo': () => after((tags) => tags.redo()),
    'crops.plan': ({ class: index }) => crops().plan(index),
    'crops.setPlan': ({ class: index, plan }) => {
      crops().setPlan(index, plan);
      return null;
    },
    'crops.task': ({ class: index, item, go }) => crops().task(index, item, go) ?? null,
    'crops.set': ({ item, class: index, windows }) => after((tags) => tags.setWindows(item, index, windows)),
  };
}
