// A small whole source for every format of volumes, series and plain pictures, and what can be wrong with it.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ImportFormat } from '../../src-core/datasets/import-formats.ts';
import { encodeHdf5 } from '../../src-core/datasets/codecs/hdf5.ts';
import { dicomBytes, sliceElements } from './dicom-bytes.ts';
import { niftiBytes } from './nifti-file.ts';
import { put, writeAcdc } from './source-folders.ts';
import { META_LINES, metaImage, nrrd, NRRD_LINES, VALUES } from './volume-bytes.ts';
import {
  type Flaw,
  type ImporterSource,
  WIDTH,
  HEIGHT,
  MASK,
  PNG,
  LABELS,
  SMALL_LABELS,
  NAMES,
  putAll,
  inText,
  fileFlaws,
  PICTURE,
} from './importer-flaws.ts';

/** Two volumes with a mask each; the flaws that every such format can have. */
function volumes(ending: string, volume: Uint8Array, mask: Uint8Array, more: readonly Flaw[]): ImporterSource {
  return {
    write(source) {
      putAll(source, [`a.${ending}`, `b.${ending}`], volume);
      putAll(source, [`masks/a.${ending}`, `masks/b.${ending}`], mask);
    },
    items: 4,
    flaws: [...fileFlaws(`b.${ending}`, 2, new RegExp(`b\\.${ending.replaceAll('.', '\\.')}: expected`)), ...more],
  };
}

const MASK_VALUES = VALUES.map((_, at) => at % 2);
const stored = (values: readonly number[]): Buffer => Buffer.from(Int16Array.from(values).buffer);
const rawNrrd = (values: readonly number[]) => nrrd([...NRRD_LINES, 'encoding: raw'], stored(values));
const rawMeta = (values: readonly number[]) => metaImage([...META_LINES, 'ElementDataFile = LOCAL'], stored(values));
const nifti = (values: readonly number[], dims = [4, 3, 2]) => gzipSync(niftiBytes({ dims }, values));

const hdf5 = (): Promise<Uint8Array> => {
  const shape = [2, HEIGHT, WIDTH];
  const twice = [...MASK.data, ...MASK.data];
  return encodeHdf5({
    image: { shape, data: Float32Array.from(twice) },
    label: { shape, data: Uint8Array.from(twice) },
  });
};

const dicomSlice = (instance: number): Uint8Array =>
  dicomBytes(
    sliceElements({
      instance,
      position: [0, 0, instance * 8],
      width: 4,
      height: 3,
      values: VALUES.slice(0, 12).map(Math.abs),
    }),
  );

