// DICOM Segmentation objects: which segments they hold, and the mask that they draw on a slice (PS3.3 A.51).
import { itemOf, itemsOf, numberOf, textOf, vectorOf, type DicomDataset } from '../imaging/dicom-elements.ts';
import { IGNORE, type LabelPlane } from '../imaging/plane.ts';
import { isRefusal, refuse, type Refusal } from '../imaging/refusal.ts';
import { classIndex } from './class-names.ts';
import type { DicomSlice } from './dicom-series.ts';
import type { DicomFile } from './importer.ts';
import type { MaskReader } from './scan-image.ts';

/** Storage of BINARY and FRACTIONAL segmentations, and of label maps. */
const SEGMENTATIONS = new Set(['1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7']);
/** Places closer than this are the same, in millimetres. */
const SAME_PLACE_MM = 0.1;

/** One frame of a segmentation. */
interface SegFrame {
  readonly frame: number;
  /** Number of its segment; 0 for a label map, whose values are numbers of segments. */
  readonly segment: number;
  /** The image it was drawn on; empty where it is not named. */
  readonly image: string;
  readonly position: readonly number[] | undefined;
}

/** A segmentation object. */
export interface Segmentation {
  readonly file: string;
  /** Names of the segments by number. */
  readonly segments: ReadonlyMap<number, string>;
  readonly frames: readonly SegFrame[];
  /** Values from this on are part of a segment. */
  readonly threshold: number;
}

/** Whether a file holds a segmentation. */
export function isSegmentation(dataset: DicomDataset): boolean {
  return SEGMENTATIONS.has(textOf(dataset, '00080016')) || textOf(dataset, '00080060') === 'SEG';
}

/** Reads which frames a segmentation has. */
export function readSegmentation(path: string, { dataset, header }: DicomFile): Segmentation | Refusal {
  if (isRefusal(header)) return header;
  const segments = new Map(
    itemsOf(dataset, '00620002').map((item) => {
      const number = numberOf(item, '00620004') ?? 0;
      return [number, textOf(item, '00620005') || `segment ${number}`] as const;
    }),
  );
  if (segments.size === 0) return refuse('a Segment Sequence', 'none');
  const type = textOf(dataset, '00620001').toUpperCase();
  const shared = itemOf(dataset, '52009229');
  const frames = itemsOf(dataset, '52009230').map((own, frame) => readFrame(own, shared, frame, type === 'LABELMAP'));
  if (frames.length !== header.pixels.frames) {
    return refuse(`Per-frame Functional Groups for ${header.pixels.frames} frames`, `${frames.length}`);
  }
  const unknown = frames.find(({ segment }) => segment !== 0 && !segments.has(segment));
  if (unknown)
    return refuse('frames of the segments listed', `frame ${unknown.frame + 1} of segment ${unknown.segment}`);
  const greatest = numberOf(dataset, '0062000E') ?? 255;
  return { file: path, segments, frames, threshold: type === 'FRACTIONAL' ? greatest / 2 : 1 };
}

function readFrame(own: DicomDataset, shared: DicomDataset, frame: number, isLabelMap: boolean): SegFrame {
  const group = (tag: string): DicomDataset => {
    const mine = itemOf(own, tag);
    return Object.keys(mine).length > 0 ? mine : itemOf(shared, tag);
  };
  const source = itemOf(itemOf(own, '00089124'), '00082112');
  const instance = textOf(source, '00081155');
  return {
    frame,
    segment: isLabelMap ? 0 : (numberOf(group('0062000A'), '0062000B') ?? 0),
    image: instance === '' ? '' : imageKey(instance, (numberOf(source, '00081160') ?? 1) - 1),
    position: vectorOf(group('00209113'), '00200032', 3),
  };
}

/** How a segmentation names an image. */
function imageKey(instance: string, frame: number): string {
  return `${instance} ${frame}`;
}

/** Masks of slices, from the segmentations of a source. */
export class SegmentationMasks {
  private readonly segmentations: readonly Segmentation[];
  private readonly classes: readonly string[];
  private readonly open: (path: string) => Promise<DicomFile | Refusal>;
  private readonly byImage: ReadonlyMap<string, readonly (readonly [Segmentation, SegFrame])[]>;
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
    const named = segmentations.flatMap((each) => each.frames.map((frame) => [each, frame] as const));
    this.byImage = Map.groupBy(named, ([, { image }]) => image);
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
   */
  of(slices: readonly DicomSlice[], isOnlyPhase: boolean): ((slice: number) => MaskReader) | undefined {
    const found = slices.map((slice) => this.framesOf(slice, isOnlyPhase));
    if (found.every((frames) => frames.length === 0)) return undefined;
    return (slice) => (width, height) => this.draw(found[slice] ?? [], width, height);
  }

  /** Frames drawn on a slice: those that name it, or those at its place where they name nothing. */
  private framesOf({ header, frame, place }: DicomSlice, isOnlyPhase: boolean): (readonly [Segmentation, SegFrame])[] {
    const named = this.byImage.get(imageKey(header.sopInstance, frame));
    if (named) return [...named];
    // A place alone does not say which moment is meant.
    const { position } = place;
    if (!isOnlyPhase || !position) return [];
    return (this.byImage.get('') ?? []).filter(([, { position: at }]) =>
      at?.every((value, axis) => Math.abs(value - position[axis as 0 | 1 | 2]) < SAME_PLACE_MM),
    );
  }

  private async draw(
    frames: readonly (readonly [Segmentation, SegFrame])[],
    width: number,
    height: number,
  ): Promise<LabelPlane | Refusal> {
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
