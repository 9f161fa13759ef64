// Exports as the libraries of other programs read them. Each block is skipped where its library is not at hand.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dicomProject } from '../../../support/dicom-project.ts';
import { maskProject, type MaskProject } from '../../../support/mask-project.ts';
import { askPython, noPython } from '../../../support/python.ts';
import { HEART, SLICES, volumeProject, type VolumeProject } from '../../../support/volume-project.ts';

interface Measured {
  readonly area: number;
  readonly bbox: readonly number[];
}
interface CocoAnnotation {
  readonly image: string;
  readonly category: string;
  readonly shape: readonly [number, number];
  readonly pixels: readonly number[];
  readonly stated: Measured;
  readonly decoded: Measured;
}
interface NiftiFile {
  readonly shape: readonly number[];
  readonly type: string;
  readonly affine: readonly number[];
  readonly zooms: readonly number[];
  readonly place: Readonly<Record<string, readonly number[]>>;
  readonly values: readonly number[];
}
interface SegmentationFile {
  readonly class: string;
  readonly type: string;
  readonly maximum: number;
  readonly segments: readonly (readonly [number, string, string])[];
  readonly frames: readonly {
    readonly segment: number;
    readonly position: readonly number[];
    readonly image: string;
    readonly pixels: readonly number[];
  }[];
}
interface Hdf5File {
  readonly [name: string]: {
    readonly shape: readonly number[];
    readonly type: string;
    readonly values: readonly number[];
  };
}
interface Picture {
  readonly mode: string;
  readonly values: readonly number[];
  readonly colours: Readonly<Record<string, readonly number[]>>;
}

const undecided = [...HEART.data];
const decided = undecided.map((label) => (label === 255 ? 0 : label));
const volumeOf = (slice: readonly number[]): number[] => Array.from({ length: SLICES }, () => slice).flat();

let pictures: MaskProject;
let volumes: VolumeProject;
beforeAll(async () => {
  [pictures, volumes] = await Promise.all([maskProject(), volumeProject()]);
});
afterAll(() => Promise.all([pictures.remove(), volumes.remove()]));

describe.skipIf(noPython('pycocotools'))('pycocotools', () => {
  it.each([
    { segmentation: 'rle', objects: 'class' },
    { segmentation: 'rle', objects: 'part' },
    { segmentation: 'polygon', objects: 'class' },
    { segmentation: 'polygon', objects: 'part' },
  ])('decodes $segmentation of each $objects to our masks, areas and boxes', async (settings) => {
    const { directory, summary } = await pictures.export({ format: 'coco', settings });
    const files = summary.files.filter(({ path }) => path.endsWith('.json'));
    const found = await askPython<CocoAnnotation[]>(
      'read_coco',
      files.map(({ path }) => join(directory, path)),
    );
    for (const { decoded, stated } of found) expect(stated).toEqual(decoded);
    for (const { id, width, height } of pictures.project.items) {
      const labels = new Array<number>(width * height).fill(0);
      for (const { category, shape, pixels } of found.filter(({ image }) => image === id)) {
        expect(shape).toEqual([height, width]);
        pixels.forEach((inside, at) => inside === 1 && (labels[at] = category === 'cat' ? 1 : 2));
      }
      expect(labels).toEqual([...pictures.stored(id).data].map((label) => (label === 255 ? 0 : label)));
    }
  });
});

describe.skipIf(noPython('nibabel'))('nibabel', () => {
  it('finds label maps where their source is, field for field, and our labels in them', async () => {
    const { directory } = await volumes.export({ format: 'nifti' });
    const found = await askPython<NiftiFile[]>(
      'read_nifti',
      readdirSync(volumes.source).flatMap((patient) => [
        join(volumes.source, patient, `${patient}_4d.nii`),
        join(directory, `${patient}_frame02_seg.nii.gz`),
      ]),
    );
    expect(found).toHaveLength(8);
    for (const [source, map] of inGroups(found, 2)) {
      expect(map).toMatchObject({ shape: source!.shape.slice(0, 3), type: 'uint8', affine: source!.affine });
      expect(map!.place).toEqual(source!.place);
      expect(map!.values).toEqual(volumeOf(undecided));
    }
  });

  it('finds nnU-Net’s images and labels on one grid, images with the values of their phase', async () => {
    const { directory } = await volumes.export({ format: 'nnunet' });
    const raw = join(directory, 'nnUNet_raw/Dataset501_UniA');
    const found = await askPython<NiftiFile[]>(
      'read_nifti',
      ['p1', 'p2', 'p3'].flatMap((patient) => [
        join(volumes.source, patient, `${patient}_4d.nii`),
        join(raw, 'imagesTr', `${patient}_frame02_0000.nii.gz`),
        join(raw, 'labelsTr', `${patient}_frame02.nii.gz`),
      ]),
    );
    expect(found).toHaveLength(9);
    for (const [source, image, label] of inGroups(found, 3)) {
      const { affine, shape, zooms, values } = source!;
      const geometry = { shape: shape.slice(0, 3), affine, zooms: zooms.slice(0, 3) };
      expect(image).toMatchObject(geometry);
      expect(label).toMatchObject(geometry);
      expect(image!.values).toEqual(values.slice(values.length / 2));
      expect(label!.values).toEqual(volumeOf(undecided.map((id) => (id === 255 ? 4 : id))));
    }
  });
});

