import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { PICTURE_CALLS } from '../../../src-core/contract/picture.ts';
import { readPicture } from '../item-picture.ts';
import { runInUse } from '../run-in-use.ts';
import type { Studio } from './studio.ts';

export function pictureHandlers(studio: Studio): Handlers<AreaOf<typeof PICTURE_CALLS>> {
  return {
    'picture.affinity': ({ item }) => studio.affinities.read(item),
    'picture.image': ({ item }) => readPicture(studio.images, item),
    'picture.maps': ({ item, run = runInUse(studio.project), labels, values }) =>
      run === undefined ? null : (studio.project.readMaps(run, item, { labels, values }) ?? null),
  };
}
