// DICOM Segmentation objects: which segments they hold, and the mask that they draw on a slice (PS3.3 A.51).
import { itemOf, itemsOf, numberOf, numbersOf, textOf, type DicomDataset } from '../imaging/dicom-elements.ts';
import { isParallel } from '../imaging/dicom-geometry.ts';
import type { DicomFrame } from '../imaging/dicom-header.ts';
import { IGNORE, type LabelPlane } from '../imaging/plane.ts';
import { isRefusal, refuse, type Refusal } from '../imaging/refusal.ts';
import { classIndex } from './class-names.ts';
import type { DicomSlice } from './dicom-series.ts';
import type { DicomFile } from './importer.ts';
import type { MaskReader } from './image-plan.ts';

/** Storage of BINARY and FRACTIONAL segmentations, and of label maps. */
const SEGMENTATIONS = new Set(['1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7']);
/** Places closer than this are the same, in millimetres. */
const SAME_PLACE_MM = 0.1;

/** One frame of a segmentation. */
interface SegFrame {
  readonly frame: number;
  /** Number of its segment; 0 for a label map, whose values are numbers of segments. */
  readonly segment: number;
  /** The images it was drawn on; none where they are not named. */
  readonly images: readonly string[];
  readonly place: DicomFrame;
}

/** A segmentation object. */
export interface Segmentation {
  readonly file: string;
  /** Names of the segments by number. */
  readonly segments: ReadonlyMap<number, string>;
  readonly frames: readonly SegFrame[];
  /** Values from this on are part of a segment. */
  readonly threshold: number;
  readonly study: string;
  readonly frameOfReference: string;
  /** Image files that it is about; none where it does not say. */
  readonly sources: ReadonlySet<string>;
}

/** Whether a file holds a segmentation. */
export function isSegmentation(dataset: DicomDataset): boolean {
  return SEGMENTATIONS.has(textOf(dataset, '00080016')) || textOf(dataset, '00080060') === 'SEG';
}

/** Reads which frames a segmentation has. */
export function readSegmentation(path: string, { dataset, header }: DicomFile): Segmentation | Refusal {
  if (isRefusal(header)) return header;
  const segments = new Map<number, string>();
  for (const item of itemsOf(dataset, '00620002')) {
    const number = numberOf(item, '00620004') ?? 0;
    if (segments.has(number)) return refuse('a Segment Number of its own for each segment', `${number} again`);
    segments.set(number, textOf(item, '00620005') || `segment ${number}`);
  }
  if (segments.size === 0) return refuse('a Segment Sequence', 'none');
  const type = textOf(dataset, '00620001').toUpperCase();
  const isLabelMap = type === 'LABELMAP';
  const groups = itemsOf(dataset, '52009230');
  if (groups.length !== header.pixels.frames) {
    return refuse(`Per-frame Functional Groups for ${header.pixels.frames} frames`, `${groups.length}`);
  }
  const shared = itemOf(dataset, '52009229');
  const frames = header.frames.map((place, frame) => ({
    ...{ frame, place },
    ...readGroups(groups[frame]!, shared, isLabelMap), // as many as frames
  }));
  const unknown = isLabelMap ? undefined : frames.find(({ segment }) => !segments.has(segment));
  if (unknown)
    return refuse('frames of the segments listed', `frame ${unknown.frame + 1} of segment ${unknown.segment}`);
  const greatest = numberOf(dataset, '0062000E') ?? 255;
  return {
    ...{ file: path, segments, frames, threshold: type === 'FRACTIONAL' ? greatest / 2 : 1 },
    ...{ study: header.study, frameOfReference: header.frameOfReference },
    sources: new Set(
      itemsOf(dataset, '00081115')
        .flatMap((series) => itemsOf(series, '0008114A'))
        .map((image) => textOf(image, '00081155')),
    ),
  };
}

function readGroups(
  own: DicomDataset,
  shared: DicomDataset,
  isLabelMap: boolean,
): Pick<SegFrame, 'segment' | 'images'> {
  const mine = itemOf(own, '0062000A');
  const identification = Object.keys(mine).length > 0 ? mine : itemOf(shared, '0062000A');
  const images = itemsOf(own, '00089124')
    .flatMap((derivation) => itemsOf(derivation, '00082112'))
    .flatMap((source) => {
      const instance = textOf(source, '00081155');
      const stated = numbersOf(source, '00081160').filter((number) => number !== undefined);
      return instance === '' ? [] : (stated.length > 0 ? stated : [1]).map((number) => imageKey(instance, number - 1));
    });
  return { segment: isLabelMap ? 0 : (numberOf(identification, '0062000B') ?? 0), images };
}

/** How a segmentation names an image. */
function imageKey(instance: string, frame: number): string {
  return `${instance} ${frame}`;
}

/** A frame and the object that it is of. */
type Drawn = readonly [Segmentation, SegFrame];

/** Whether a segmentation that names no image for its frames may be about one: of those listed, or in the same space. */
function isAbout({ sources, study, frameOfReference }: Segmentation, { header }: DicomSlice): boolean {
  if (sources.size > 0) return sources.has(header.sopInstance);
  const isSpace = frameOfReference !== '' && header.frameOfReference !== '';
  return isSpace ? frameOfReference === header.frameOfReference : study === header.study;
}

