import { t, type MessageKey } from '../../i18n/index.svelte.ts';

const NAMES: Readonly<Record<string, MessageKey>> = {
  acdc: 'import:isAcdc',
  dicom: 'import:isDicom',
  nifti: 'import:isNifti',
  nrrd: 'import:isNrrd',
  metaimage: 'import:isMetaimage',
  images: 'import:isImages',
};

/** A format in the person's words; one that is called the same everywhere keeps its name. */
export function formatName(format: string): string {
  const key = NAMES[format];
  return key ? t(key) : format;
}
