// One picture in every form that DICOM files are compressed in: the same pixels come out, here and in pydicom.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { openDicomFile } from '../../../src-main/services/dicom/dicom-file.ts';
import { dicomBytes, sliceElements, SYNTAX, type DicomElements } from '../../support/dicom-bytes.ts';
import { jpeg2000, jpegLs, losslessJpeg } from '../../support/dicom-encode.ts';
import { askPython, noPython } from '../../support/python.ts';
import { realData } from '../../support/real-data.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';

const WIDTH = 21;
const HEIGHT = 17;
/** Asymmetric, with every step from one value to the next that 16 bits have room for. */
const VALUES = Array.from({ length: WIDTH * HEIGHT }, (_, at) => [0, 65_535, at * 181, 32_768, 17][at % 5]! % 2 ** 16);

const elements = (more: DicomElements = {}): DicomElements =>
  sliceElements({
    ...{ instance: 1, width: WIDTH, height: HEIGHT, values: VALUES },
    more: { '00280101': ['US', [16]], '00280102': ['US', [15]], ...more },
  });
const unframed = (more: DicomElements = {}): DicomElements =>
  Object.fromEntries(Object.entries(elements(more)).filter(([tag]) => tag !== '7FE00010'));

async function pixels(path: string): Promise<number[]> {
  const file = await openDicomFile(path);
  const plane = isRefusal(file) ? file : await file.frame(0);
  if (isRefusal(plane)) throw new Error(`${path}: expected ${plane.expected}, found ${plane.found}`);
  return [...plane.values];
}

const frame = { width: WIDTH, height: HEIGHT, bits: 16, values: VALUES };
const FORMS = [
  { title: 'JPEG-LS', syntax: SYNTAX.jpegLs, encode: () => jpegLs(frame) },
  { title: 'JPEG 2000', syntax: SYNTAX.jpeg2000, encode: () => jpeg2000(frame) },
  { title: 'lossless JPEG', syntax: '1.2.840.10008.1.2.4.57', encode: () => losslessJpeg(frame) },
  { title: 'lossless JPEG of predictor 1', syntax: '1.2.840.10008.1.2.4.70', encode: () => losslessJpeg(frame) },
];
const signed: DicomElements = { '00280103': ['US', [1]] };
const scaled: DicomElements = { '00281052': ['DS', [-1024]], '00281053': ['DS', [0.5]] };

describe('16 bits of grey', () => {
  it.each(FORMS)('come out of $title, with sign and slope as the header says', async ({ syntax, encode }) => {
    const folder = temporaryFolder();
    const bytes = await encode();
    const read = (more: DicomElements): Promise<number[]> =>
      pixels(put(folder, 'image.dcm', dicomBytes(unframed(more), syntax, [bytes])));
    expect(await read({})).toEqual(VALUES);
    expect(await read(signed)).toEqual(VALUES.map((value) => (value < 2 ** 15 ? value : value - 2 ** 16)));
    expect(await read(scaled)).toEqual(VALUES.map((value) => value / 2 - 1024));
  });

  it.each(FORMS)('are found in each frame of a film in $title', async ({ syntax, encode }) => {
    const film: DicomElements = { '00280008': ['IS', [2]], '00181063': ['DS', [40]] };
    const bytes = dicomBytes(unframed(film), syntax, [await encode(), await encode()]);
    const file = await openDicomFile(put(temporaryFolder(), 'film.dcm', bytes));
    const plane = isRefusal(file) ? file : await file.frame(1);
    expect(isRefusal(plane) ? plane : [...plane.values]).toEqual(VALUES);
  });

  it.each(FORMS)('are refused where a stream of $title is cut short', async ({ syntax, encode }) => {
    const whole = await encode();
    const cut = dicomBytes(unframed(), syntax, [whole.subarray(0, 40)]);
    const file = await openDicomFile(put(temporaryFolder(), 'image.dcm', cut));
    expect(isRefusal(file) ? file : await file.frame(0)).toMatchObject({ kind: 'refused' });
    // The codec still works after it.
    const again = put(temporaryFolder(), 'image.dcm', dicomBytes(unframed(), syntax, [whole]));
    expect(await pixels(again)).toEqual(VALUES);
  });

  const skipped = noPython('pydicom');
  it.skipIf(skipped !== undefined)('are what pydicom reads', async () => {
    const folder = temporaryFolder();
    const whole: DicomElements = {
      ...elements(scaled),
      '00080005': ['CS', 'ISO_IR 100'],
    };
    const paths = [
      ...[SYNTAX.explicit, SYNTAX.implicit].map((syntax, index) =>
        put(folder, `plain ${index}.dcm`, dicomBytes(whole, syntax)),
      ),
      ...(await Promise.all(
        FORMS.map(async ({ syntax, encode }, index) =>
          put(folder, `packed ${index}.dcm`, dicomBytes(unframed(scaled), syntax, [await encode()])),
        ),
      )),
    ];
    const real = realData('dicom');
    if (real.missing === undefined) paths.push(...readdirSync(real.folder).map((name) => join(real.folder, name)));
    const found = await askPython<(number[] | null)[]>('read_dicom_pixels', paths);
    expect(found.filter((values) => values !== null).length).toBeGreaterThanOrEqual(2);
    for (const [index, values] of found.entries()) {
      if (values) expect(await pixels(paths[index]!), paths[index]).toEqual(values);
    }
  });
});
