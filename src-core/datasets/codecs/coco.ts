// COCO's instances file: images, categories, and one annotation for each class (or part of it) in an image.
import { z } from 'zod';
import type { LabelPlane } from '../../imaging/plane.ts';
import { isRefusal, type Refusal } from '../../imaging/refusal.ts';
import { maskArea, maskBox, maskOf, type BinaryMask } from './binary-mask.ts';
import { decodeCocoRleOf, encodeCocoRle } from './coco-rle.ts';
import { checkElements, parseJson, type FieldRefusal } from './json-document.ts';
import { splitParts } from './mask-parts.ts';
import { traceJoinedRings } from '../../labels/contours.ts';
import { regionOfShapes } from '../../labels/fill-rings.ts';
import type { Region } from '../../labels/region.ts';

const segmentation = z.union([
  z.array(z.array(z.number()).min(6)),
  z.object({ size: z.tuple([z.number(), z.number()]), counts: z.union([z.string(), z.array(z.number())]) }),
]);

const image = z.object({ id: z.number(), file_name: z.string(), width: z.number(), height: z.number() });

const annotation = z.object({
  id: z.number(),
  image_id: z.number(),
  category_id: z.number(),
  segmentation: segmentation.optional(),
  area: z.number().optional(),
  bbox: z.array(z.number()).optional(),
  iscrowd: z.number().optional(),
});

const category = z.object({ id: z.number(), name: z.string().min(1) });
const document = z.object({
  images: z.array(z.unknown()),
  categories: z.array(z.unknown()),
  annotations: z.array(z.unknown()).default([]),
});

export type CocoImage = z.infer<typeof image>;
export type CocoAnnotation = z.infer<typeof annotation>;
export type CocoSegmentation = z.infer<typeof segmentation>;

/** An instances file. What does not fit the format is left out and told. */
export interface CocoDocument {
  readonly images: readonly CocoImage[];
  readonly categories: readonly z.infer<typeof category>[];
  readonly annotations: readonly CocoAnnotation[];
  readonly refused: readonly FieldRefusal[];
}

/** How masks are written: run lengths, or polygons along the edges of pixels. */
export type CocoShape = 'rle' | 'polygon';

/** Reads an instances file; fields that are not used are passed over. */
export function parseCoco(text: string): CocoDocument | Refusal {
  const whole = parseJson(document, text);
  if (isRefusal(whole)) return whole;
  const images = checkElements(image, whole.images, 'images');
  const categories = checkElements(category, whole.categories, 'categories');
  const annotations = checkElements(annotation, whole.annotations, 'annotations');
  return {
    images: images.fitting,
    categories: categories.fitting,
    annotations: annotations.fitting,
    refused: [...images.refused, ...categories.refused, ...annotations.refused],
  };
}

/** What an instances file says of one class of an image; nothing where it is absent. */
export function encodeCocoClass(
  plane: LabelPlane,
  category: number,
  { shape, each }: { readonly shape: CocoShape; readonly each: 'class' | 'part' },
): Omit<Required<CocoAnnotation>, 'id' | 'image_id'>[] {
  const { width, height } = plane;
  const whole = maskOf(plane, category);
  const masks = each === 'part' ? splitParts(whole) : [whole];
  return masks.flatMap((mask) => {
    const box = maskBox(mask);
    if (!box) return [];
    return {
      category_id: category,
      iscrowd: 0,
      area: maskArea(mask),
      bbox: [box.x, box.y, box.width, box.height],
      segmentation:
        shape === 'rle'
          ? { size: [height, width] as [number, number], counts: encodeCocoRle(mask).counts }
          : traceJoinedRings(mask).map((ring) => [...ring]),
    };
  });
}

/** The pixels of an annotation in its image. Several polygons are parts of one mask. */
export function drawCocoSegmentation(
  segmentation: CocoSegmentation,
  { width, height }: Pick<CocoImage, 'width' | 'height'>,
): BinaryMask | Region | Refusal {
  if (!Array.isArray(segmentation)) return decodeCocoRleOf(segmentation, width, height);
  const shapes = segmentation.map((ring) => [ring]);
  return regionOfShapes(shapes, { width, height });
}
