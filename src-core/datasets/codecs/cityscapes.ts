// Cityscapes' polygon file, and its instance ids: label id · 1000 + the object's number, in 16 bits.
import { z } from 'zod';
import type { LabelPlane } from '../../imaging/plane.ts';
import type { Refusal } from '../../imaging/refusal.ts';
import type { Ring } from '../../labels/fill-rings.ts';
import { parseJson } from './json-document.ts';

const OBJECTS = 1000;
/** Largest label id whose instances fit 16 bits. */
export const MOST_CITYSCAPES_ID = 64;

const document = z.object({
  imgHeight: z.number(),
  imgWidth: z.number(),
  objects: z.array(z.object({ label: z.string(), polygon: z.array(z.tuple([z.number(), z.number()])) })),
});

export type CityscapesDocument = z.infer<typeof document>;

/** Reads a `_gtFine_polygons.json`. Later objects lie over earlier ones. */
export function parseCityscapes(text: string): CityscapesDocument | Refusal {
  return parseJson(document, text);
}

/** A polygon file. */
export function cityscapesDocument(
  { width, height }: Pick<LabelPlane, 'width' | 'height'>,
  objects: readonly { readonly label: string; readonly ring: Ring }[],
): CityscapesDocument {
  return {
    imgHeight: height,
    imgWidth: width,
    objects: objects.map(({ label, ring }) => ({ label, polygon: pairs(ring) })),
  };
}

/** Instance ids of a label map whose parts are given by id; others keep their label id. */
export function instanceIds(
  plane: LabelPlane,
  parts: readonly { readonly id: number; readonly data: Uint8Array }[],
): Uint16Array {
  const ids = Uint16Array.from(plane.data);
  const counts = new Map<number, number>();
  for (const { id, data } of parts) {
    const number = counts.get(id) ?? 0;
    counts.set(id, number + 1);
    // Objects beyond the thousandth share the last number; the plan counts them.
    const value = id * OBJECTS + Math.min(number, OBJECTS - 1);
    data.forEach((inside, i) => inside === 1 && (ids[i] = value));
  }
  return ids;
}

function pairs(ring: Ring): [number, number][] {
  return Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!]);
}
