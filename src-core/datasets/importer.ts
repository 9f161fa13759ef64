// The one interface of all importers: look at a folder through a file port, say how sure you are that it is
// yours and why, then list everything found and everything refused. Nothing here writes.
import type { DicomDataset } from '../imaging/dicom-elements.ts';
import type { DicomHeader } from '../imaging/dicom-header.ts';
import type { IntensityRange } from '../imaging/normalise.ts';
import type { Affine, Spacing } from '../imaging/nifti-geometry.ts';
import type { Refusal } from '../imaging/refusal.ts';
import type { VolumeHeader } from '../imaging/volume-header.ts';
import type { PlaneValues } from '../imaging/voxels.ts';
import type { StackFile } from './codecs/hdf5-stacks.ts';
import type { DerivedTag, TagOptions } from './derive-tags.ts';
import type { ImportFormat } from './import-formats.ts';
import type { Split } from './split.ts';

/** A file of the source folder; `path` is relative to it, with forward slashes. */
export interface FileEntry {
  readonly path: string;
  readonly size: number;
}

/** An uncompressed view of a volume file. */
export interface VolumeFile {
  readonly header: VolumeHeader;
  /** Stored bytes of one phase, `phaseBytes(header)` of them. */
  phase(index: number): Promise<Uint8Array | Refusal>;
}

/** A DICOM file, parsed. */
export interface DicomFile {
  readonly dataset: DicomDataset;
  /** Header of an image; a refusal for other objects. */
  readonly header: DicomHeader | Refusal;
  /** Values of one frame, from 0. */
  frame(index: number): Promise<PlaneValues | Refusal>;
}

/** The pages of an image file that has several. */
export interface RasterPages {
  readonly count: number;
  /** Whether they lie beside each other, as slices do, or come after each other, as moments do. */
  readonly follow: 'space' | 'time';
}

/** Pixels of a decoded PNG, JPEG, TIFF, WebP or GIF: upright, alpha over black, rows first, channels interleaved. */
export interface RasterImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly values: Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array;
  /** Absent where the file is one image. */
  readonly pages?: RasterPages;
}

/** What a source says about persons, and what of it the project keeps. */
export interface PrivacySummary {
  /** Elements that may identify a person and were left out, with the number of files that held each. */
  readonly dropped: readonly { readonly name: string; readonly files: number }[];
  /** Whether patients go by numbers or by their own identifiers. */
  readonly patients: 'numbered' | 'kept';
  /**
   * Files whose folder or own name holds the name or number of their patient. Paths are kept, to find the files again, so these tell who
   * it is.
   */
  readonly inPaths: number;
  /** Files that say that text is part of their pixels. */
  readonly burnedIn: number;
}

/** What importers read through. Paths are those of `list`. */
export interface DatasetFiles {
  /** The source as a person names it, such as the path of its folder. */
  readonly place: string;
  list(): Promise<readonly FileEntry[]>;
  readText(path: string): Promise<string>;
  /** The first bytes of a file as text, to recognise what it is; empty where it cannot be read. */
  readStart(path: string, bytes: number): Promise<string>;
  /** Rows and cells of a CSV, TSV or JSON file; the delimiter is detected. */
  readRows(path: string): Promise<readonly (readonly string[])[] | Refusal>;
  /** Opens a NIfTI, NRRD or MetaImage file. */
  readVolume(path: string): Promise<VolumeFile | Refusal>;
  /** Whether a file begins as DICOM files do. */
  isDicom(path: string): Promise<boolean>;
  readDicom(path: string): Promise<DicomFile | Refusal>;
  /** Opens an HDF5 file of slices. */
  readStacks(path: string): Promise<StackFile | Refusal>;
  /** Decodes an image, or one page of it, from 0. */
  readRaster(path: string, page?: number): Promise<RasterImage | Refusal>;
  /** Label ids of a mask image: palette indices where it has a palette, grey values otherwise. */
  readMask(path: string, page?: number): Promise<RasterImage | Refusal>;
}

