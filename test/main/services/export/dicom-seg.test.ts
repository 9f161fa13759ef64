import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSegmentation } from '../../../../src-core/datasets/dicom-seg.ts';
import { cielabOf } from '../../../../src-core/datasets/codecs/cielab.ts';
import { decimal } from '../../../../src-core/datasets/codecs/dicom-seg-write.ts';
import { conceptOf } from '../../../../src-core/datasets/codecs/seg-concepts.ts';
import {
  itemOf,
  itemsOf,
  numberOf,
  textOf,
  vectorOf,
  type DicomDataset,
} from '../../../../src-core/imaging/dicom-elements.ts';
import { parseNiftiHeader } from '../../../../src-core/imaging/nifti.ts';
import { isRefusal, type Refusal } from '../../../../src-core/imaging/refusal.ts';
import { openDicomFile } from '../../../../src-main/services/dicom/dicom-file.ts';
import { importDataset } from '../../../../src-main/services/import.ts';
import { openImageData } from '../../../../src-main/services/image-data.ts';
import { Project, REVIEWED } from '../../../../src-main/services/project.ts';
import { dicomProject, ORIENTATION, position, type DicomProject } from '../../../support/dicom-project.ts';
import { maskProject } from '../../../support/mask-project.ts';
import { HEART } from '../../../support/volume-project.ts';

let built: DicomProject;
beforeAll(async () => {
  built = await dicomProject();
});
afterAll(() => built.remove());

describe('DICOM-SEG export', () => {
  it('draws each class on the image that it lies on, frame for frame', async () => {
    const { directory, summary } = await built.export({ format: 'dicom-seg' });
    expect(summary.files).toHaveLength(2);
    const sources = await sourceSlices();
    for (const [index, { path }] of summary.files.entries()) {
      const file = accept(await openDicomFile(join(directory, path)));
      const segmentation = accept(readSegmentation(path, file));
      expect([...segmentation.segments]).toEqual([
        [1, 'RV'],
        [2, 'MYO'],
        [3, 'LV'],
      ]);
      expect(segmentation.frames).toHaveLength(9);
      for (const { frame, segment, images, place } of segmentation.frames) {
        const source = sources.get(images.join())!;
        expect(source.phase).toBe(index);
        expect(place.position).toEqual(source.position);
        const { values } = accept(await file.frame(frame));
        expect([...values]).toEqual([...HEART.data].map((label) => (label === segment ? 1 : 0)));
      }
      expect(vectorOf(itemOf(itemOf(file.dataset, '52009229'), '00209116'), '00200037', 6)).toEqual(ORIENTATION);
      const pointers = itemsOf(file.dataset, '00209222').map((each) => numberOf(each, '00209165'));
      expect(pointers).toEqual([0x0062000b, 0x00200032]);
    }
    expect(summary.losses[0]).toContain('6 pixels in 6 images are not decided');
  });

  it('codes what the segments are and who made them', async () => {
    const [first, second] = built.project.items;
    built.project.writeLabelMap(first!.id, REVIEWED, HEART);
    built.project.setState(first!.id, 'corrected');
    const { directory, summary } = await built.export({ format: 'dicom-seg' });
    built.project.setState(first!.id, 'pending');
    const read = async (index: number): Promise<DicomDataset[]> => [
      ...itemsOf(accept(await openDicomFile(join(directory, summary.files[index]!.path))).dataset, '00620002'),
    ];
    const [touched, untouched] = [await read(0), await read(1)];
    expect(second!.volume).toBe(first!.volume);
    expect(touched.map((segment) => textOf(segment, '00620008'))).toEqual(Array(3).fill('SEMIAUTOMATIC'));
    expect(untouched.map((segment) => textOf(segment, '00620008'))).toEqual(Array(3).fill('AUTOMATIC'));
    expect(textOf(untouched[0]!, '00620009')).toMatch(/^unia-studio .* run-001$/);
    const types = untouched.map((segment) => textOf(itemOf(segment, '0062000F'), '00080100'));
    expect(types).toEqual(['53085002', '49848007', '87878005']);
  });

  it('writes uncertainty as probabilities in fractions of 255', async () => {
    const { directory, summary } = await built.export({ format: 'dicom-seg', settings: { uncertainty: true } });
    const path = summary.files.find((each) => each.path.endsWith('_uncertainty.dcm'))!.path;
    const file = accept(await openDicomFile(join(directory, path)));
    expect(textOf(file.dataset, '00620001')).toBe('FRACTIONAL');
    expect(textOf(file.dataset, '00620010')).toBe('PROBABILITY');
    const { values } = accept(await file.frame(0));
    const expected = Array.from({ length: HEART.data.length }, (_, i) => (255 * i) / HEART.data.length);
    expected.forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(0.6));
  });

  it('tells nothing of the patient unless asked, and gives the same bytes again', async () => {
    const [once, twice] = [await built.export({ format: 'dicom-seg' }), await built.export({ format: 'dicom-seg' })];
    for (const { path } of once.summary.files) {
      const bytes = await once.file(path);
      expect(bytes.includes('SECRET')).toBe(false);
      expect(await twice.file(path)).toEqual(bytes);
    }
    const named = await built.export({ format: 'dicom-seg', settings: { identity: true } });
    expect((await named.file(named.summary.files[0]!.path)).includes('SECRETNAME^P1')).toBe(true);
  });

  it('comes back as masks of the same images when both are imported', async () => {
    const { directory, summary } = await built.export({ format: 'dicom-seg' });
    const { cpSync } = await import('node:fs');
    const both = join(built.folder, 'both');
    cpSync(built.source, both, { recursive: true });
    for (const { path } of summary.files) cpSync(join(directory, path), join(both, path));
    await importDataset(both, join(built.folder, 'again'), { classes: ['RV', 'MYO', 'LV'] });
    const project = Project.open(join(built.folder, 'again'), 'read');
    const data = openImageData(project);
    for (const { id } of project.items) {
      const mask = (await data.truth(id)) ?? project.readLabelMap(id, REVIEWED);
      expect([...mask!.data]).toEqual([...HEART.data].map((label) => (label === 255 ? 0 : label)));
    }
    expect(project.items).toHaveLength(built.project.items.length);
    project.close();
  });

  it('is refused for images that did not come from DICOM', async () => {
    const pictures = await maskProject();
    await expect(pictures.export({ format: 'dicom-seg' })).rejects.toThrow('choose NIfTI label maps');
    await pictures.remove();
  });
});

