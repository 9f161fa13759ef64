// One phase of a volume file as a found volume: sizes, intensity range, truth, and a tag for each slice.
import { trustedAffine } from '../imaging/nifti-geometry.ts';
import { EIGHT_BIT_RANGE, measureRange } from '../imaging/normalise.ts';
import { isRefusal, refuse, type Refusal } from '../imaging/refusal.ts';
import { planeBytes, type VolumeHeader } from '../imaging/volume-header.ts';
import { decodeVoxels } from '../imaging/voxels.ts';
import { deriveTags, type DerivedTag, type TagOptions } from './derive-tags.ts';
import type { DatasetFiles, FoundTruth, FoundVolume, ScanEvent, VolumeFile, VolumeKind } from './importer.ts';
import { createRandom } from '../training/random.ts';
import type { Split } from './split.ts';
import { toLabels, unnamedValues } from './truth-labels.ts';
import { WHOLE_VOLUME, type SliceTags } from './volume-tags.ts';

/** What an importer knows about a volume before opening its file. */
export interface VolumePlan {
  readonly id: string;
  readonly patient: string;
  readonly file: string;
  readonly phaseIndex: number;
  readonly phase: string;
  readonly frame: number | null;
  readonly split?: Split;
  readonly truth: TruthPlan | null;
  /** Tags stated by a table, by slice; they take the place of derived ones. */
  readonly stated?: SliceTags;
}

/** A mask beside a volume. */
export interface TruthPlan {
  readonly file: string;
  readonly phaseIndex: number;
  /** Mask value → label id (1..M). */
  readonly values: Readonly<Record<number, number>>;
  /** Every value that has a name, whether its class is kept or not. */
  readonly named: ReadonlySet<number>;
}

/** Identity of a slice: the volume's, then its index k from 0. */
export function sliceId(volume: string, slice: number): string {
  return `${volume}_z${String(slice).padStart(2, '0')}`;
}

/** Opens, measures and tags one volume; the events say what was found, doubted or refused. */
export async function scanVolume(
  files: DatasetFiles,
  plan: VolumePlan,
  classCount: number,
  tags: TagOptions,
): Promise<ScanEvent[]> {
  const file = await files.readVolume(plan.file);
  if (isRefusal(file)) return [refused(plan.file, file)];
  const { header } = file;
  if (plan.phaseIndex >= header.phases) {
    return [refused(plan.file, refuse(`frame ${plan.phaseIndex + 1}`, `${header.phases} frames`))];
  }
  const bytes = await file.phase(plan.phaseIndex);
  if (isRefusal(bytes)) return [refused(plan.file, bytes)];

  const events: ScanEvent[] = [];
  if (header.geometry.contradiction !== undefined) events.push(warning(plan.file, header.geometry.contradiction));
  const values = decodeVoxels(header, bytes);
  const range = measureRange(values);
  if (range.nonFinite > 0) {
    events.push(
      warning(plan.file, `${range.nonFinite} voxels are NaN or infinite; they are shown as the darkest value`),
    );
  }
  const truth = await openTruth(files, plan, header, events);
  const eightBit = values instanceof Uint8Array;
  const volume: FoundVolume = {
    id: plan.id,
    patient: plan.patient,
    file: plan.file,
    kind: volumeKind(plan.file),
    phaseIndex: plan.phaseIndex,
    phase: plan.phase,
    frame: plan.frame,
    width: header.width,
    height: header.height,
    channels: header.voxelType === 'rgb24' ? 3 : 1,
    range: eightBit ? EIGHT_BIT_RANGE : { low: range.low, high: range.high },
    spacing: header.geometry.spacing,
    affine: trustedAffine(header.geometry),
    truth: truth?.found ?? null,
    ...(plan.split ? { split: plan.split } : {}),
    items: Array.from({ length: header.slices }, (_, slice) => {
      const id = sliceId(plan.id, slice);
      return { id, slice, tags: tagsOfSlice(plan, id, slice, header, truth?.values, classCount, tags) };
    }),
  };
  events.push(...doubtsOfTags(plan, header.slices));
  return [...events, { kind: 'volume', volume }];
}

