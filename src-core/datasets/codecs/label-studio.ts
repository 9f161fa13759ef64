// Label Studio's tasks with brush masks, and the labelling interface that they belong to.
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import type { LabelPlane } from '../../imaging/plane.ts';
import { isRefusal, type Refusal } from '../../imaging/refusal.ts';
import { maskArea, maskOf } from './binary-mask.ts';
import { checkElements, parseJson, type FieldRefusal } from './json-document.ts';
import { encodeBrush } from './label-studio-rle.ts';

/** Names that results and interface share. */
const FROM = 'label';
const TO = 'image';

const value = z.object({
  format: z.string().optional(),
  rle: z.array(z.number()).optional(),
  brushlabels: z.array(z.string()).optional(),
  choices: z.array(z.string()).optional(),
  points: z.array(z.tuple([z.number(), z.number()])).optional(),
  polygonlabels: z.array(z.string()).optional(),
  rectanglelabels: z.array(z.string()).optional(),
});
const result = z.object({
  type: z.string(),
  original_width: z.number().optional(),
  original_height: z.number().optional(),
  value,
});
const results = z.object({ result: z.array(result).default([]), was_cancelled: z.boolean().optional() });
const task = z.object({
  data: z.record(z.string(), z.unknown()),
  annotations: z.array(results).default([]),
  predictions: z.array(results).default([]),
});

export type LabelStudioTask = z.infer<typeof task>;

/** Tasks of a file. Those that do not fit the format are left out and told. */
export interface LabelStudioDocument {
  readonly tasks: readonly LabelStudioTask[];
  readonly refused: readonly FieldRefusal[];
}

/** Reads a JSON export or an import file. */
export function parseLabelStudio(text: string): LabelStudioDocument | Refusal {
  const whole = parseJson(z.array(z.unknown()), text);
  if (isRefusal(whole)) return whole;
  const { fitting, refused } = checkElements(task, whole, 'task');
  return { tasks: fitting, refused };
}

/** The labelling interface, to be pasted into a project's settings. */
export function labelStudioConfig(classes: readonly { readonly name: string; readonly colour: string }[]): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
  });
  return builder.build({
    View: {
      Image: { '@name': TO, '@value': '$image', '@zoom': 'true' },
      BrushLabels: {
        '@name': FROM,
        '@toName': TO,
        Label: classes.map(({ name, colour }) => ({ '@value': name, '@background': colour })),
      },
    },
  });
}

/** Names of the labels and choices that a labelling interface offers, in its order; none where it is no intact XML. */
export function namesInConfig(text: string): string[] {
  const names = new Set<string>();
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
    updateTag(tag, _, attributes) {
      const value: unknown = (attributes as Readonly<Record<string, unknown>> | undefined)?.['value'];
      if ((tag === 'Label' || tag === 'Choice') && typeof value === 'string') names.add(value);
      return true;
    },
  });
  try {
    parser.parse(text);
  } catch {
    return [];
  }
  return [...names];
}

/** Brush results of an image, one for each class that it shows. */
export function brushResults(
  plane: LabelPlane,
  classes: readonly { readonly name: string; readonly id: number }[],
  score?: number,
): unknown[] {
  return classes.flatMap(({ name, id }) => {
    const mask = maskOf(plane, id);
    if (maskArea(mask) === 0) return [];
    return {
      id: `${FROM}-${id}`,
      type: 'brushlabels',
      from_name: FROM,
      to_name: TO,
      original_width: plane.width,
      original_height: plane.height,
      image_rotation: 0,
      value: { format: 'rle', rle: encodeBrush(mask), brushlabels: [name] },
      ...(score !== undefined && { score }),
    };
  });
}
