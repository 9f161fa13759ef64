import { deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { RasterImage } from '../../../src-core/datasets/importer.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { readMaskFile, readRasterFile } from '../../../src-main/services/raster-file.ts';
import { pngOf, repairPng } from '../../support/png-chunks.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';

async function read(name: string, bytes: Uint8Array, reader = readRasterFile): Promise<RasterImage> {
  const image = await reader(put(temporaryFolder(), name, bytes));
  if (isRefusal(image)) throw new Error(`expected ${image.expected}, found ${image.found}`);
  return image;
}
const grey = (values: number[], width: number) =>
  sharp(Buffer.from(values), { raw: { width, height: values.length / width, channels: 1 } });

describe('decoded images', () => {
  it('keep 16 bits of grey exactly', async () => {
    const values = Uint16Array.of(0, 1, 255, 256, 40_000, 65_535);
    const png = encode({ width: 3, height: 2, data: values, depth: 16, channels: 1 });
    expect(await read('a.png', png)).toEqual({ width: 3, height: 2, channels: 1, values });
    const tiff = await sharp(png).toColourspace('grey16').tiff({ compression: 'deflate' }).toBuffer();
    expect((await read('a.tif', tiff)).values).toEqual(values);
  });

  it('keep 16 bits of colour exactly', async () => {
    const values = Uint16Array.of(0, 1000, 65_535, 7, 300, 20_000);
    const png = encode({ width: 2, height: 1, data: values, depth: 16, channels: 3 });
    expect(await read('a.png', png)).toEqual({ width: 2, height: 1, channels: 3, values });
  });

  it('keep 8 bits of grey and colour, from PNG, TIFF and WebP', async () => {
    const image = grey([0, 10, 128, 255], 2).toColourspace('b-w');
    expect(await read('a.png', await image.png().toBuffer())).toEqual({
      width: 2,
      height: 2,
      channels: 1,
      values: Uint8Array.of(0, 10, 128, 255),
    });
    expect((await read('a.tiff', await image.tiff({ compression: 'lzw' }).toBuffer())).values).toEqual(
      Uint8Array.of(0, 10, 128, 255),
    );
    const colour = sharp(Buffer.from([1, 2, 3, 250, 251, 252]), { raw: { width: 2, height: 1, channels: 3 } });
    expect(await read('a.webp', await colour.webp({ lossless: true }).toBuffer())).toMatchObject({
      channels: 3,
      values: Uint8Array.of(1, 2, 3, 250, 251, 252),
    });
  });

  it('lay transparency over black', async () => {
    const image = sharp(Buffer.from([200, 100, 50, 255, 200, 100, 50, 0]), {
      raw: { width: 2, height: 1, channels: 4 },
    });
    expect(await read('a.png', await image.png().toBuffer())).toMatchObject({
      channels: 3,
      values: Uint8Array.of(200, 100, 50, 0, 0, 0),
    });
    const greyAlpha = encode({ width: 2, height: 1, data: Uint8Array.of(80, 255, 80, 0), depth: 8, channels: 2 });
    expect(await read('b.png', greyAlpha)).toMatchObject({ channels: 1, values: Uint8Array.of(80, 0) });
  });

  it('stand upright whatever the orientation tag', async () => {
    // 6: the stored picture is to be turned a quarter clockwise.
    const turned = await grey(
      Array.from({ length: 16 * 8 }, (_, index) => (index % 16 < 8 ? 0 : 255)),
      16,
    )
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer();
    const image = await read('a.jpg', turned);
    expect([image.width, image.height]).toEqual([8, 16]);
    expect(image.values[0]).toBeLessThan(10);
    expect(image.values[15 * 8 * image.channels]).toBeGreaterThan(245);
  });
});

describe('decoded masks', () => {
  it('are palette indices of an indexed PNG, at any depth', async () => {
    const palette = [
      [0, 0, 0],
      [255, 0, 0],
      [0, 255, 0],
    ] as [number, number, number][];
    for (const depth of [2, 8] as const) {
      const data = depth === 8 ? Uint8Array.of(0, 1, 2, 2, 1) : Uint8Array.of(0b00011010, 0b01000000);
      const png = encode({ width: 5, height: 1, data, depth, channels: 1, palette });
      expect((await read('m.png', png, readMaskFile)).values, `${depth} bits`).toEqual(Uint8Array.of(0, 1, 2, 2, 1));
    }
  });

  it('are the grey value of a colour file that holds only greys, and refused otherwise', async () => {
    const colour = (values: number[]) =>
      sharp(Buffer.from(values), { raw: { width: 2, height: 1, channels: 3 } })
        .png()
        .toBuffer();
    expect((await read('m.png', await colour([0, 0, 0, 255, 255, 255]), readMaskFile)).values).toEqual(
      Uint8Array.of(0, 255),
    );
    await expect(read('m.png', await colour([0, 0, 0, 255, 0, 0]), readMaskFile)).rejects.toThrow(
      'expected a grey or indexed mask, found a coloured one',
    );
  });
});

describe('images that promise more than they hold', () => {
  const refusal = async (name: string, bytes: Uint8Array, reader = readRasterFile): Promise<string> => {
    const image = await reader(put(temporaryFolder(), name, bytes));
    if (!isRefusal(image)) throw new Error(`expected a refusal, got ${image.width} x ${image.height}`);
    return `expected ${image.expected}, found ${image.found}`;
  };
  const red = () => sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } });

  it('are refused where the rest would be filled with grey or zeros', async () => {
    const jpeg = await red().jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    jpeg.writeUInt16BE(1600, frame + 5);
    jpeg.writeUInt16BE(1600, frame + 7);
    expect(await refusal('a.jpg', jpeg)).toContain('found VipsJpeg: Corrupt JPEG data: premature end of data segment');
    const tiff = await red().tiff({ compression: 'none' }).toBuffer();
    const directory = tiff.readUInt32LE(4);
    for (let at = directory + 2; at < directory + 2 + 12 * tiff.readUInt16LE(directory); at += 12) {
      // Width, height, rows of a strip.
      if ([256, 257, 278].includes(tiff.readUInt16LE(at))) tiff.writeUInt16LE(1600, at + 8);
    }
    expect(await refusal('a.tif', tiff)).toContain('expected an intact PNG, JPEG, TIFF, WebP or GIF image');
  });

  it('are refused by the memory that they would take, before any is taken', async () => {
    const wide = pngOf({ width: 16_384, height: 16_384, colourType: 2 }, [['IDAT', deflateSync(Buffer.alloc(1000))]]);
    expect(await refusal('a.png', wide)).toBe(
      'expected an image of at most 402653184 bytes, found 16384 x 16384 pixels, 805306368 bytes',
    );
  });

  it('are refused where an indexed mask inflates beyond its rows, and texts are not inflated at all', async () => {
    const header = { width: 10, height: 10, colourType: 3 };
    const palette = ['PLTE', Buffer.alloc(9)] as const;
    const bomb = pngOf(header, [palette, ['IDAT', deflateSync(Buffer.alloc(50_000_000))]]);
    expect(await refusal('a.png', bomb, readMaskFile)).toBe(
      'expected rows of pixels as the header says, found more than that',
    );
    const profile = ['iCCP', Buffer.concat([Buffer.from('a\0\0'), Buffer.from('no deflated profile')])] as const;
    const mask = pngOf(header, [profile, palette, ['IDAT', deflateSync(Buffer.alloc(110))]]);
    expect((await read('b.png', mask, readMaskFile)).values).toEqual(new Uint8Array(100));
    expect(repairPng(mask)).toEqual(Buffer.from(mask));
  });
});
