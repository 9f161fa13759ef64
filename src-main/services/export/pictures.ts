// The pictures that masks are laid over, for formats that carry them: the source file itself where every program reads it
// as it is stored, else a PNG. Slices of volumes are 8-bit grey between the volume's 1st and 99th percentile.
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { ImageData } from '../../../src-core/training/data.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { openImageData } from '../image-data.ts';
import type { Project } from '../project.ts';
import { readRasterFile } from '../raster-file.ts';
import { locateSource } from '../source-files.ts';
import type { ExportItem } from './mask-export.ts';

/** A picture that will be written. */
export interface Picture {
  /** With the dot. */
  readonly extension: string;
  readonly channels: 1 | 3;
  readonly produce: () => Promise<Uint8Array>;
}

/** Decoded volumes kept while their slices are written, one after another. */
const CACHE_BYTES = 32 * 2 ** 20;
/** Formats that every program reads, by sharp's name. */
const COPIED: Readonly<Record<string, string>> = { png: '.png', jpeg: '.jpg' };
/** Value of the orientation tag of an image that is stored upright. */
const UPRIGHT = 1;

/**
 * How each item becomes a picture. With `only`, a file is copied only if it has this extension and neither a palette nor
 * an alpha channel, which some readers of PNG take for colours.
 */
export async function planPictures(
  project: Project,
  items: readonly ExportItem[],
  { only }: { readonly only?: '.png' } = {},
): Promise<Picture[]> {
  const data = openImageData(project, { cacheBytes: CACHE_BYTES });
  const pictures: Picture[] = [];
  for (const item of items) {
    pictures.push(
      item.volume.source.kind === 'raster' ? await rasterPicture(project, item, data, only) : slicePicture(data, item),
    );
  }
  return pictures;
}

/** Bytes of a PNG; equal pixels give equal bytes. */
export async function encodePng(
  data: Uint8Array | Uint16Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: 1 | 3 },
): Promise<Uint8Array> {
  let image = sharp(data, { raw: { width, height, channels } });
  if (data instanceof Uint16Array) image = image.toColourspace(channels === 1 ? 'grey16' : 'rgb16');
  else if (channels === 1) image = image.toColourspace('b-w');
  return image.png({ compressionLevel: 6, adaptiveFiltering: false }).toBuffer();
}

async function rasterPicture(
  project: Project,
  item: ExportItem,
  data: ImageData,
  only: '.png' | undefined,
): Promise<Picture> {
  const { volume } = item;
  const path = await locateSource(project.directory, volume.source);
  const { format, depth, orientation = UPRIGHT, hasAlpha, isPalette } = await sharp(path).metadata();
  const copied = orientation === UPRIGHT ? COPIED[format] : undefined;
  const isPlain = copied === only && !hasAlpha && !isPalette;
  const { channels } = volume;
  if (copied !== undefined && (only === undefined || isPlain)) {
    return {
      extension: copied,
      channels,
      produce: async () => readFile(await locateSource(project.directory, volume.source)),
    };
  }
  // PNG has no grey of 32 bits.
  if (depth !== 'uchar' && depth !== 'ushort') return slicePicture(data, item);
  return {
    extension: '.png',
    channels,
    async produce() {
      const image = await readRasterFile(await locateSource(project.directory, volume.source));
      if (isRefusal(image)) throw new Error(`${path}: expected ${image.expected}, found ${image.found}`);
      // Samples of these depths are read as such.
      return encodePng(image.values as Uint8Array | Uint16Array, image);
    },
  };
}

function slicePicture(data: ImageData, { item, volume }: ExportItem): Picture {
  return {
    extension: '.png',
    channels: volume.channels,
    async produce() {
      const plane = await data.image(item.id);
      return encodePng(greyBytes(plane.data), plane);
    },
  };
}

/** 0..1 as 0..255. */
function greyBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) bytes[index] = Math.round(values[index]! * 255);
  return bytes;
}