describe.skipIf(noPython('pydicom'))('pydicom', () => {
  it('finds each class on the image that it was drawn on, and probabilities as fractions', async () => {
    const built = await dicomProject();
    const { directory, summary } = await built.export({ format: 'dicom-seg', settings: { uncertainty: true } });
    const sources = readdirSync(built.source).map((name) => join(built.source, name));
    const places = await askPython<Record<string, number[]>>('read_dicom_images', sources);
    const found = await askPython<SegmentationFile[]>(
      'read_dicom',
      summary.files.map(({ path }) => join(directory, path)),
    );
    expect(found.map(({ type }) => type).sort()).toEqual(['BINARY', 'BINARY', 'FRACTIONAL', 'FRACTIONAL']);
    for (const { class: sopClass, type, segments, frames, maximum } of found) {
      expect(sopClass).toBe('Segmentation Storage');
      for (const { position, image } of frames) expect(position).toEqual(places[image]);
      if (type === 'BINARY') {
        expect(segments).toEqual([1, 2, 3].map((id) => [id, ['RV', 'MYO', 'LV'][id - 1], 'AUTOMATIC']));
        expect(frames).toHaveLength(3 * SLICES);
        for (const { segment, pixels } of frames) {
          expect(pixels).toEqual(undecided.map((label) => (label === segment ? 1 : 0)));
        }
      } else {
        expect(frames).toHaveLength(SLICES);
        const uncertainty = undecided.map((_, at) => at / undecided.length);
        for (const { pixels } of frames) {
          pixels.forEach((value, at) => expect(Math.abs(value / maximum - uncertainty[at]!)).toBeLessThan(1 / maximum));
        }
      }
    }
    await built.remove();
  });
});

describe.skipIf(noPython('h5py'))('h5py', () => {
  it('finds image, label and scribble in slices and volumes', async () => {
    const { directory } = await volumes.export({ format: 'hdf5' });
    const [slice, volume] = (await askPython<Hdf5File[]>('read_hdf5', [
      join(directory, 'ACDC_training_slices/p1_frame01_slice_0.h5'),
      join(directory, 'ACDC_training_volumes/p1_frame01.h5'),
    ])) as [Hdf5File, Hdf5File];
    const shape = [HEART.height, HEART.width];
    const scribble = undecided.map((label) => (label === 255 ? 4 : label));
    expect(slice['image']).toMatchObject({ shape, type: 'float32' });
    expect(slice['label']).toMatchObject({ shape, values: decided });
    expect(slice['scribble']).toMatchObject({ shape, values: scribble });
    expect(volume['label']).toMatchObject({ shape: [SLICES, ...shape], values: volumeOf(decided) });
    expect(volume['scribble']!.values).toEqual(volumeOf(scribble));
  });
});

describe.skipIf(noPython('PIL'))('Pillow', () => {
  it('finds the label ids as indices of a palette, 255 as void, class colours beside them', async () => {
    const { directory, summary } = await pictures.export({ format: 'voc' });
    const masks = summary.files.filter(({ path }) => path.startsWith('SegmentationClass/'));
    const found = await askPython<Picture[]>(
      'read_pictures',
      masks.map(({ path }) => join(directory, path)),
    );
    const stored = pictures.project.items.map(({ id }) => [...pictures.stored(id).data]);
    expect(found.map(({ mode }) => mode)).toEqual(stored.map(() => 'P'));
    expect(found.map(({ values }) => values)).toEqual(stored);
    const colours = Object.assign({}, ...found.map((picture) => picture.colours)) as Picture['colours'];
    // The colours that PASCAL VOC gives to its classes 0, 1, 2 and void.
    expect(colours).toEqual({ 0: [0, 0, 0], 1: [128, 0, 0], 2: [0, 128, 0], 255: [224, 224, 192] });
  });

  it('finds the same indices in plain palette PNG, and grey ids in nnU-Net’s pictures', async () => {
    const png = await pictures.export({ format: 'png' });
    const maps = png.summary.files.filter(({ path }) => path.endsWith('.png'));
    const found = await askPython<Picture[]>(
      'read_pictures',
      maps.map(({ path }) => join(png.directory, path)),
    );
    const stored = pictures.project.items.map(({ id }) => [...pictures.stored(id).data]);
    expect(found.map(({ mode, values }) => ({ mode, values }))).toEqual(
      stored.map((values) => ({ mode: 'P', values })),
    );
    const nnunet = await pictures.export({ format: 'nnunet' });
    const labels = nnunet.summary.files.filter(({ path }) => path.includes('/labelsT'));
    const grey = await askPython<Picture[]>(
      'read_pictures',
      labels.map(({ path }) => join(nnunet.directory, path)),
    );
    const ids = stored.map((values) => values.map((id) => (id === 255 ? 3 : id)));
    expect(grey.map(({ mode, values }) => ({ mode, values }))).toEqual(ids.map((values) => ({ mode: 'L', values })));
  });
});

function inGroups<Value>(values: readonly Value[], size: number): Value[][] {
  return Array.from({ length: values.length / size }, (_, group) => values.slice(size * group, size * (group + 1)));
}
