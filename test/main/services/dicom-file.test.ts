import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import type { PlaneValues } from '../../../src-core/imaging/voxels.ts';
import { isDicomFile, openDicomFile } from '../../../src-main/services/dicom/dicom-file.ts';
import { dicomBytes, sliceElements, SYNTAX, type DicomElements } from '../../support/dicom-bytes.ts';
import { realData } from '../../support/real-data.ts';
import { dicomRle as rle, jpeg2000, jpegLs, losslessJpeg } from '../../support/dicom-encode.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';

const real = realData('dicom');
const WIDTH = 5;
const HEIGHT = 3;
/** An asymmetric picture: nothing that is turned or exchanged stays the same. */
const VALUES = Array.from({ length: WIDTH * HEIGHT }, (_, at) => (at * 271 + 13) % 4096);

const elements = (more: DicomElements = {}, values: readonly number[] = VALUES): DicomElements =>
  sliceElements({ instance: 1, width: WIDTH, height: HEIGHT, values, more });

async function frame(bytes: Uint8Array, index = 0): Promise<PlaneValues> {
  const file = await openDicomFile(put(temporaryFolder(), 'image.dcm', bytes));
  if (isRefusal(file)) throw new Error(`expected ${file.expected}, found ${file.found}`);
  const plane = await file.frame(index);
  if (isRefusal(plane)) throw new Error(`expected ${plane.expected}, found ${plane.found}`);
  return plane;
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const file = await openDicomFile(put(temporaryFolder(), 'image.dcm', bytes));
  const found = isRefusal(file) ? file : await file.frame(0);
  if (!isRefusal(found)) throw new Error('expected a refusal, got an image');
  return `expected ${found.expected}, found ${found.found}`;
}

/** The elements without pixels, for those that follow as compressed frames. */
function unframed(all: DicomElements): DicomElements {
  return Object.fromEntries(Object.entries(all).filter(([tag]) => tag !== '7FE00010'));
}

