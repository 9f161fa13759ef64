import type { ImportFormat } from '../../../src-core/datasets/import-formats.ts';
import { t, type MessageKey } from '../../i18n/index.svelte.ts';

/** Formats that are words; the others are called the same everywhere. */
const WORDS: Readonly<Partial<Record<ImportFormat, MessageKey>>> = {
  acdc: 'import:isAcdc',
  dicom: 'import:isDicom',
  hdf5: 'import:isHdf5',
  nifti: 'import:isNifti',
  nrrd: 'import:isNrrd',
  metaimage: 'import:isMetaimage',
  images: 'import:isImages',
};

const NAMES: Readonly<Partial<Record<ImportFormat, string>>> = {
  nnunet: 'nnU-Net',
  coco: 'COCO',
  voc: 'Pascal VOC',
  yolo: 'YOLO',
  cityscapes: 'Cityscapes',
  cvat: 'CVAT',
  datumaro: 'Datumaro',
  'label-studio': 'Label Studio',
};

/** A format in the person's words. */
export function formatName(format: string): string {
  // Reports name formats of the registry.
  const known = format as ImportFormat;
  const word = WORDS[known];
  return word ? t(word) : (NAMES[known] ?? format);
}