/** What a person may ask of an import. Absent fields are detected. */
export interface ScanOptions {
  /** Classes to keep, in this order; every class found when absent. Others become background. */
  readonly classes?: readonly string[];
  /** Names of the values in masks, where the format does not fix them or the file disagrees with it. */
  readonly labelNames?: Readonly<Record<number, string>>;
  /** Table of tags, relative to the source. */
  readonly tagsFile?: string;
  /** Headings of the table's columns, where they are not recognised. */
  readonly columns?: Partial<Record<TableColumn, string>>;
  /** Whether the first slice of a table is 0 or 1; detected from its numbers when absent. */
  readonly firstSlice?: 0 | 1;
  /** How tags are derived where masks are the only labels. */
  readonly tags?: TagOptions;
  /** Every frame of a 4-D acquisition, not only end diastole and end systole. */
  readonly allFrames?: boolean;
  /** Takes the patient out of a file name: its first group, or the whole match. */
  readonly patientPattern?: RegExp;
  /** Whether patients keep the identifiers that DICOM files give them, instead of numbers. */
  readonly keepIdentity?: boolean;
}

/** What a column of a tags table can mean. */
export type TableColumn = 'file' | 'patient' | 'frame' | 'phase' | 'slice' | 'labels' | 'split';

/** One slice of a found volume. */
export interface FoundItem {
  readonly id: string;
  readonly slice: number;
  /** Empty where the slice has no tag. */
  readonly tags: readonly DerivedTag[];
  /** Its mask where no file of the source holds it pixel by pixel: bytes of the label codec, ids of the scan's classes. */
  readonly mask?: Uint8Array;
}

/** What can be read from a source file: volumes of whole slices, a single image, or images of which a volume takes one by one. */
export type SourceKind = VolumeKind | 'raster' | 'pages' | 'dicom' | 'hdf5';

/** Formats whose files hold whole volumes. */
export type VolumeKind = 'nifti' | 'nrrd' | 'metaimage';

/** Where one slice of a volume lies that is spread over several files, or over the frames of one. */
export interface VolumePart {
  readonly file: string;
  /** Frame of the file, from 0. */
  readonly frame: number;
}

/** Where the truth of a volume lies, and which of its values are which label. */
export interface FoundTruth {
  readonly file: string;
  readonly kind: SourceKind;
  readonly phaseIndex: number;
  /** Value in the mask → label id of the project (1..M); other values are background. */
  readonly values: Readonly<Record<number, number>>;
}

/** One phase of one acquisition, or a single image. */
export interface FoundVolume {
  readonly id: string;
  /** Patient, or the image itself. */
  readonly patient: string;
  readonly file: string;
  readonly kind: SourceKind;
  /** Where each slice lies; absent where the file holds them all in their order. */
  readonly parts?: readonly VolumePart[];
  /** Position on the file's time axis, from 0. */
  readonly phaseIndex: number;
  /** `ED`, `ES`, or empty where it has no name. */
  readonly phase: string;
  /** Frame number as the source counts it, from 1; null for single images. */
  readonly frame: number | null;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Values that become 0 and 1. */
  readonly range: IntensityRange;
  /** Values that the source asks to be shown as black and white; absent where it does not say. */
  readonly shown?: IntensityRange;
  readonly spacing: Spacing | null;
  /** Columns, rows and slices to millimetres towards right, front and head; null where it is unknown or contradictory. */
  readonly affine: Affine | null;
  readonly truth: FoundTruth | null;
  readonly split?: Split;
  readonly items: readonly FoundItem[];
}

/** What scanning tells, in order. */
export type ScanEvent =
  /** Sent before the first volume: the classes in the project's order. */
  | { readonly kind: 'plan'; readonly classes: readonly string[] }
  | { readonly kind: 'volume'; readonly volume: FoundVolume }
  | { readonly kind: 'warning'; readonly file: string; readonly message: string }
  | { readonly kind: 'refused'; readonly file: string; readonly expected: string; readonly found: string }
  | { readonly kind: 'privacy'; readonly privacy: PrivacySummary }
  | { readonly kind: 'step'; readonly done: number; readonly total: number; readonly file: string };

/** How sure an importer is of a folder: 0 not its own, 1 certain, and the reason in words. */
export interface Detection {
  readonly confidence: number;
  readonly why: string;
}

/** An input format. */
export interface Importer {
  readonly format: ImportFormat;
  /** Judges a folder by the names of its files, and by their beginnings where names do not tell. */
  detect(listed: readonly FileEntry[], files: DatasetFiles): Detection | Promise<Detection>;
  scan(files: DatasetFiles, options: ScanOptions): AsyncGenerator<ScanEvent>;
}