describe('pixels of a DICOM file', () => {
  it('are the same in every uncompressed form and in RLE', async () => {
    const swapped = Buffer.from(Uint16Array.from(VALUES).buffer).swap16();
    const forms = [
      dicomBytes(elements(), SYNTAX.explicit),
      dicomBytes(elements(), SYNTAX.implicit),
      dicomBytes({ ...elements(), '7FE00010': ['OW', swapped] }, SYNTAX.big),
      dicomBytes(unframed(elements()), SYNTAX.rle, [rle(VALUES)]),
    ];
    for (const bytes of forms) expect([...(await frame(bytes)).values]).toEqual(VALUES);
  });

  it('are found without preamble and meta information, as old devices leave them', async () => {
    for (const syntax of [SYNTAX.explicit, SYNTAX.implicit]) {
      const whole = Buffer.from(dicomBytes(elements(), syntax));
      const metaBytes = 12 + whole.readUInt32LE(128 + 4 + 8);
      const bare = whole.subarray(128 + 4 + metaBytes);
      expect([...(await frame(bare)).values], syntax).toEqual(VALUES);
      expect([...(await frame(whole.subarray(128 + 4))).values], syntax).toEqual(VALUES);
      expect(await isDicomFile(put(temporaryFolder(), 'IM0001', bare)), syntax).toBe(true);
    }
    for (const other of ['', '\x08\0', 'text '.repeat(40), '\x08\0\x05\0CS\x0a\0'.padEnd(140, '\xff')]) {
      expect(await isDicomFile(put(temporaryFolder(), 'other', Buffer.from(other, 'latin1')))).toBe(false);
    }
  });

  it('are inflated within a bound', async () => {
    const plain = Buffer.from(dicomBytes(elements(), SYNTAX.deflated));
    const start = 128 + 4 + 12 + plain.readUInt32LE(128 + 4 + 8);
    const deflated = Buffer.concat([plain.subarray(0, start), deflateRawSync(plain.subarray(start))]);
    expect([...(await frame(deflated)).values]).toEqual(VALUES);
  });

  it('are decoded from lossy JPEG, in grey and in colour', async () => {
    const grey = await sharp({ create: { width: 16, height: 8, channels: 3, background: { r: 90, g: 90, b: 90 } } })
      .toColourspace('b-w')
      .jpeg({ quality: 100 })
      .toBuffer();
    const eightBits: DicomElements = {
      ...{ '00280010': ['US', [8]], '00280011': ['US', [16]] },
      ...{ '00280100': ['US', [8]], '00280101': ['US', [8]], '00280102': ['US', [7]] },
    };
    const plane = await frame(dicomBytes({ ...unframed(elements()), ...eightBits }, SYNTAX.jpeg, [grey]));
    expect([plane.channels, plane.values.length, plane.values[0]]).toEqual([1, 128, 90]);

    const red = await sharp({ create: { width: 16, height: 8, channels: 3, background: { r: 200, g: 30, b: 30 } } })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const colours: DicomElements = { ...eightBits, '00280002': ['US', [3]], '00280004': ['CS', 'YBR_FULL'] };
    const colour = await frame(dicomBytes({ ...unframed(elements()), ...colours }, SYNTAX.jpeg, [red]));
    expect(colour.channels).toBe(3);
    // JPEG at quality 100 rounds by one step or two.
    for (const [channel, value] of [200, 30, 30].entries()) {
      expect(Math.abs(colour.values[channel]! - value)).toBeLessThanOrEqual(2);
    }
  });

  it('are decoded after frames that broke their codec', async () => {
    const grey = { width: WIDTH, height: HEIGHT, bits: 12, values: VALUES };
    const lossless = dicomBytes(unframed(elements()), '1.2.840.10008.1.2.4.70', [losslessJpeg(grey)]);
    expect([...(await frame(lossless)).values]).toEqual(VALUES);
    for (const [syntax, stream] of [
      [SYNTAX.jpegLs, await jpegLs(grey)],
      [SYNTAX.jpeg2000, await jpeg2000({ ...grey })],
    ] as const) {
      const broken = stream.slice();
      broken.fill(0xff, broken.length - 20, broken.length - 8);
      for (let round = 0; round < 3; round += 1) {
        const file = dicomBytes(unframed(elements()), syntax, [broken.subarray(0, broken.length - 12)]);
        expect(await refusal(file), syntax).toMatch(/^expected (?:an intact compressed frame|a frame of 5 x 3)/);
      }
      const whole = dicomBytes(unframed(elements()), syntax, [stream]);
      expect([...(await frame(whole)).values], syntax).toEqual(VALUES);
    }
  });

  it('have their bits, sign, slope and polarity as the header says', async () => {
    const signed: DicomElements = { '00280103': ['US', [1]] };
    expect(
      [...(await frame(dicomBytes(elements(signed, [0, 1, 2047, 2048, 4095, ...VALUES.slice(5)])))).values].slice(0, 5),
    ).toEqual([0, 1, 2047, -2048, -1]);
    const scaled: DicomElements = { '00281052': ['DS', [-1024]], '00281053': ['DS', [2]] };
    expect((await frame(dicomBytes(elements(scaled)))).values[3]).toBe(VALUES[3]! * 2 - 1024);
    const white: DicomElements = { '00280004': ['CS', 'MONOCHROME1'] };
    expect((await frame(dicomBytes(elements(white)))).values[3]).toBe(4095 - VALUES[3]!);
    // Bits above those stored hold an overlay of old devices.
    expect([
      ...(
        await frame(
          dicomBytes(
            elements(
              {},
              VALUES.map((value) => value | 0xf000),
            ),
          ),
        )
      ).values,
    ]).toEqual(VALUES);
  });

  it('are found in each frame of a film', async () => {
    const frames = [VALUES, VALUES.map((value) => 4095 - value)];
    const film: DicomElements = { '00280008': ['IS', [2]], '00181063': ['DS', [40]] };
    const bytes = dicomBytes(elements(film, frames.flat()));
    for (const [index, values] of frames.entries()) expect([...(await frame(bytes, index)).values]).toEqual(values);
    const packed = dicomBytes(unframed(elements(film)), SYNTAX.rle, frames.map(rle));
    expect([...(await frame(packed, 1)).values]).toEqual(frames[1]);
  });

  it('have the colours of a palette', async () => {
    const table = (step: number): Uint8Array =>
      Buffer.from(Uint16Array.from({ length: 4 }, (_, i) => i * step * 256).buffer);
    const palette: DicomElements = {
      '00280004': ['CS', 'PALETTE COLOR'],
      ...{ '00281101': ['US', [4, 0, 16]], '00281102': ['US', [4, 0, 16]], '00281103': ['US', [4, 0, 16]] },
      ...{ '00281201': ['OW', table(10)], '00281202': ['OW', table(20)], '00281203': ['OW', table(30)] },
    };
    const plane = await frame(dicomBytes(elements(palette, [0, 1, 2, 3, 9, ...VALUES.slice(5).map(() => 0)])));
    expect([...plane.values.subarray(0, 15)]).toEqual([0, 0, 0, 10, 20, 30, 20, 40, 60, 30, 60, 90, 30, 60, 90]);
  });

  it.skipIf(real.missing !== undefined)('are the same in the four files of one slice', async () => {
    const planes: number[][] = [];
    for (const name of readdirSync(real.folder)) {
      const file = await openDicomFile(join(real.folder, name));
      const plane = isRefusal(file) ? file : await file.frame(0);
      if (isRefusal(plane)) throw new Error(`${name}: expected ${plane.expected}, found ${plane.found}`);
      planes.push([...plane.values]);
    }
    expect(planes).toHaveLength(4);
    for (const plane of planes) expect(plane).toEqual(planes[0]);
    // Sum of the values that pydicom reads.
    expect(planes[0]!.reduce((sum, value) => sum + value, 0)).toBe(2_125_338);
  });
});

