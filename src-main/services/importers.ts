// The input formats, and which of them a folder is in.
import { counted } from '../../src-core/datasets/counted.ts';
import { acdcImporter } from '../../src-core/datasets/acdc.ts';
import { imageFolderImporter } from '../../src-core/datasets/image-folder.ts';
import { cityscapesImporter } from '../../src-core/datasets/annotations/cityscapes.ts';
import { cocoImporter } from '../../src-core/datasets/annotations/coco.ts';
import { cvatImporter } from '../../src-core/datasets/annotations/cvat.ts';
import { datumaroImporter } from '../../src-core/datasets/annotations/datumaro.ts';
import { labelStudioImporter } from '../../src-core/datasets/annotations/label-studio.ts';
import { vocImporter } from '../../src-core/datasets/annotations/voc.ts';
import { yoloImporter } from '../../src-core/datasets/annotations/yolo.ts';
import { hdf5FolderImporter } from '../../src-core/datasets/hdf5-folder.ts';
import { nnunetImporter } from '../../src-core/datasets/nnunet-folder.ts';
import { dicomImporter } from '../../src-core/datasets/dicom-folder.ts';
import type { DatasetFiles, Detection, Importer } from '../../src-core/datasets/importer.ts';
import {
  metaImageFolderImporter,
  niftiFolderImporter,
  nrrdFolderImporter,
} from '../../src-core/datasets/volume-folder.ts';

/** Importers that `format` may name. */
export const IMPORTERS: readonly Importer[] = [
  acdcImporter,
  dicomImporter,
  nnunetImporter,
  cocoImporter,
  vocImporter,
  yoloImporter,
  cityscapesImporter,
  cvatImporter,
  datumaroImporter,
  labelStudioImporter,
  hdf5FolderImporter,
  niftiFolderImporter,
  nrrdFolderImporter,
  metaImageFolderImporter,
  imageFolderImporter,
];

/** How sure an importer is of a folder. */
export interface FormatDetection extends Detection {
  readonly format: string;
}

/** The importer of a folder, and how sure each of them is, the surest first. */
export interface ChosenImporter {
  readonly importer: Importer;
  readonly why: string;
  readonly detected: readonly FormatDetection[];
}

/** A source that no importer knows. */
export class UnknownFormatError extends Error {
  readonly files: number;
  /** Why each importer does not know it. */
  readonly detected: readonly FormatDetection[];
  /** The first link that leads out of it and was not followed. */
  readonly link: string | undefined;

  constructor(root: string, files: number, detected: readonly FormatDetection[], link: string | undefined) {
    const reasons = detected.map(({ format, why }) => `\n  ${format}: ${why}`).join('');
    const refused = link === undefined ? '' : `\n  ${link}: expected ${INSIDE}, found ${LINK_OUT}`;
    super(`${root}: ${counted(files, 'file')}, in no format known here${reasons}${refused}`);
    this.name = 'UnknownFormatError';
    this.files = files;
    this.detected = detected;
    this.link = link;
  }
}

/** What was expected and found where a link is not followed. */
export const INSIDE = 'a file inside the source folder, unless links are followed';
export const LINK_OUT = 'a link that leads out of it';

/** Chooses the surest importer, or the one asked for. Throws, with the reasons of all, where none knows the folder. */
export async function chooseImporter(
  files: DatasetFiles,
  root: string,
  format: string | undefined,
  linksOut: readonly string[],
): Promise<ChosenImporter> {
  const listed = await files.list();
  const all: (Detection & { importer: Importer })[] = [];
  for (const importer of IMPORTERS) all.push({ importer, ...(await importer.detect(listed, files)) });
  all.sort((a, b) => b.confidence - a.confidence);
  const detected = all.map(({ importer, confidence, why }) => ({ format: importer.format, confidence, why }));
  if (format !== undefined) {
    const asked = IMPORTERS.find((candidate) => candidate.format === format);
    if (asked) return { importer: asked, why: 'asked for', detected };
    throw new Error(`format: expected one of ${IMPORTERS.map((each) => each.format).join(', ')}, got "${format}"`);
  }
  const [best] = all;
  if (best && best.confidence > 0) return { importer: best.importer, why: best.why, detected };
  throw new UnknownFormatError(root, listed.length, detected, linksOut[0]);
}
