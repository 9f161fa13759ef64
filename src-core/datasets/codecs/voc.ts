// What Pascal VOC adds to images and indexed masks: the palette, labelmap.txt, lists of images, and an XML file for each image.
import { XMLBuilder } from 'fast-xml-parser';
import { refuse, type Refusal } from '../../imaging/refusal.ts';
import type { PixelBox } from './binary-mask.ts';
import type { PaletteColour } from './indexed-png.ts';

/** Index of pixels that belong to no class and count for nothing. */
export const VOC_VOID = 255;

/** VOC's colour of an index: its bits dealt out to the three channels, highest first. */
export function vocColour(index: number): PaletteColour {
  const colour: [number, number, number] = [0, 0, 0];
  for (let bit = 0, rest = index; bit < 8; bit++, rest >>= 3) {
    for (const channel of [0, 1, 2] as const) colour[channel] |= ((rest >> channel) & 1) << (7 - bit);
  }
  return colour;
}

/** All 256 colours. */
export const VOC_PALETTE: readonly PaletteColour[] = Array.from({ length: 256 }, (_, index) => vocColour(index));

/** A class as labelmap.txt tells it. */
export interface LabelmapEntry {
  readonly name: string;
  readonly colour: PaletteColour;
}

/** Text of labelmap.txt, which CVAT and Datumaro read; a name keeps all but what would end it. */
export function encodeLabelmap(entries: readonly LabelmapEntry[]): string {
  const lines = entries.map(({ name, colour }) => `${name.replace(/[:\r\n]/g, '_')}:${colour.join(',')}::`);
  return `${['# label:color_rgb:parts:actions', ...lines].join('\n')}\n`;
}

/** Classes of a labelmap.txt, in its order. */
export function decodeLabelmap(text: string): LabelmapEntry[] | Refusal {
  const entries: LabelmapEntry[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [name = '', colours = ''] = line.split(':');
    const [red, green, blue] = colours.split(',').map(Number);
    const isColour = [red, green, blue].every((value) => Number.isInteger(value) && value! >= 0 && value! <= 255);
    if (name.trim() === '' || !isColour || red === undefined || green === undefined || blue === undefined) {
      return refuse('lines of name:red,green,blue:parts:actions', `line ${index + 1}: ${JSON.stringify(line)}`);
    }
    entries.push({ name: name.trim(), colour: [red, green, blue] });
  }
  return entries;
}

/** What an annotation file says of an image. */
export interface VocAnnotation {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly objects: readonly { readonly name: string; readonly box: PixelBox }[];
}

/** An annotation file; VOC counts pixels from 1. */
export function encodeVocAnnotation({ file, width, height, channels, objects }: VocAnnotation): string {
  return new XMLBuilder({ format: true }).build({
    annotation: {
      folder: 'JPEGImages',
      filename: file,
      size: { width, height, depth: channels },
      segmented: 1,
      object: objects.map(({ name, box }) => ({
        name,
        pose: 'Unspecified',
        truncated: 0,
        difficult: 0,
        bndbox: { xmin: box.x + 1, ymin: box.y + 1, xmax: box.x + box.width, ymax: box.y + box.height },
      })),
    },
  });
}
