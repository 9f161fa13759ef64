// Which importer reads each export back, and how it is laid out for that; or why there is none.
import { cpSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { EXPORT_FORMATS, type ExportFormatName } from '../../src-core/datasets/formats/export-formats.ts';
import type { SettingValue } from '../../src-core/datasets/formats/export-options.ts';
import type { ImportFormat } from '../../src-core/datasets/import-formats.ts';
import type { Exporter } from './mask-project.ts';

/** One way of writing a format, and what is to come back of it. */
export interface RoundTrip {
  readonly title: string;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** The importer that recognises what was written. */
  readonly readBy: ImportFormat;
  /** What is exported: single pictures, NIfTI stacks, DICOM series. */
  readonly of: readonly ('pictures' | 'stacks' | 'series')[];
  /** Where this is so, but not of the format as a whole. */
  readonly losesIgnore?: boolean;
  readonly losesGeometry?: boolean;
  /** Label ids go no higher. */
  readonly most?: number;
  /** What goes beside the masks, for formats of masks alone. */
  readonly beside?: 'pictures' | 'volumes' | 'series';
}

const PICTURES = ['pictures'] as const;
const STACKS = ['stacks'] as const;

/** Every export format: its round trips, or the reason why nothing is read back. */
export const ROUND_TRIPS: Readonly<Record<ExportFormatName, readonly RoundTrip[] | string>> = {
  nnunet: [{ title: 'nnU-Net', settings: { folds: 1 }, readBy: 'nnunet', of: ['pictures', 'stacks', 'series'] }],
  nifti: [{ title: 'NIfTI label maps', readBy: 'nifti', of: STACKS, beside: 'volumes' }],
  png: [{ title: 'indexed PNG', readBy: 'images', of: PICTURES, beside: 'pictures' }],
  coco: [
    {
      title: 'COCO run lengths',
      settings: { segmentation: 'rle', objects: 'class' },
      readBy: 'coco',
      of: PICTURES,
    },
    { title: 'COCO polygons', settings: { segmentation: 'polygon', objects: 'part' }, readBy: 'coco', of: PICTURES },
  ],
  voc: [{ title: 'Pascal VOC', readBy: 'voc', of: PICTURES }],
  yolo: [{ title: 'YOLO', settings: { holes: 'join' }, readBy: 'yolo', of: PICTURES }],
  cityscapes: [{ title: 'Cityscapes', readBy: 'cityscapes', of: PICTURES, most: 64 }],
  cvat: [{ title: 'CVAT', readBy: 'cvat', of: PICTURES }],
  datumaro: [{ title: 'Datumaro', readBy: 'datumaro', of: PICTURES }],
  'label-studio': [{ title: 'Label Studio', readBy: 'label-studio', of: PICTURES }],
  mitk: [{ title: 'a task list of MITK', readBy: 'nifti', of: ['stacks', 'series'] }],
  hdf5: [
    {
      title: 'HDF5 of WSL4MIS',
      settings: { layout: 'wsl4mis' },
      readBy: 'hdf5',
      of: STACKS,
      losesGeometry: true,
    },
    {
      title: 'HDF5 of SSL4MIS',
      settings: { layout: 'ssl4mis' },
      readBy: 'hdf5',
      of: STACKS,
      losesGeometry: true,
      losesIgnore: true,
    },
  ],
  'dicom-seg': [{ title: 'DICOM-SEG', readBy: 'dicom', of: ['series'], beside: 'series' }],
  report: 'it is for people to read, and holds figures, not masks',
  onnx: 'it holds a network, not masks',
};

/** Importers that read nothing of ours, and why. */
export const ONLY_READ: Readonly<Partial<Record<ImportFormat, string>>> = {
  acdc: 'the challenge’s own layout; its masks leave as NIfTI or for nnU-Net',
  nrrd: 'masks of NRRD volumes leave as NIfTI, on the same grid',
  metaimage: 'masks of MetaImage volumes leave as NIfTI, on the same grid',
};

/** All round trips of one kind of project. */
export function roundTripsOf(kind: RoundTrip['of'][number]): (RoundTrip & { readonly format: ExportFormatName })[] {
  return Object.entries(ROUND_TRIPS).flatMap(([format, trips]) =>
    typeof trips === 'string'
      ? []
      : trips
          .filter((trip) => trip.of.includes(kind))
          // The keys are those of the record.
          .map((trip) => ({ ...trip, format: format as ExportFormatName })),
  );
}

/** Whether pixels that are not decided come back as such. */
export function keepsIgnore({
  format,
  losesIgnore = false,
}: {
  format: ExportFormatName;
  losesIgnore?: boolean;
}): boolean {
  return EXPORT_FORMATS[format].keepsIgnore && !losesIgnore;
}

/** Exports a project, and gives a folder for the importer: what was written, and beside it what it says nothing of. */
export async function writeAndLayOut(
  built: Exporter & { readonly folder: string; readonly source: string },
  { format, settings, beside }: RoundTrip & { readonly format: ExportFormatName },
  labels?: Readonly<Record<string, number>>,
): Promise<{ readonly source: string; readonly losses: readonly string[] }> {
  const { directory, summary } = await built.export({
    format,
    ...(settings && { settings }),
    ...(labels && { labels }),
  });
  const { losses } = summary;
  if (beside === undefined) return { source: directory, losses };
  const source = `${directory} with images`;
  mkdirSync(source);
  if (beside === 'pictures') {
    cpSync(directory, join(source, 'masks'), { recursive: true });
    renameSync(join(source, 'masks', 'labels.json'), join(source, 'labels.json'));
    cpSync(built.source, source, { recursive: true });
  } else {
    cpSync(directory, beside === 'series' ? join(source, 'segmentations') : source, { recursive: true });
    cpSync(built.source, source, { recursive: true });
  }
  return { source, losses };
}
