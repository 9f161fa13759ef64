// All formats that a project can be exported to, as plain data. There is no second list: the Export screen, `unia export --help`
// and the services are made from this one.
import type { ExportOption, SettingsFor } from './export-options.ts';

/** What a person is told of a format before choosing it. */
export interface ExportFormatFacts {
  /** As its users call it. */
  readonly title: string;
  /** One line: what is written, for whom. */
  readonly description: string;
  /** What the project must have: stored masks, masks over NIfTI volumes, masks over DICOM, or a trained run. */
  readonly needs: 'masks' | 'nifti' | 'dicom' | 'run';
  /** Whether pixels can be "not decided" (255, ignore); where not, they become background, and are counted. */
  readonly keepsIgnore: boolean;
  /** What the format cannot hold, in sentences; the plan of an export counts it. */
  readonly losses: readonly string[];
  readonly options: Readonly<Record<string, ExportOption>>;
}

const UNCERTAINTY = { kind: 'switch', title: 'Uncertainty maps beside the masks', default: false } as const;

const IMAGES = { kind: 'switch', title: 'The images as well', default: true } as const;
const IGNORED_LOST = 'Pixels that are not decided become background.';

export const EXPORT_FORMATS = {
  nifti: {
    title: 'NIfTI label maps',
    description: 'One label map a volume, on the geometry of its source byte for byte, for any medical imaging tool',
    needs: 'nifti',
    keepsIgnore: true,
    losses: [],
    options: { uncertainty: UNCERTAINTY },
  },
  png: {
    title: 'Indexed PNG',
    description: 'One mask an image; the index of a pixel is its label id, the palette shows it',
    needs: 'masks',
    keepsIgnore: true,
    losses: [],
    options: { uncertainty: UNCERTAINTY },
  },
  coco: {
    title: 'COCO',
    description:
      'Instances as run lengths or polygons, both exact, with images by split, for detection and segmentation toolkits',
    needs: 'masks',
    keepsIgnore: false,
    losses: [IGNORED_LOST],
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
