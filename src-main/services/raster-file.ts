// PNG, JPEG, TIFF and WebP files to pixels: upright, alpha over black, 8 or 16 bits kept.
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { decodeIndexedPng, isIndexedPng } from '../../src-core/datasets/codecs/indexed-png.ts';
import type { RasterImage } from '../../src-core/datasets/importer.ts';
import { isRefusal, refuse, type Refusal } from '../../src-core/imaging/refusal.ts';

/** Images larger than this are refused before their pixels are allocated. */
const MAX_PIXELS = 2 ** 28;

/** Decodes an image; alpha is laid over black and the orientation tag applied. */
export async function readRasterFile(path: string): Promise<RasterImage | Refusal> {
  const bytes = await readFile(path);
  try {
    const image = sharp(bytes, { failOn: 'truncated', limitInputPixels: MAX_PIXELS });
    const { depth, space, channels: stored, hasAlpha } = await image.metadata();
    const colours = (stored ?? 1) - (hasAlpha ? 1 : 0);
    const grey = colours < 3;
    const deep = depth !== 'uchar';
    let upright = image.autoOrient();
    if (hasAlpha) upright = upright.flatten({ background: { r: 0, g: 0, b: 0 } });
    if (deep && depth !== 'ushort') return refuse('8 or 16 bits a channel', `${depth} (${space})`);
    const space16 = grey ? 'grey16' : 'rgb16';
    upright = upright.toColourspace(deep ? space16 : grey ? 'b-w' : 'srgb');
    const { data, info } = await upright
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const values = deep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : new Uint8Array(data);
    return { width: info.width, height: info.height, channels: info.channels === 3 ? 3 : 1, values };
  } catch (error) {
    return refuse('an intact PNG, JPEG, TIFF or WebP image', error instanceof Error ? error.message : String(error));
  }
}

/** Decodes a mask: palette indices of an indexed PNG, grey values of anything else. */
export async function readMaskFile(path: string): Promise<RasterImage | Refusal> {
  if (/\.png$/i.test(path)) {
    const bytes = await readFile(path);
    if (isIndexedPng(bytes)) {
      const plane = decodeIndexedPng(bytes);
      return isRefusal(plane) ? plane : { width: plane.width, height: plane.height, channels: 1, values: plane.data };
    }
  }
  const image = await readRasterFile(path);
  if ('kind' in image || image.channels === 1) return image;
  const values = new Uint8Array(image.width * image.height);
  for (let pixel = 0; pixel < values.length; pixel += 1) {
    const [red, green, blue] = [0, 1, 2].map((channel) => image.values[pixel * 3 + channel]);
    if (red !== green || red !== blue) return refuse('a grey or indexed mask', 'a coloured one');
    values[pixel] = red ?? 0;
  }
  return { ...image, channels: 1, values };
}
