// Images whose classes and masks are told by annotation files of their own, whatever the format: objects are laid over one another
// to a mask, and what they are called are the tags.
import { counted } from '../counted.ts';
import { IGNORE, type LabelPlane } from '../../imaging/plane.ts';
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import { regionOf, type Region } from '../../labels/region.ts';
import { UNKNOWN } from '../../review/tag.ts';
import { chooseClasses, classIndex } from '../class-names.ts';
import type { BinaryMask } from '../codecs/binary-mask.ts';
import { SLICE_TAGS } from '../derive-tags.ts';
import type { ImportFormat } from '../import-formats.ts';
import type { DatasetFiles, Detection, FileEntry, Importer, ScanEvent, ScanOptions } from '../importer.ts';
import { mapAhead } from '../map-ahead.ts';
import { ownPatient, RASTER_NAME } from '../raster-names.ts';
import type { ImagePlan, MaskReader } from '../image-plan.ts';
import { scanImage } from '../scan-image.ts';
import { warning } from '../scan-volume.ts';
import type { Split } from '../split.ts';

/** One object of an image. */
export interface AnnotatedObject {
  /** Class it is of. */
  readonly label: string;
  /** Where its annotation stands, such as `annotations.12`. */
  readonly field: string;
  /** Its pixels; absent for boxes and points, which only tell that it is there. */
  readonly draw?: (width: number, height: number) => BinaryMask | Region | Refusal;
  /** Whether its outline runs between pixels, so that its mask is the pixels whose centres it holds. */
  readonly isRounded?: boolean;
  /** Whether its pixels are not decided, instead of being of a class. */
  readonly isVoid?: boolean;
}

/** What annotation files say of one image. */
export interface AnnotatedImage {
  readonly file: string;
  /** The annotation file. */
  readonly annotations: string;
  /** Size that the annotations state; absent where they state none. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly split?: Split;
  readonly patient?: string;
  /** Later ones lie over earlier ones. */
  readonly objects: readonly AnnotatedObject[];
  /** Classes stated of the image as a whole, beside its objects. */
  readonly labels?: readonly string[];
  /** Classes that nothing is said of. */
  readonly uncertain?: readonly string[];
  /** Why it has no tag although it might. */
  readonly untagged?: string;
  /** A mask that is stored pixel by pixel, in the scan's classes. */
  readonly mask?: (classes: readonly string[], width: number, height: number) => Promise<LabelPlane | Refusal>;
}

/** All that the annotation files of a source say. */
export interface Annotations {
  /** Every class that is named, in the order of the format. */
  readonly classes: readonly string[];
  readonly images: readonly AnnotatedImage[];
  /** Whether an image without objects is one that shows nothing, rather than one that nobody outlined. */
  readonly outlinesAll: boolean;
  readonly events: readonly ScanEvent[];
  /** Pictures that are part of the annotations. */
  readonly isMask?: (path: string) => boolean;
}

/** Makes the importer of a format from what it has of its own. */
export function annotationImporter(
  format: ImportFormat,
  detect: (listed: readonly FileEntry[], files: DatasetFiles) => Detection | Promise<Detection>,
  read: (files: DatasetFiles, listed: readonly FileEntry[], options: ScanOptions) => Promise<Annotations>,
): Importer {
  async function* scan(files: DatasetFiles, options: ScanOptions): AsyncGenerator<ScanEvent> {
    const listed = await files.list();
    yield* scanAnnotations(files, listed, await read(files, listed, options), options);
  }
  return { format, detect, scan };
}

const AHEAD = 8;

async function* scanAnnotations(
  files: DatasetFiles,
  listed: readonly FileEntry[],
  annotations: Annotations,
  options: ScanOptions,
): AsyncGenerator<ScanEvent> {
  const { classes: known, images, outlinesAll, events } = annotations;
  const classes = known.length === 0 ? (options.classes ?? []) : chooseClasses(known, options.classes);
  // First, because a source without classes ends at its plan: these say why it has none.
  yield* events;
  yield { kind: 'plan', classes };
  const counts = { overlapping: 0, rounded: 0 };
  const total = images.length;
  let done = 0;
  for await (const found of mapAhead(images, AHEAD, async (image) => {
    const refusals: ScanEvent[] = [];
    const plan = planImage(image, { classes, outlinesAll, options, counts, refusals });
    return [...(await scanImage(files, plan, classes.length, options.tags ?? SLICE_TAGS)), ...refusals];
  })) {
    yield* found;
    done += 1;
    yield { kind: 'step', done, total, file: images[done - 1]?.file ?? '' };
  }
  yield* leftOver(listed, annotations);
  if (counts.overlapping > 0) {
    yield warning(
      '',
      `${counted(counts.overlapping, 'pixel', 'is')} in two objects; each has the class of the later one`,
    );
  }
  if (counts.rounded > 0) {
    yield warning('', `${counts.rounded} outlines run between pixels; a pixel belongs to what its centre lies in`);
  }
}

