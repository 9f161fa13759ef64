// Datumaro's JSON: the labels in order, then every item with its masks as COCO's compressed run lengths.
import { z } from 'zod';
import type { LabelPlane } from '../../imaging/plane.ts';
import { isRefusal, type Refusal } from '../../imaging/refusal.ts';
import { maskArea, maskOf } from './binary-mask.ts';
import { encodeCocoRle } from './coco-rle.ts';
import type { PaletteColour } from './indexed-png.ts';
import { checkElements, parseJson, type FieldRefusal } from './json-document.ts';

/** The version of the format that is written. */
export const DATUMARO_VERSION = '1.0';

const annotation = z.object({
  type: z.string(),
  label_id: z.number().optional(),
  points: z.array(z.number()).optional(),
  rle: z.object({ size: z.tuple([z.number(), z.number()]), counts: z.string() }).optional(),
  z_order: z.number().optional(),
});

const item = z.object({
  id: z.string(),
  image: z.object({ path: z.string().optional(), size: z.tuple([z.number(), z.number()]).optional() }).optional(),
  annotations: z.array(annotation).default([]),
});
const document = z.object({
  categories: z.object({ label: z.object({ labels: z.array(z.object({ name: z.string() })) }) }),
  items: z.array(z.unknown()),
});

/** An annotation file. Items that do not fit the format are left out and told. */
export interface DatumaroDocument {
  readonly labels: readonly string[];
  readonly items: readonly z.infer<typeof item>[];
  readonly refused: readonly FieldRefusal[];
}

/** Reads an annotation file; kinds of annotation that are not used keep their type alone. */
export function parseDatumaro(text: string): DatumaroDocument | Refusal {
  const whole = parseJson(document, text);
  if (isRefusal(whole)) return whole;
  const { fitting, refused } = checkElements(item, whole.items, 'items');
  return { labels: whole.categories.label.labels.map(({ name }) => name), items: fitting, refused };
}

/** The `categories` of a file; labels go by their place, counted from 0. */
export function datumaroCategories(
  classes: readonly { readonly name: string; readonly colour: PaletteColour }[],
): unknown {
  return {
    label: { labels: classes.map(({ name }) => ({ name, parent: '', attributes: [] })), attributes: [] },
    mask: {
      colormap: classes.map(({ colour: [r, g, b] }, index) => ({ label_id: index, r, g, b })),
    },
  };
}

/** An item with a mask for each class that it shows. */
export function datumaroItem(
  item: { readonly id: string; readonly path: string; readonly attributes: Readonly<Record<string, unknown>> },
  plane: LabelPlane,
  ids: readonly number[],
): unknown {
  const masks = ids.map((id, index) => ({ index, mask: maskOf(plane, id) })).filter(({ mask }) => maskArea(mask) > 0);
  return {
    id: item.id,
    annotations: masks.map(({ index, mask }, number) => ({
      id: number,
      type: 'mask',
      attributes: item.attributes,
      group: 0,
      label_id: index,
      rle: encodeCocoRle(mask),
      z_order: 0,
    })),
    attr: {},
    image: { path: item.path, size: [plane.height, plane.width] },
  };
}