describe('a DICOM file that cannot be used', () => {
  it('is refused with what was expected and found', async () => {
    expect(await refusal(Buffer.from('short'))).toBe('expected DICM after 128 bytes, found 5 bytes');
    expect(await refusal(Buffer.alloc(400))).toBe('expected DICM after 128 bytes, found other bytes');
    expect(await refusal(dicomBytes(elements()).subarray(0, -8))).toMatch(
      /expected 30 bytes of pixels.*found 22.*cut short/,
    );
    expect(await refusal(dicomBytes(elements({ '00280010': ['US', [0]] })))).toContain('found 0 rows and 5 columns');
    const huge: DicomElements = { '00280010': ['US', [65535]], '00280011': ['US', [65535]] };
    expect(await refusal(dicomBytes(elements(huge)))).toContain('found 65535 x 65535');
    expect(await refusal(dicomBytes(elements(), '1.2.840.10008.1.2.4.100'))).toContain(
      'expected a transfer syntax known here, found 1.2.840.10008.1.2.4.100',
    );
    expect(await refusal(dicomBytes({ ...unframed(elements()), '00080060': ['CS', 'SR'] }))).toContain(
      'no pixels (modality SR)',
    );
  });

  it('is refused where a lossy stream cannot be decoded, each time', async () => {
    const grey = await sharp({ create: { width: 16, height: 8, channels: 3, background: 'grey' } })
      .toColourspace('b-w')
      .jpeg()
      .toBuffer();
    const eight: DicomElements = {
      ...{ '00280010': ['US', [8]], '00280011': ['US', [16]] },
      ...{ '00280100': ['US', [8]], '00280101': ['US', [8]], '00280102': ['US', [7]] },
    };
    // Without its tables nothing after the size can be read.
    const size = grey.indexOf(Buffer.from([0xff, 0xc0]));
    const cut = Buffer.concat([grey.subarray(0, 2), grey.subarray(size, size + 13), Buffer.from([0xff, 0xd9])]);
    for (let round = 0; round < 2; round += 1) {
      expect(await refusal(dicomBytes({ ...unframed(elements()), ...eight }, SYNTAX.jpeg, [cut]))).toContain(
        'expected an intact compressed frame',
      );
    }
  });

  it('is refused before memory is taken where its stream states another size', async () => {
    const wide: DicomElements = { '00280010': ['US', [16_000]], '00280011': ['US', [16_000]] };
    expect(await refusal(dicomBytes(unframed(elements(wide)), SYNTAX.rle, [rle(VALUES)]))).toBe(
      'expected RLE data for 256000000 pixels, found 96 bytes',
    );
    const large = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'white' } })
      .toColourspace('b-w')
      .jpeg()
      .toBuffer();
    const eight: DicomElements = { '00280100': ['US', [8]], '00280101': ['US', [8]], '00280102': ['US', [7]] };
    expect(await refusal(dicomBytes({ ...unframed(elements()), ...eight }, SYNTAX.jpeg, [large]))).toBe(
      'expected a frame of 5 x 3 and 1 samples, found 64 x 64 and 1 samples',
    );
    expect(await refusal(dicomBytes(unframed(elements()), SYNTAX.rle, [rle(VALUES).subarray(0, 70)]))).toContain(
      'RLE segment',
    );
  });
});