function* leftOver(listed: readonly FileEntry[], { images, isMask }: Annotations): Generator<ScanEvent> {
  const annotated = new Set(images.map(({ file }) => file));
  const others = listed.filter(({ path }) => RASTER_NAME.test(path) && !annotated.has(path) && !isMask?.(path));
  if (others.length === 0) return;
  yield warning('', `${others.length} pictures are in no annotation and are left out (${others[0]!.path})`);
}

interface PlanContext {
  readonly classes: readonly string[];
  readonly outlinesAll: boolean;
  readonly options: ScanOptions;
  readonly counts: { overlapping: number; rounded: number };
  readonly refusals: ScanEvent[];
}

function planImage(image: AnnotatedImage, context: PlanContext): ImagePlan {
  const { classes, options, outlinesAll } = context;
  const { file, split, untagged, objects } = image;
  const pattern = options.patientPattern?.exec(file);
  const patient = image.patient ?? (pattern ? (pattern[1] ?? pattern[0]) : ownPatient(file)) ?? file;
  const hasShapes = objects.length > 0 ? objects.every(({ draw }) => draw) : outlinesAll && untagged === undefined;
  const mask: MaskReader | undefined = image.mask
    ? (width, height) => storedMask(image, classes, width, height)
    : hasShapes
      ? (width, height) => Promise.resolve(layObjects(image, width, height, context))
      : undefined;
  // Windows need to know where a class is; tags of whole images are what the annotations say, unless only masks say anything.
  const saysClasses = objects.length > 0 || image.labels !== undefined || !image.mask;
  const isStated = untagged === undefined && saysClasses && !(mask && options.tags?.kind === 'crops');
  return {
    ...{ file, patient, truth: null },
    ...(split && { split }),
    ...(mask && { mask }),
    ...(isStated && { stated: presence(image, classes) }),
    ...(untagged !== undefined && { untagged }),
  };
}

function presence({ labels = [], objects, uncertain = [] }: AnnotatedImage, classes: readonly string[]): number[] {
  const present = new Array<number>(classes.length).fill(0);
  const put = (label: string, value: number): void => {
    const at = classIndex(classes, label);
    if (at >= 0) present[at] = value;
  };
  for (const label of uncertain) put(label, UNKNOWN);
  for (const { label, isVoid } of objects) if (!isVoid) put(label, 1);
  for (const label of labels) put(label, 1);
  return present;
}

function storedMask(
  image: AnnotatedImage,
  classes: readonly string[],
  width: number,
  height: number,
): Promise<LabelPlane | Refusal> {
  const wrong = sizeRefusal(image, width, height);
  return wrong ? Promise.resolve(wrong) : image.mask!(classes, width, height); // the caller has seen it
}

/** The mask of all objects. One that cannot be drawn is refused by name, and the image then has none: a gap is no background. */
function layObjects(
  image: AnnotatedImage,
  width: number,
  height: number,
  { classes, counts, refusals }: PlanContext,
): LabelPlane | Refusal {
  const wrongSize = sizeRefusal(image, width, height);
  if (wrongSize) return wrongSize;
  const data = new Uint8Array(width * height);
  let failed: Refusal | undefined;
  for (const object of image.objects) {
    const id = object.isVoid ? IGNORE : classIndex(classes, object.label) + 1;
    const drawn = object.draw?.(width, height) ?? refuse('a shape', 'none');
    if (isRefusal(drawn)) {
      const expected = `${object.field}: ${drawn.expected}`;
      failed ??= refuse('all objects of the image to make a mask of', `${object.field}, which cannot be drawn`);
      refusals.push({ kind: 'refused', file: image.annotations, expected, found: drawn.found });
      continue;
    }
    if (object.isRounded) counts.rounded += 1;
    const { window, inside } = regionOf(drawn);
    for (let at = 0; at < inside.length; at += 1) {
      if (inside[at] !== 1) continue;
      const pixel = (window.y + Math.floor(at / window.width)) * width + window.x + (at % window.width);
      if (data[pixel] !== 0 && data[pixel] !== id) counts.overlapping += 1;
      data[pixel] = id;
    }
  }
  return failed ?? { width, height, data };
}

function sizeRefusal({ size, annotations }: AnnotatedImage, width: number, height: number): Refusal | undefined {
  if (!size || (size.width === width && size.height === height)) return undefined;
  return refuse(`a mask of the image's size, ${width} x ${height}`, `${size.width} x ${size.height} in ${annotations}`);
}

/** Whether a corner lies off the grid of pixels by more than rounding in its text. */
export function isBetweenPixels(corners: readonly number[]): boolean {
  return corners.some((corner) => Math.abs(corner - Math.round(corner)) > 0.02);
}