/** Formats of volumes, series and plain pictures. */
export const VOLUME_SOURCES = {
  nnunet: {
    write(source) {
      putAll(
        source,
        NAMES.map((name) => `imagesTr/${name}_0000.png`),
        PNG,
      );
      putAll(
        source,
        NAMES.map((name) => `labelsTr/${name}.png`),
        LABELS,
      );
      put(
        source,
        'dataset.json',
        '{"channel_names":{"0":"x"},"labels":{"background":0,"cat":1,"dog":2},"numTraining":3,"file_ending":".png"}',
      );
    },
    items: 3,
    flaws: [
      ...fileFlaws('imagesTr/c_0000.png', 2, PICTURE),
      {
        title: 'two labels clash',
        spoil: inText('dataset.json', '"dog":2', '"dog":1'),
        told: /dataset\.json: expected labels\.dog: a value of its own, found 1, which is cat/,
        items: 3,
      },
      {
        title: 'a mask has another size',
        spoil: (source) => put(source, 'labelsTr/b.png', SMALL_LABELS),
        told: /labelsTr\/b\.png: expected a mask of the image's size, 8 x 6, found 4 x 4/,
        items: 3,
      },
    ],
  },
  acdc: {
    write: (source) => writeAcdc(source, ['patient001', 'patient002']),
    items: 16,
    flaws: [
      ...fileFlaws('patient001/patient001_frame01.nii.gz', 12, /patient001_frame01\.nii\.gz: expected/),
      {
        title: 'a patient comes twice',
        spoil: (source) => writeAcdc(join(source, 'testing'), ['patient001']),
        told: /testing\/patient001: expected one folder for patient001|patient001: expected one folder for patient001/,
        items: 16,
      },
      {
        title: 'a mask has another size',
        spoil: (source) => put(source, 'patient001/patient001_frame01_gt.nii.gz', nifti(VALUES)),
        told: /frame01_gt\.nii\.gz: expected a mask of the image's size, 12 x 10 x 4, found 4 x 3 x 2/,
        items: 16,
      },
    ],
  },
  dicom: {
    write(source) {
      for (const instance of [1, 2, 3]) put(source, `IM${instance}.dcm`, dicomSlice(instance));
      put(source, 'tags.csv', 'file,label\nIM1.dcm,LV\nIM2.dcm,none\n');
    },
    items: 3,
    flaws: [
      ...fileFlaws('IM3.dcm', 2, /IM3\.dcm: expected/),
      {
        title: 'an image comes twice',
        spoil: (source) => put(source, 'IM4.dcm', dicomSlice(1)),
        told: /IM4\.dcm: expected each image once, found a copy of IM1\.dcm/,
        items: 3,
      },
      {
        title: 'a table names what is elsewhere',
        spoil: inText('tags.csv', 'IM2.dcm', '../../etc/passwd'),
        told: /tags\.csv: expected line 3 to name a volume/,
        items: 3,
      },
    ],
  },
  hdf5: {
    async write(source) {
      putAll(source, ['a.h5', 'b.h5'], await hdf5());
    },
    items: 4,
    flaws: fileFlaws('b.h5', 2, /b\.h5: expected/),
  },
  nifti: volumes('nii.gz', nifti(VALUES), nifti(MASK_VALUES), [
    {
      title: 'a name comes twice',
      spoil: (source) => put(source, 'b.nii', niftiBytes({ dims: [4, 3, 2] }, VALUES)),
      told: /b\.nii(?:\.gz)?: expected a name that no other file of the source gives/,
      items: 4,
    },
    {
      title: 'a mask has another size',
      spoil: (source) => put(source, 'masks/b.nii.gz', nifti(MASK_VALUES, [3, 4, 2])),
      told: /masks\/b\.nii\.gz: expected a mask of the image's size/,
      items: 4,
    },
    {
      title: 'a size is without end',
      spoil: (source) => put(source, 'b.nii.gz', nifti(VALUES, [32000, 32000, 900])),
      told: /b\.nii\.gz: expected a volume of less than 2 GiB/,
      items: 2,
    },
  ]),
  nrrd: volumes('nrrd', rawNrrd(VALUES), rawNrrd(MASK_VALUES), [
    {
      title: 'its data lies elsewhere',
      spoil: (source) => put(source, 'c.nhdr', nrrd([...NRRD_LINES, 'encoding: raw', 'data file: ../../etc/passwd'])),
      told: /c\.nhdr: expected a data file in the same folder/,
      items: 4,
    },
    {
      title: 'its data is a link that leads out',
      spoil(source) {
        put(source, 'c.nhdr', nrrd([...NRRD_LINES, 'encoding: raw', 'data file: c.raw']));
        put(join(source, '..'), 'secret.raw', stored(VALUES));
        symlinkSync(join(source, '..', 'secret.raw'), join(source, 'c.raw'));
      },
      told: /c\.nhdr: expected a data file in the same folder, found "c\.raw"/,
      items: 4,
    },
    {
      title: 'a size is without end',
      spoil: (source) =>
        put(
          source,
          'b.nrrd',
          nrrd([...NRRD_LINES.map((line) => line.replace('4 3 2', '40000 40000 400')), 'encoding: raw']),
        ),
      told: /b\.nrrd: expected a volume of less than 2 GiB/,
      items: 2,
    },
  ]),
  metaimage: volumes('mha', rawMeta(VALUES), rawMeta(MASK_VALUES), [
    {
      title: 'its data lies elsewhere',
      spoil: (source) => put(source, 'c.mhd', metaImage([...META_LINES, 'ElementDataFile = /etc/passwd'])),
      told: /c\.mhd: expected a data file in the same folder, found "\/etc\/passwd"/,
      items: 4,
    },
    {
      title: 'a size is without end',
      spoil: (source) =>
        put(
          source,
          'b.mha',
          metaImage([...META_LINES.map((line) => line.replace('4 3 2', '40000 40000 400')), 'ElementDataFile = LOCAL']),
        ),
      told: /b\.mha: expected a volume of less than 2 GiB/,
      items: 2,
    },
  ]),
  images: {
    write(source) {
      putAll(
        source,
        NAMES.map((name) => `${name}.png`),
        PNG,
      );
      put(source, 'labels.csv', 'file,label\na.png,cat\nb.png,dog\nc.png,none\n');
      putAll(
        source,
        NAMES.map((name) => `masks/${name}.png`),
        LABELS,
      );
    },
    items: 3,
    flaws: [
      ...fileFlaws('c.png', 2, PICTURE),
      {
        title: 'a row names what is elsewhere',
        spoil: inText('labels.csv', 'c.png', '/etc/passwd.png'),
        told: /labels\.csv: expected line 4 to name an image of the source, \/etc\/passwd\.png, found no such image/,
        items: 3,
      },
      {
        title: 'a mask has another size',
        spoil: (source) => put(source, 'masks/b.png', SMALL_LABELS),
        told: /masks\/b\.png: expected a mask of the image's size, 8 x 6, found 4 x 4/,
        items: 3,
      },
    ],
  },
} as const satisfies Partial<Record<ImportFormat, ImporterSource>>;
