// The connected parts of a mask, for formats that count objects.
import type { BinaryMask } from './binary-mask.ts';
import { tracePolygons, type PixelPolygon } from '../../labels/contours.ts';
import { fillRings } from '../../labels/fill-rings.ts';

/** One mask for each part, in the order of their first pixels. Pixels that only touch at a corner are two parts. */
export function splitParts(mask: BinaryMask): BinaryMask[] {
  const parts = tracePolygons(mask);
  return parts.length < 2 ? [mask] : parts.map((part) => fillPolygon(part, mask));
}

/** The pixels of one part. */
export function fillPolygon(
  { outer, holes }: PixelPolygon,
  { width, height }: Pick<BinaryMask, 'width' | 'height'>,
): BinaryMask {
  return fillRings([outer, ...holes], width, height);
}
