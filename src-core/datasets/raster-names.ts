// What names of picture files tell.
import { withoutExtension } from './file-names.ts';

/** Pictures that are read. */
export const RASTER_NAME = /\.(?:png|jpe?g|tiff?|webp|gif|avif)$/i;

/** Names that this program gives to slices: a volume, perhaps its phase, and the slice. */
const OWN_SLICE = /^(.+?)(?:_series\d+)?(?:_(?:phase|frame)\d+)?_z\d+$/;

/** The patient of a picture that this program has exported; undefined where the name is none of its own. */
export function ownPatient(path: string): string | undefined {
  return OWN_SLICE.exec(withoutExtension(path).split('/').pop() ?? '')?.[1];
}
