import type { ItemPicture } from '../../src-core/contract/picture.ts';
import type { ProjectImages } from './image-data.ts';

/** An item's image at full depth, in the narrowest of the types that a page takes. */
export async function readPicture(images: ProjectImages, item: string): Promise<ItemPicture> {
  const { width, height, channels, shown, affine, spacing } = images.volume(item);
  return { width, height, channels, data: pixelsOf(await images.pixels(item)), shown, affine, spacing };
}

/** A copy: what is decoded stays in the cache, and no more than one slice of it goes to the page. */
function pixelsOf(values: ArrayLike<number>): ItemPicture['data'] {
  const isNarrow = values instanceof Uint8Array || values instanceof Uint16Array || values instanceof Int16Array;
  return isNarrow ? values.slice() : Float32Array.from(values);
}
