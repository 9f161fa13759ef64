// What a gesture did to a stored label map, in few bytes and both directions: a patch where the map was there before and after,
// the whole map where it came or went, nothing where it stayed as it was.
import { decodeLabels, encodeLabels } from '../../src-core/labels/label-codec.ts';
import { applyPatch, invertPatch, patchBetween } from '../../src-core/labels/patch.ts';
import { decodePatch, encodePatch } from '../../src-core/labels/patch-codec.ts';

/** A label map as it is stored (label-codec.ts); null where there is none. */
export type StoredPlane = Uint8Array | null;

/** First letters of a stored patch; a whole map begins otherwise. */
const PATCH = [0x55, 0x4c, 0x50];

/** The change that leads from one state of a map to another; null where they are equal. */
export function changeBetween(before: StoredPlane, after: StoredPlane): Uint8Array | null {
  if (!before || !after) return before ?? after;
  // The codec gives equal bytes for equal labels.
  if (Buffer.compare(before, after) === 0) return null;
  const patch = patchBetween(decodeLabels(before), decodeLabels(after));
  return patch ? encodePatch(patch) : null;
}

/** The map after a change, or before it. Throws where the change was made for another map. */
export function applyChange(plane: StoredPlane, change: Uint8Array | null, toward: 'after' | 'before'): StoredPlane {
  if (!change) return plane;
  if (PATCH.some((letter, i) => change[i] !== letter)) return plane ? null : change;
  if (!plane) throw new Error('stored patch: expected a label map to apply it to, found none');
  const labels = decodeLabels(plane);
  const patch = decodePatch(change);
  applyPatch(labels, toward === 'after' ? patch : invertPatch(patch));
  return encodeLabels(labels);
}