function tagsOfSlice(
  plan: VolumePlan,
  id: string,
  slice: number,
  header: VolumeHeader,
  truth: ArrayLike<number> | undefined,
  classCount: number,
  options: TagOptions,
): readonly DerivedTag[] {
  const stated = plan.stated?.get(slice) ?? (header.slices === 1 ? plan.stated?.get(WHOLE_VOLUME) : undefined);
  if (stated) return [{ present: stated }];
  if (!truth || !plan.truth || plan.stated) return [];
  const { width, height } = header;
  const start = slice * width * height;
  const mask = toLabels(sliceOf(truth, start, start + width * height), width, height, plan.truth.values);
  return deriveTags(mask, classCount, options, createRandom(options.seed).fork(id));
}

function doubtsOfTags(plan: VolumePlan, slices: number): ScanEvent[] {
  const named = [...(plan.stated?.keys() ?? [])];
  const beyond = named.filter((slice) => slice >= slices);
  const doubts = beyond.map((slice) => `the tags name slice ${slice} (from 0), the volume has ${slices} slices`);
  if (slices > 1 && named.includes(WHOLE_VOLUME)) {
    doubts.push(`a tag without a slice says nothing about any of the ${slices} slices; it is left out`);
  }
  return doubts.map((message) => warning(plan.file, message));
}

async function openTruth(
  files: DatasetFiles,
  plan: VolumePlan,
  image: VolumeHeader,
  events: ScanEvent[],
): Promise<{ found: FoundTruth; values: ArrayLike<number> } | undefined> {
  if (!plan.truth) return undefined;
  const { file: path, phaseIndex, values, named } = plan.truth;
  const read = await readTruth(await files.readVolume(path), phaseIndex, image);
  if (isRefusal(read)) {
    events.push(refused(path, read));
    return undefined;
  }
  const unnamed = unnamedValues(read, named);
  if (isRefusal(unnamed)) {
    events.push(refused(path, unnamed));
    return undefined;
  }
  if (unnamed.length > 0) {
    events.push(warning(path, `values ${unnamed.slice(0, 5).join(', ')} name no class and count as background`));
  }
  return { found: { file: path, kind: volumeKind(path), phaseIndex, values }, values: read };
}

async function readTruth(
  file: VolumeFile | Refusal,
  phaseIndex: number,
  image: VolumeHeader,
): Promise<ArrayLike<number> | Refusal> {
  if (isRefusal(file)) return file;
  const { width, height, slices, phases } = file.header;
  if (width !== image.width || height !== image.height || slices !== image.slices) {
    return refuse(
      `a mask of the image's size, ${image.width} x ${image.height} x ${image.slices}`,
      `${width} x ${height} x ${slices}`,
    );
  }
  if (phaseIndex >= phases) return refuse(`a mask for frame ${phaseIndex + 1}`, `${phases} frames`);
  const bytes = await file.phase(phaseIndex);
  if (isRefusal(bytes)) return bytes;
  if (bytes.length !== slices * planeBytes(file.header)) return refuse('whole slices', `${bytes.length} bytes`);
  return decodeVoxels(file.header, bytes);
}

function sliceOf(values: ArrayLike<number>, start: number, end: number): ArrayLike<number> {
  // Every decoder gives typed arrays, which share memory here; the branch only satisfies ArrayLike.
  return ArrayBuffer.isView(values) && 'subarray' in values
    ? (values as Uint8Array).subarray(start, end)
    : Array.prototype.slice.call(values, start, end);
}

/** Files that hold whole volumes. */
export const VOLUME_NAME = /\.(?:nii(?:\.gz)?|nrrd|nhdr|mha|mhd)$/i;

/** Format of a volume file by the ending of its name. */
export function volumeKind(path: string): VolumeKind {
  if (/\.(?:nrrd|nhdr)$/i.test(path)) return 'nrrd';
  return /\.(?:mha|mhd)$/i.test(path) ? 'metaimage' : 'nifti';
}

/** A refusal as an event. */
export function refused(file: string, refusal: Refusal): ScanEvent {
  return { kind: 'refused', file, expected: refusal.expected, found: refusal.found };
}

/** A doubt as an event. */
export function warning(file: string, message: string): ScanEvent {
  return { kind: 'warning', file, message };
}