describe('other volume formats of DICOM sources', () => {
  it('lie where the slices lie, on a header of their own', async () => {
    const { file, summary } = await built.export({ format: 'nifti' });
    const volume = built.project.volumes[0]!;
    expect(summary.files[0]!.path).toBe(`${volume.id}_seg.nii.gz`);
    const bytes = gunzipSync(await file(summary.files[0]!.path));
    const header = accept(parseNiftiHeader(bytes));
    expect(header).toMatchObject({ width: HEART.width, height: HEART.height, slices: 3, voxelType: 'uint8' });
    expect(header.geometry.spacing).toEqual({ x: 1.25, y: 1.5, z: 8 });
    header.geometry.affine.flat().forEach((value, i) => expect(value).toBeCloseTo(volume.affine!.flat()[i]!, 5));
    expect([...bytes.subarray(header.voxelOffset, header.voxelOffset + HEART.data.length)]).toEqual([...HEART.data]);
  });

  it('go to nnU-Net with their values, image and labels on one grid', async () => {
    const { file, summary } = await built.export({ format: 'nnunet' });
    expect(summary.checks.filter(({ level }) => level === 'error')).toEqual([]);
    const image = summary.files.find(({ path }) => path.includes('imagesTr'))!;
    const bytes = gunzipSync(await file(image.path));
    const header = accept(parseNiftiHeader(bytes));
    expect(header.voxelType).toBe('uint16');
    const size = HEART.data.length;
    const voxels = Uint8Array.from(bytes.subarray(header.voxelOffset));
    const last = new Uint16Array(voxels.buffer).subarray(2 * size);
    expect([...last]).toEqual(Array.from({ length: size }, (_, at) => 200 + at));
  });
});

describe('parts of DICOM-SEG', () => {
  it('have decimal strings of at most 16 characters, concepts with codes, and colours in CIELab', () => {
    expect(decimal(-0.12345678901234567)).toBe('-0.1234567890123');
    expect(decimal(1e-9 / 3)).toBe('3.3333333333e-10');
    expect(conceptOf('Tumour')).toEqual({
      type: { CodeValue: 'Tumour', CodingSchemeDesignator: '99UNIA', CodeMeaning: 'Tumour' },
      isKnown: false,
    });
    expect(cielabOf([255, 255, 255])).toEqual([65535, 32896, 32896]);
    expect(cielabOf([0, 0, 0])).toEqual([0, 32896, 32896]);
    // sRGB's red is 54.29, 80.81, 69.89 under D50; the matrix has four digits.
    const [lightness, a, b] = cielabOf([255, 0, 0]);
    expect(Math.abs((lightness / 65535) * 100 - 54.29)).toBeLessThan(0.05);
    expect(Math.abs((a / 65535) * 255 - 128 - 80.81)).toBeLessThan(0.05);
    expect(Math.abs((b / 65535) * 255 - 128 - 69.89)).toBeLessThan(0.05);
  });
});

/** Phase and place of each source image, as segmentations name them. */
async function sourceSlices(): Promise<Map<string, { phase: number; position: number[] }>> {
  const found = new Map<string, { phase: number; position: number[] }>();
  for (const name of readdirSync(built.source)) {
    const { dataset } = accept(await openDicomFile(join(built.source, name)));
    const place = vectorOf(dataset, '00200032', 3)!;
    const phase = textOf(dataset, '00181060') === '40' ? 1 : 0;
    const slice = Math.round((place[0]! - 10) / 4.8);
    found.set(`${textOf(dataset, '00080018')} 0`, { phase, position: position(slice) });
  }
  return found;
}

function accept<Value>(reading: Value | Refusal): Value {
  if (isRefusal(reading)) throw new Error(`expected ${reading.expected}, found ${reading.found}`);
  return reading;
}
