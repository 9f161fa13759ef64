// DICOM files in every transfer syntax that is read.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import sharp from 'sharp';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { openDicomFile } from '../../../src-main/services/dicom/dicom-file.ts';
import { dicomRle, jpeg2000, jpegLs, losslessJpeg } from '../../support/dicom-encode.ts';
import { dicomBytes, sliceElements, SYNTAX, type DicomElements } from '../../support/dicom-bytes.ts';
import type { Reading, Subject, Target } from '../target.ts';

const [WIDTH, HEIGHT, BITS] = [8, 6, 12];
const VALUES = Array.from({ length: WIDTH * HEIGHT }, (_, at) => (at * 271 + 13) % 4096);
const FRAME = { width: WIDTH, height: HEIGHT, bits: BITS, values: VALUES };
const MOST_FRAMES = 16;

const elements = (more: DicomElements = {}, values: readonly number[] = VALUES): DicomElements =>
  sliceElements({ instance: 1, position: [1, 2, 3], trigger: 40, width: WIDTH, height: HEIGHT, values, more });
const unframed = (all: DicomElements): DicomElements =>
  Object.fromEntries(Object.entries(all).filter(([tag]) => tag !== '7FE00010'));
const EIGHT_BITS: DicomElements = { '00280100': ['US', [8]], '00280101': ['US', [8]], '00280102': ['US', [7]] };
const FILM: DicomElements = { '00280008': ['IS', [2]], '00181063': ['DS', [40]] };

async function readDicom(path: string): Promise<Reading> {
  const file = await openDicomFile(path);
  if (isRefusal(file)) return file;
  if (isRefusal(file.header)) return file.header;
  for (let frame = 0; frame < Math.min(MOST_FRAMES, file.header.frames.length); frame += 1) {
    const plane = await file.frame(frame);
    if (isRefusal(plane)) return plane;
  }
  return undefined;
}

function dicomTarget(
  name: string,
  make: () => Promise<readonly (Uint8Array | Pick<Subject, 'bytes' | 'repair'>)[]>,
): Target {
  return {
    name,
    async prepare(folder) {
      const path = join(folder, 'a.dcm');
      return (await make()).map((seed): Subject => ({
        ...(seed instanceof Uint8Array ? { bytes: seed } : seed),
        form: 'bytes',
        async read(bytes) {
          await writeFile(path, bytes);
          return readDicom(path);
        },
      }));
    },
  };
}

/** A picture as lossy JPEG. */
function lossyJpeg(channels: 1 | 3): Promise<Buffer> {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * channels }, (_, at) => (at * 31) % 251);
  const image = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
  return (channels === 1 ? image.toColourspace('b-w') : image).jpeg().toBuffer();
}

function palette(): Uint8Array {
  const table = (step: number): Uint8Array =>
    Buffer.from(Uint16Array.from({ length: 4 }, (_, i) => i * step * 256).buffer);
  return dicomBytes(
    elements({
      '00280004': ['CS', 'PALETTE COLOR'],
      ...{ '00281101': ['US', [4, 0, 16]], '00281102': ['US', [4, 0, 16]], '00281103': ['US', [4, 0, 16]] },
      ...{ '00281201': ['OW', table(10)], '00281202': ['OW', table(20)], '00281203': ['OW', table(30)] },
    }),
  );
}

function enhanced(): Uint8Array {
  const place = (slice: number): DicomElements => ({
    '00209113': ['SQ', [{ '00200032': ['DS', [0, 0, slice * 8]] }]],
    '00209111': ['SQ', [{ '00209128': ['UL', [slice + 1]] }]],
    '00189118': ['SQ', [{ '00209153': ['FD', new Uint8Array(8)], '00189236': ['CS', 'END_SYSTOLE'] }]],
  });
  const shared: DicomElements = {
    '00289110': ['SQ', [{ '00280030': ['DS', [1, 1]], '00180050': ['DS', [8]] }]],
    '00209116': ['SQ', [{ '00200037': ['DS', [1, 0, 0, 0, 1, 0]] }]],
    '00289145': ['SQ', [{ '00281052': ['DS', [-10]], '00281053': ['DS', [0.5]] }]],
  };
  return dicomBytes(
    elements({ '00280008': ['IS', [2]], '52009229': ['SQ', [shared]], '52009230': ['SQ', [place(0), place(1)]] }, [
      ...VALUES,
      ...VALUES,
    ]),
  );
}

function colours(photometric: string, planar: number): Uint8Array {
  const samples = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, at) => at);
  const pixels: DicomElements = {
    '00280002': ['US', [3]],
    '00280004': ['CS', photometric],
    '00280006': ['US', [planar]],
  };
  return dicomBytes(elements({ ...EIGHT_BITS, ...pixels, '7FE00010': ['OB', samples] }));
}

/** A deflated file whose changes lie in what is deflated. */
function deflated(): Pick<Subject, 'bytes' | 'repair'> {
  const plain = Buffer.from(dicomBytes(elements(), SYNTAX.deflated));
  const start = 128 + 4 + 12 + plain.readUInt32LE(128 + 4 + 8);
  const pack = (bytes: Uint8Array): Uint8Array =>
    Buffer.concat([bytes.subarray(0, start), deflateRawSync(bytes.subarray(start))]);
  return { bytes: plain, repair: pack };
}

const compressed = (syntax: string, frames: readonly Uint8Array[], more: DicomElements = {}): Uint8Array =>
  dicomBytes({ ...unframed(elements()), ...more }, syntax, frames);

export const TARGETS: readonly Target[] = [
  dicomTarget('DICOM plain', () =>
    Promise.resolve([
      dicomBytes(elements()),
      dicomBytes(elements(), SYNTAX.implicit),
      dicomBytes(elements(), SYNTAX.big),
      dicomBytes(elements(FILM, [...VALUES, ...VALUES])),
      palette(),
      enhanced(),
      colours('RGB', 1),
      colours('YBR_FULL_422', 0),
    ]),
  ),
  dicomTarget('DICOM deflated', () => Promise.resolve([deflated(), { bytes: deflated().repair!(deflated().bytes) }])),
  dicomTarget('DICOM RLE', () =>
    Promise.resolve([
      compressed(SYNTAX.rle, [dicomRle(VALUES)]),
      compressed(SYNTAX.rle, [dicomRle(VALUES), dicomRle(VALUES)], FILM),
    ]),
  ),
  dicomTarget('DICOM JPEG', async () => [
    compressed(SYNTAX.jpeg, [await lossyJpeg(1)], EIGHT_BITS),
    compressed(SYNTAX.jpeg, [await lossyJpeg(3)], {
      ...EIGHT_BITS,
      '00280002': ['US', [3]],
      '00280004': ['CS', 'RGB'],
    }),
  ]),
  dicomTarget('DICOM lossless JPEG', () =>
    Promise.resolve([compressed('1.2.840.10008.1.2.4.70', [losslessJpeg(FRAME)])]),
  ),
  dicomTarget('DICOM JPEG-LS', async () => [compressed(SYNTAX.jpegLs, [await jpegLs(FRAME)])]),
  dicomTarget('DICOM JPEG 2000', async () => [compressed(SYNTAX.jpeg2000, [await jpeg2000(FRAME)])]),
];
