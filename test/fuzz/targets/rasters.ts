// Pictures and mask pictures, in every format that is read.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { encodeIndexedPng } from '../../../src-core/datasets/codecs/indexed-png.ts';
import { VOC_PALETTE } from '../../../src-core/datasets/codecs/voc.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { readMaskFile, readRasterFile } from '../../../src-main/services/raster-file.ts';
import { repairPng } from '../../support/png-chunks.ts';
import { LETTER_F } from '../../support/random-masks.ts';
import type { Reading, Subject, Target } from '../target.ts';

const SIDE = 24;

function picture(channels: 3 | 4 = 3): Sharp {
  const data = Uint8Array.from({ length: SIDE * SIDE * channels }, (_, at) => (at * 31) % 251);
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels } });
}

function deepPicture(): Sharp {
  const data = Uint16Array.from({ length: SIDE * SIDE }, (_, at) => (at * 997) % 65_536);
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 1 } }).toColourspace('grey16');
}

/** As a picture, and as a mask. */
async function readBoth(path: string): Promise<Reading> {
  const [image, mask] = [await readRasterFile(path), await readMaskFile(path)];
  // A coloured picture is no mask, and that is not what is wrong with it.
  return isRefusal(image) ? image : isRefusal(mask) && !/coloured/.test(mask.found) ? mask : undefined;
}

function rasterTarget(name: string, ending: string, make: () => Promise<readonly Uint8Array[]>): Target {
  return {
    name,
    async prepare(folder) {
      const path = join(folder, `a.${ending}`);
      return (await make()).map((bytes): Subject => ({
        form: 'bytes',
        bytes,
        ...(ending === 'png' && { repair: repairPng }),
        async read(changed) {
          await writeFile(path, changed);
          return readBoth(path);
        },
      }));
    },
  };
}

const indexed = (): Uint8Array => encodeIndexedPng(LETTER_F, VOC_PALETTE);

export const TARGETS: readonly Target[] = [
  rasterTarget('PNG', 'png', async () => [
    indexed(),
    await picture().png().toBuffer(),
    await picture(4).png({ progressive: true }).toBuffer(),
    await picture().png({ palette: true, colours: 4 }).toBuffer(),
    await deepPicture().png().toBuffer(),
  ]),
  rasterTarget('JPEG', 'jpg', async () => [
    await picture().jpeg().toBuffer(),
    await picture()
      .withExif({ IFD0: { Orientation: '6' } })
      .jpeg({ progressive: true })
      .toBuffer(),
    await picture().toColourspace('b-w').jpeg().toBuffer(),
    await picture().toColourspace('cmyk').jpeg().toBuffer(),
  ]),
  rasterTarget('WebP', 'webp', async () => [
    await picture().webp().toBuffer(),
    await picture(4).webp({ lossless: true }).toBuffer(),
  ]),
  rasterTarget('TIFF', 'tif', async () => [
    await picture().tiff({ compression: 'none' }).toBuffer(),
    await picture(4).tiff({ compression: 'deflate', predictor: 'horizontal' }).toBuffer(),
    await picture().tiff({ compression: 'lzw', tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
    await picture().tiff({ compression: 'jpeg' }).toBuffer(),
    await picture().toColourspace('b-w').tiff({ compression: 'packbits' }).toBuffer(),
    await deepPicture().tiff({ compression: 'lzw' }).toBuffer(),
  ]),
  rasterTarget('GIF', 'gif', async () => [
    await picture().gif().toBuffer(),
    await picture(4).gif({ progressive: true }).toBuffer(),
  ]),
  rasterTarget('AVIF', 'avif', async () => [await picture().avif().toBuffer()]),
];
