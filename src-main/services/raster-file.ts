// PNG, JPEG, TIFF, WebP and GIF files to pixels, page by page: upright, alpha over black, every bit of grey kept.
import { readFile } from 'node:fs/promises';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decodeIndexedPng, isIndexedPng, packedRows } from '../../src-core/datasets/codecs/indexed-png.ts';
import type { RasterImage } from '../../src-core/datasets/importer.ts';
import { isRefusal, refuse, type Refusal } from '../../src-core/imaging/refusal.ts';

/** Larger images are refused before memory is taken for them. Decoding holds their pixels twice. */
const MOST_PIXELS = 2 ** 28;
const MOST_BYTES = 384 * 2 ** 20;

const MOST_PAGES = 2 ** 16;

/** How samples are stored, by the library's words for it, and as what they are read. Colours have 8 or 16 bits. */
const DEPTHS: Readonly<Record<string, StoredDepth | undefined>> = {
  uchar: { depth: 'uchar', Values: Uint8Array, grey: 'b-w', colour: 'srgb', isWide: false },
  ushort: { depth: 'ushort', Values: Uint16Array, grey: 'grey16', colour: 'rgb16', isWide: false },
  uint: { depth: 'uint', Values: Uint32Array, grey: 'b-w', colour: 'b-w', isWide: true },
  int: { depth: 'int', Values: Int32Array, grey: 'b-w', colour: 'b-w', isWide: true },
  float: { depth: 'float', Values: Float32Array, grey: 'b-w', colour: 'b-w', isWide: true },
};

interface StoredDepth {
  readonly depth: 'uchar' | 'ushort' | 'uint' | 'int' | 'float';
  readonly Values:
    | Uint8ArrayConstructor
    | Uint16ArrayConstructor
    | Uint32ArrayConstructor
    | Int32ArrayConstructor
    | Float32ArrayConstructor;
  readonly grey: 'b-w' | 'grey16';
  readonly colour: 'b-w' | 'srgb' | 'rgb16';
  readonly isWide: boolean;
}

/** Decodes an image, or one page of it; alpha is laid over black and the orientation tag applied. */
export async function readRasterFile(path: string, page = 0): Promise<RasterImage | Refusal> {
  // The first page is read from a copy, which others may change or move meanwhile; later ones where they lie in the file.
  const input = page === 0 ? await readFile(path) : path;
  try {
    // Anything less strict fills what is missing in the middle of a JPEG with grey.
    const image = sharp(input, { failOn: 'warning', limitInputPixels: MOST_PIXELS, page });
    const { width, height, depth, space, channels: stored, hasAlpha, pages = 1, format } = await image.metadata();
    if (pages > MOST_PAGES) return refuse(`at most ${MOST_PAGES} pages`, `${pages}`);
    const colours = (stored ?? 1) - (hasAlpha ? 1 : 0);
    const grey = colours < 3;
    const stores = DEPTHS[depth];
    if (!stores || (stores.isWide && !(colours === 1 && !hasAlpha))) {
      const kinds = '8 or 16 bits a channel without sign, or grey of 32 bits';
      return refuse(kinds, `${depth === 'short' ? '16 bits with sign' : depth} (${space})`);
    }
    const decodedBytes = width * height * (grey ? 1 : 3) * stores.Values.BYTES_PER_ELEMENT;
    if (decodedBytes > MOST_BYTES) {
      return refuse(`an image of at most ${MOST_BYTES} bytes`, `${width} x ${height} pixels, ${decodedBytes} bytes`);
    }
    let upright = image.autoOrient();
    if (hasAlpha) upright = upright.flatten({ background: { r: 0, g: 0, b: 0 } });
    upright = upright.toColourspace(grey ? stores.grey : stores.colour);
    const { data, info } = await upright.raw({ depth: stores.depth }).toBuffer({ resolveWithObject: true });
    const values = new stores.Values(data.buffer, data.byteOffset, data.length / stores.Values.BYTES_PER_ELEMENT);
    const follow = format === 'tiff' ? 'space' : 'time';
    return {
      ...{ width: info.width, height: info.height, channels: info.channels === 3 ? 3 : 1, values },
      ...(pages > 1 && { pages: { count: pages, follow } as const }),
    };
  } catch (error) {
    // One line for each thing that is wrong; the first says enough.
    const [found = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return refuse('an intact PNG, JPEG, TIFF, WebP or GIF image', found);
  }
}

/** Decodes a mask: palette indices of an indexed PNG, grey values of anything else. */
export async function readMaskFile(path: string, page = 0): Promise<RasterImage | Refusal> {
  if (/\.png$/i.test(path)) {
    const bytes = await readFile(path);
    if (isIndexedPng(bytes)) {
      const plane = refuseInflation(bytes) ?? decodeIndexedPng(bytes);
      return isRefusal(plane) ? plane : { width: plane.width, height: plane.height, channels: 1, values: plane.data };
    }
  }
  const image = await readRasterFile(path, page);
  if ('kind' in image || image.channels === 1) return image;
  const values = new Uint8Array(image.width * image.height);
  for (let pixel = 0; pixel < values.length; pixel += 1) {
    const [red, green, blue] = [0, 1, 2].map((channel) => image.values[pixel * 3 + channel]);
    if (red !== green || red !== blue) return refuse('a grey or indexed mask', 'a coloured one');
    values[pixel] = red ?? 0;
  }
  return { ...image, channels: 1, values };
}

/** Why packed rows are more than the image has; undefined where they are not, or are damaged, which decoding tells. */
function refuseInflation(bytes: Uint8Array): Refusal | undefined {
  const { packed, unpackedBytes } = packedRows(bytes);
  try {
    inflateSync(Buffer.concat(packed), { maxOutputLength: Math.min(MOST_PIXELS, unpackedBytes) });
    return undefined;
  } catch (error) {
    const isLarger = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return isLarger ? refuse('rows of pixels as the header says', 'more than that') : undefined;
  }
}
