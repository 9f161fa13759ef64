// A volume whose slices lie in several files, or in frames of one, as a found volume.
import type { StackGeometry } from '../imaging/dicom-geometry.ts';
import { EIGHT_BIT_RANGE, measureRange, type IntensityRange } from '../imaging/normalise.ts';
import type { LabelPlane } from '../imaging/plane.ts';
import { isRefusal, refuse, type Refusal } from '../imaging/refusal.ts';
import type { PlaneValues, VoxelValues } from '../imaging/voxels.ts';
import { encodeLabels } from '../labels/label-codec.ts';
import { createRandom } from '../training/random.ts';
import { deriveTags, type DerivedTag, type TagOptions } from './derive-tags.ts';
import type { FoundVolume, ScanEvent, SourceKind, VolumePart } from './importer.ts';
import type { MaskReader } from './image-plan.ts';
import { refused, sliceId, warning } from './scan-volume.ts';
import type { Split } from './split.ts';

/** What an importer knows about such a volume before opening its files. */
export interface PartsPlan {
  readonly id: string;
  readonly patient: string;
  readonly kind: SourceKind;
  readonly phaseIndex: number;
  readonly phase: string;
  readonly frame: number | null;
  readonly split?: Split;
  readonly shown?: IntensityRange;
  readonly parts: readonly PartPlan[];
  /** Where the slices lie that could be read. */
  geometry(kept: readonly PartPlan[]): StackGeometry;
}

/** One slice of the plan. */
export interface PartPlan extends VolumePart {
  /** 1 or 0 for each class, where a table says. */
  readonly stated?: readonly number[];
  /** The slice's mask in the scan's classes; absent where the source has none. */
  readonly mask?: MaskReader;
}

/** Reads values of one slice. */
export type ReadPart = (part: VolumePart) => Promise<PlaneValues | Refusal>;

/** Opens, measures and tags one volume. A slice that cannot be read is refused by name; the volume goes on without it. */
export async function scanParts(
  read: ReadPart,
  plan: PartsPlan,
  classCount: number,
  options: TagOptions,
): Promise<ScanEvent[]> {
  const events: ScanEvent[] = [];
  const slices: { part: PartPlan; plane: PlaneValues }[] = [];
  for (const part of plan.parts) {
    const plane = await read(part);
    const first = slices[0]?.plane;
    const usable = isRefusal(plane) || !first ? plane : sameSize(plane, first);
    if (isRefusal(usable)) events.push(refused(part.file, usable));
    else slices.push({ part, plane: usable });
  }
  const first = slices[0];
  if (!first) return events;
  const values = joined(slices.map(({ plane }) => plane.values));
  const range = measureRange(values);
  if (range.nonFinite > 0) {
    const message = `${range.nonFinite} voxels are NaN or infinite; they are shown as the darkest value`;
    events.push(warning(first.part.file, message));
  }
  const { width, height, channels } = first.plane;
  const items: FoundVolume['items'][number][] = [];
  for (const [slice, { part }] of slices.entries()) {
    const id = sliceId(plan.id, slice);
    const mask = await part.mask?.(width, height);
    if (mask && isRefusal(mask)) events.push(refused(part.file, mask));
    const usable = mask && !isRefusal(mask) ? mask : undefined;
    const tags = tagsOf(part, usable, id, classCount, options);
    items.push({ id, slice, tags, ...(usable && { mask: encodeLabels(usable) }) });
  }
  const { spacing, affine, doubt } = plan.geometry(slices.map(({ part }) => part));
  if (doubt !== undefined) events.push(warning(first.part.file, doubt));
  const { id, patient, kind, phaseIndex, phase, frame, shown, split } = plan;
  const volume: FoundVolume = {
    ...{ id, patient, kind, phaseIndex, phase, frame, width, height, channels, spacing, affine, items },
    file: first.part.file,
    parts: slices.map(({ part }) => ({ file: part.file, frame: part.frame })),
    range: values instanceof Uint8Array ? EIGHT_BIT_RANGE : { low: range.low, high: range.high },
    truth: null,
    ...(shown && { shown }),
    ...(split && { split }),
  };
  return [...events, { kind: 'volume', volume }];
}

function tagsOf(
  { stated }: PartPlan,
  mask: LabelPlane | undefined,
  id: string,
  classCount: number,
  options: TagOptions,
): readonly DerivedTag[] {
  if (stated) return [{ present: stated }];
  return mask ? deriveTags(mask, classCount, options, createRandom(options.seed).fork(id)) : [];
}

function sameSize(plane: PlaneValues, first: PlaneValues): PlaneValues | Refusal {
  const { width, height, channels } = first;
  if (plane.width === width && plane.height === height && plane.channels === channels) return plane;
  const words = (of: PlaneValues): string => `${of.width} x ${of.height} pixels of ${of.channels} channels`;
  return refuse(`slices of one size, ${words(first)}`, words(plane));
}

/** All values one after another, in an array that holds each of them. */
function joined(arrays: readonly VoxelValues[]): VoxelValues {
  const [first] = arrays;
  if (first && arrays.length === 1) return first;
  const length = arrays.reduce((sum, each) => sum + each.length, 0);
  const bytesOnly = arrays.every((each) => each instanceof Uint8Array);
  const result = bytesOnly ? new Uint8Array(length) : new Float32Array(length);
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}
