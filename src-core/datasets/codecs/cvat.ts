// CVAT for images 1.1: one XML file that names the labels, then every image with its masks, polygons and tags.
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import type { CvatMask } from './cvat-rle.ts';
import { checkDocument, checkElements, type FieldRefusal } from './json-document.ts';
import { parseXml } from './xml-document.ts';

/** Who made an annotation, in CVAT's words. */
export type CvatSource = 'auto' | 'semi-auto' | 'manual';

/** A class and its colour, `#rrggbb`. */
export interface CvatLabel {
  readonly name: string;
  readonly colour: string;
}

/** An image and its masks, to be written. */
export interface CvatImage {
  readonly id: number;
  readonly name: string;
  readonly subset: string;
  readonly width: number;
  readonly height: number;
  readonly masks: readonly { readonly label: string; readonly source: CvatSource; readonly mask: CvatMask }[];
}

const BUILDER = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true });

/** All that comes before the images. */
export function encodeCvatHead(task: string, labels: readonly CvatLabel[], images: number): string {
  const meta = BUILDER.build({
    version: '1.1',
    meta: {
      task: {
        name: task,
        size: images,
        mode: 'annotation',
        overlap: 0,
        labels: { label: labels.map(({ name, colour }) => ({ name, color: colour, type: 'any', attributes: '' })) },
      },
    },
  });
  return `<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n${meta}`;
}

/** An image with its masks. */
export function encodeCvatImage({ id, name, subset, width, height, masks }: CvatImage): string {
  return BUILDER.build({
    image: {
      '@id': id,
      '@name': name,
      '@subset': subset,
      '@width': width,
      '@height': height,
      mask: masks.map(({ label, source, mask }) => ({
        '@label': label,
        '@source': source,
        '@occluded': 0,
        '@rle': mask.rle,
        '@left': mask.left,
        '@top': mask.top,
        '@width': mask.width,
        '@height': mask.height,
        '@z_order': 0,
      })),
    },
  });
}

/** The end of the file. */
export const CVAT_TAIL = '</annotations>\n';

const number = z.coerce.number();
const mask = z.object({
  label: z.string(),
  rle: z.string(),
  left: number,
  top: number,
  width: number,
  height: number,
  z_order: number.optional(),
});
const polygon = z.object({ label: z.string(), points: z.string(), z_order: number.optional() });
const image = z.object({
  name: z.string(),
  width: number,
  height: number,
  subset: z.string().optional(),
  mask: z.array(mask).default([]),
  polygon: z.array(polygon).default([]),
  box: z.array(z.object({ label: z.string() })).default([]),
  tag: z.array(z.object({ label: z.string() })).default([]),
});
const labels = z.object({ labels: z.object({ label: z.array(z.object({ name: z.string() })) }) }).partial();
const document = z.object({
  annotations: z.object({
    meta: z.object({ task: labels, project: labels, job: labels }).partial().optional().catch(undefined),
    image: z.array(z.unknown()).default([]),
  }),
});

/** An annotation file. Images that do not fit the format are left out and told. */
export interface CvatDocument {
  /** Names of all labels, in the order of the task; empty where the file does not list them. */
  readonly labels: readonly string[];
  readonly image: readonly z.infer<typeof image>[];
  readonly refused: readonly FieldRefusal[];
}

const LISTS = new Set(['image', 'mask', 'polygon', 'box', 'tag', 'label']);

/** Reads a file; shapes other than masks, polygons, boxes and tags are passed over. */
export function parseCvat(text: string): CvatDocument | Refusal {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    isArray: (name, _, __, isAttribute) => !isAttribute && LISTS.has(name),
  });
  const parsed = parseXml(parser, text);
  if (isRefusal(parsed)) return parsed;
  const checked = checkDocument(document, parsed.content);
  if (!('annotations' in checked)) return checked;
  const { meta } = checked.annotations;
  const listed = (meta?.task ?? meta?.project ?? meta?.job)?.labels?.label ?? [];
  const { fitting, refused } = checkElements(image, checked.annotations.image, 'image');
  return { labels: listed.map(({ name }) => name), image: fitting, refused };
}

/** Corners of a polygon's `points`, x and y in turn. */
export function parsePoints(points: string): number[] | Refusal {
  const corners = points.split(/[;,]/).map(Number);
  const usable = corners.length >= 6 && corners.length % 2 === 0 && corners.every(Number.isFinite);
  return usable ? corners : refuse('three or more corners as x,y;x,y;...', JSON.stringify(points.slice(0, 60)));
}