/** Whether two frames lie on one another, pixel on pixel; undefined where one of them does not say where it lies. */
function liesAt(a: DicomFrame, b: DicomFrame): boolean | undefined {
  const [here, there] = [a.position, b.position];
  if (!here || !there) return undefined;
  const isNear = here.every((value, axis) => Math.abs(value - there[axis as 0 | 1 | 2]) < SAME_PLACE_MM);
  if (!isNear || !a.columns || !a.rows || !b.columns || !b.rows) return isNear;
  const saysSteps = [a.rowStep, a.columnStep, b.rowStep, b.columnStep].every((step) => step !== undefined);
  const [one, other] = [a, b].map(({ columns, rows }) => ({ columns: columns!, rows: rows! })); // checked above
  return saysSteps ? isParallel(a, b) : isParallel(one!, other!);
}

/** Masks of slices, from the segmentations of a source. */
export class SegmentationMasks {
  private readonly segmentations: readonly Segmentation[];
  private readonly classes: readonly string[];
  private readonly open: (path: string) => Promise<DicomFile | Refusal>;
  private readonly byImage: ReadonlyMap<string, readonly { readonly drawn: Drawn }[]>;
  private readonly unnamed: readonly Drawn[];
  private kept: { readonly path: string; readonly file: Promise<DicomFile | Refusal> } | undefined;
  private readonly used = new Set<string>();
  private overlaps = 0;

  constructor(
    segmentations: readonly Segmentation[],
    classes: readonly string[],
    open: (path: string) => Promise<DicomFile | Refusal>,
  ) {
    this.segmentations = segmentations;
    this.classes = classes;
    this.open = open;
    const named = segmentations.flatMap((each) =>
      each.frames.flatMap((frame) => frame.images.map((image) => ({ image, drawn: [each, frame] as const }))),
    );
    this.byImage = Map.groupBy(named, ({ image }) => image);
    this.unnamed = segmentations.flatMap((each) =>
      each.frames.filter(({ images }) => images.length === 0).map((frame) => [each, frame] as const),
    );
  }

  /** Pixels that two segments claim; the later one has them. */
  get overlappingPixels(): number {
    return this.overlaps;
  }

  /** Files that drew on no image of the source. */
  unused(): string[] {
    return this.segmentations.map(({ file }) => file).filter((file) => !this.used.has(file));
  }

  /**
   * The mask of each slice of one phase, or nothing where no segmentation draws on any of them: a slice without a frame of its own
   * is then an empty one.
   *
   * @param phases - all phases of the recording, that one among them
   */
  of(
    slices: readonly DicomSlice[],
    phases: readonly (readonly DicomSlice[])[],
  ): ((slice: number) => MaskReader) | undefined {
    const all = phases.flat();
    const found = slices.map((slice) => this.framesOf(slice, all));
    if (found.every((frames) => frames.length === 0)) return undefined;
    return (slice) => (width, height) => this.draw(found[slice] ?? [], width, height);
  }

  /** Frames drawn on a slice: those that name it and lie nowhere else, and those that name nothing and lie where it alone may be meant. */
  private framesOf(slice: DicomSlice, all: readonly DicomSlice[]): Drawn[] {
    const named = (this.byImage.get(imageKey(slice.header.sopInstance, slice.frame)) ?? []).map(({ drawn }) => drawn);
    const isMeant = ([segmentation, frame]: Drawn, other: DicomSlice): boolean =>
      isAbout(segmentation, other) && liesAt(frame.place, other.place) === true;
    const placed = this.unnamed.filter(
      (drawn) => isMeant(drawn, slice) && all.every((other) => other === slice || !isMeant(drawn, other)),
    );
    return [...named.filter(([, frame]) => liesAt(frame.place, slice.place) !== false), ...placed];
  }

  private async draw(frames: readonly Drawn[], width: number, height: number): Promise<LabelPlane | Refusal> {
    const data = new Uint8Array(width * height);
    for (const [segmentation, { frame, segment }] of frames) {
      this.used.add(segmentation.file);
      const file = await this.fileOf(segmentation.file);
      const plane = isRefusal(file) ? file : await file.frame(frame);
      if (isRefusal(plane)) return plane;
      if (plane.width !== width || plane.height !== height) {
        return refuse(`a mask of the image's size, ${width} x ${height}`, `${plane.width} x ${plane.height}`);
      }
      const idOf = (number: number): number => classIndex(this.classes, segmentation.segments.get(number) ?? '') + 1;
      const own = idOf(segment);
      for (let pixel = 0; pixel < data.length; pixel += 1) {
        const value = plane.values[pixel]!;
        const id = segment === 0 ? idOf(value) : value >= segmentation.threshold ? own : 0;
        if (id === 0) continue;
        if (data[pixel] !== 0 && data[pixel] !== id && data[pixel] !== IGNORE) this.overlaps += 1;
        data[pixel] = id;
      }
    }
    return { width, height, data };
  }

  /** One file is kept open: its frames are drawn one after another. */
  private fileOf(path: string): Promise<DicomFile | Refusal> {
    if (this.kept?.path !== path) this.kept = { path, file: this.open(path) };
    return this.kept.file;
  }
}
