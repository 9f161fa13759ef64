// All formats that a project can be exported to, as plain data. There is no second list: the Export screen, `unia export --help`
// and the services are made from this one.
import type { ExportOption, SettingsFor } from './export-options.ts';

/** What a person is told of a format before choosing it. */
export interface ExportFormatFacts {
  /** As its users call it. */
  readonly title: string;
  /** One line: what is written, for whom. */
  readonly description: string;
  /** What the project must have: stored masks, masks of volumes, masks over DICOM, or a trained run. */
  readonly needs: 'masks' | 'volumes' | 'dicom' | 'run';
  /** Whether pixels can be "not decided" (255, ignore); where not, they become background, and are counted. */
  readonly keepsIgnore: boolean;
  /** What the format cannot hold, in sentences; the plan of an export counts it. */
  readonly losses: readonly string[];
  readonly options: Readonly<Record<string, ExportOption>>;
}

const UNCERTAINTY = { kind: 'switch', title: 'Uncertainty maps beside the masks', default: false } as const;

const IMAGES = { kind: 'switch', title: 'The images as well', default: true } as const;
/** Of slices of volumes as pictures. */
const PLACE_LOST = 'Voxel size and orientation of volumes.';
const IGNORED_LOST = 'Pixels that are not decided become background.';

export const EXPORT_FORMATS = {
  nnunet: {
    title: 'nnU-Net v2',
    description:
      'A raw dataset with folds by patient, checked as nnU-Net checks it; undecided pixels are its ignore label',
    needs: 'masks',
    keepsIgnore: true,
    losses: [],
    options: {
      dataset: { kind: 'number', title: 'Dataset number', least: 1, most: 999, whole: true, default: 501 },
      name: { kind: 'text', title: 'Dataset name', default: 'UniA' },
      channel: { kind: 'text', title: 'What the images are ("CT" is normalised differently)', default: 'image' },
      folds: {
        kind: 'number',
        title: 'Folds by patient; 1 takes the project’s own validation images',
        least: 1,
        most: 20,
        whole: true,
        default: 5,
      },
    },
  },
  nifti: {
    title: 'NIfTI label maps',
    description:
      'One label map a volume, on the geometry of its source (of a NIfTI byte for byte), for any medical imaging tool',
    needs: 'volumes',
    keepsIgnore: true,
    losses: [],
    options: {
      phases: {
        kind: 'choice',
        title: 'Phases of a 4-D recording',
        choices: { separate: 'a 3-D file each', together: 'one 4-D file' },
        default: 'separate',
      },
      uncertainty: UNCERTAINTY,
    },
  },
  png: {
    title: 'Indexed PNG',
    description: 'One mask an image; the index of a pixel is its label id, the palette shows it',
    needs: 'masks',
    keepsIgnore: true,
    losses: [PLACE_LOST],
    options: { uncertainty: UNCERTAINTY },
  },
  coco: {
    title: 'COCO',
    description:
      'Instances as run lengths or polygons, both exact, with images by split, for detection and segmentation toolkits',
    needs: 'masks',
    keepsIgnore: false,
    losses: [PLACE_LOST, IGNORED_LOST],
    options: {
      segmentation: {
        kind: 'choice',
        title: 'Masks as',
        choices: { rle: 'run lengths', polygon: 'polygons along the edges of pixels' },
        default: 'rle',
      },
      objects: {
        kind: 'choice',
        title: 'One object for each',
        choices: { class: 'class in an image', part: 'connected part' },
        default: 'class',
      },
      images: IMAGES,
    },
  },
  voc: {
    title: 'Pascal VOC',
    description: 'Palette masks of classes and objects, 255 as void, with image sets and labelmap.txt',
    needs: 'masks',
    keepsIgnore: true,
    losses: [PLACE_LOST, 'Objects beyond the 254th of an image are not told apart.'],
    options: {
      objects: { kind: 'switch', title: 'Objects: SegmentationObject and Annotations', default: true },
      images: IMAGES,
    },
  },
  yolo: {
    title: 'YOLO segmentation',
    description: 'One text file of polygons an image, images by split, and data.yaml, for Ultralytics',
    needs: 'masks',
    keepsIgnore: false,
    losses: [
      PLACE_LOST,
      'Every part of a mask is an object of its own.',
      'A hole is a slit to the outside, or filled.',
      IGNORED_LOST,
    ],
    options: {
      holes: {
        kind: 'choice',
        title: 'Holes',
        choices: { join: 'joined to the outside by a slit', fill: 'filled' },
        default: 'join',
      },
      images: IMAGES,
    },
  },
  cityscapes: {
    title: 'Cityscapes',
    description: 'labelIds, instanceIds, colours and polygons beside leftImg8bit, by split and patient',
    needs: 'masks',
    keepsIgnore: true,
    losses: [
      PLACE_LOST,
      'In polygons and instances every part is an object of its own, and a hole is a slit to the outside.',
    ],
    options: { images: IMAGES },
  },
  cvat: {
    title: 'CVAT for images 1.1',
    description: 'annotations.xml with masks, marked as automatic, semi-automatic or manual, beside the images',
    needs: 'masks',
    keepsIgnore: false,
    losses: [PLACE_LOST, IGNORED_LOST],
    options: { images: IMAGES },
  },
  datumaro: {
    title: 'Datumaro',
    description: 'Datumaro’s own JSON with masks as run lengths, from which it converts to other formats',
    needs: 'masks',
    keepsIgnore: false,
    losses: [PLACE_LOST, IGNORED_LOST],
    options: { images: IMAGES },
  },
  'label-studio': {
    title: 'Label Studio',
    description: 'Tasks with brush masks: reviewed ones as annotations, others as predictions with scores',
    needs: 'masks',
    keepsIgnore: false,
    losses: [PLACE_LOST, IGNORED_LOST],
    options: {
      imageRoot: {
        kind: 'text',
        title: 'Where Label Studio finds the images',
        default: '/data/local-files/?d=',
      },
      images: IMAGES,
    },
  },
  mitk: {
    title: 'MITK task list',
    description: 'tasks.json for MITK with images and masks as NIfTI, to go on segmenting there',
    needs: 'volumes',
    keepsIgnore: true,
    losses: [],
    options: { name: { kind: 'text', title: 'Name of the task list', default: 'UniA' } },
  },
  hdf5: {
    title: 'HDF5 for SSL4MIS and WSL4MIS',
    description:
      'Slices and volumes with image and label, and scribble with undecided pixels, as these projects train on them',
    needs: 'masks',
    keepsIgnore: true,
    losses: [PLACE_LOST, 'In label undecided pixels become background; scribble keeps them.'],
    options: {
      layout: {
        kind: 'choice',
        title: 'Layout',
        choices: { wsl4mis: 'WSL4MIS, with scribble', ssl4mis: 'SSL4MIS, with lists of cases' },
        default: 'wsl4mis',
      },
    },
  },
  'dicom-seg': {
    title: 'DICOM-SEG',
    description:
      'One segmentation a series and phase, with coded concepts, frames tied to the source images, for PACS and OHIF',
    needs: 'dicom',
    keepsIgnore: false,
    losses: [IGNORED_LOST],
    options: {
      uncertainty: UNCERTAINTY,
      identity: { kind: 'switch', title: 'Patient’s name and number from the source', default: false },
    },
  },
  report: {
    title: 'CSV and HTML report',
    description:
      'A page for any browser or printer, and tables as CSV: measures of every case and image, who drew what, the audit trail',
    needs: 'masks',
    keepsIgnore: true,
    losses: [],
    options: {
      title: { kind: 'text', title: 'Title of the report', default: 'Segmentation report' },
      audit: { kind: 'switch', title: 'The audit trail, with the names of annotators', default: true },
    },
  },
  onnx: {
    title: 'ONNX network',
    description: 'The trained network with its weights and a card that says how to feed it',
    needs: 'run',
    keepsIgnore: false,
    losses: [],
    options: {
      batch: { kind: 'number', title: 'Images at once', least: 1, most: 1024, whole: true, default: 1 },
    },
  },
} as const satisfies Readonly<Record<string, ExportFormatFacts>>;

export type ExportFormatName = keyof typeof EXPORT_FORMATS;

/** Options of a format, checked and complete. */
export type ExportSettings<Name extends ExportFormatName> = SettingsFor<(typeof EXPORT_FORMATS)[Name]['options']>;

/** All names, in the order they are offered. */
// The keys of an object literal are all there is.
export const EXPORT_FORMAT_NAMES = Object.keys(EXPORT_FORMATS) as readonly ExportFormatName[];

/** The format of a name; throws where there is none. */
export function exportFormatName(name: string): ExportFormatName {
  const found = EXPORT_FORMAT_NAMES.find((known) => known === name);
  if (found === undefined) throw new Error(`format: expected one of ${EXPORT_FORMAT_NAMES.join(', ')}, got "${name}"`);
  return found;
}
