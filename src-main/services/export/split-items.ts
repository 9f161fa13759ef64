// Items by split, as most data sets lay out their folders.
import type { ProjectItem } from '../project.ts';
import type { ExportItem } from './mask-export.ts';
import type { Picture } from './pictures.ts';

/** The items of a split and the files that their pictures become. */
export interface SplitItems {
  readonly split: ProjectItem['split'];
  /** As data sets call it. */
  readonly name: 'train' | 'val' | 'test';
  readonly items: readonly ExportItem[];
  /** Name and extension of each item's picture; `.png` where none is written. */
  readonly fileNames: readonly string[];
  readonly pictures: readonly { readonly path: string; readonly picture: Picture; readonly item: ExportItem }[];
}

const NAMES = { train: 'train', validation: 'val', test: 'test' } as const;
const SPLITS = ['train', 'validation', 'test'] as const;

/** The splits that have items. A patient's items are all in one, as in the project. */
export function splitItems(items: readonly ExportItem[], pictures: readonly Picture[] | undefined): SplitItems[] {
  return SPLITS.map((split) => {
    const chosen = items
      .map((item, index) => ({ item, picture: pictures?.[index] }))
      .filter(({ item }) => item.item.split === split);
    const files = chosen.map(({ item, picture }) => ({
      item,
      picture,
      path: `${item.name}${picture?.extension ?? '.png'}`,
    }));
    return {
      split,
      name: NAMES[split],
      items: files.map(({ item }) => item),
      fileNames: files.map(({ path }) => path),
      pictures: files.flatMap(({ item, path, picture }) => (picture ? [{ item, path, picture }] : [])),
    };
  }).filter((split) => split.items.length > 0);
}
