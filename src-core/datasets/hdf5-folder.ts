// HDF5 files as SSL4MIS and WSL4MIS train on: a file for each volume, files of single slices, or both, and lists of names for the
// splits. `label` is the mask. `scribble` is one where there is no label, and where it says which pixels of a label are not decided.
import { counted } from './counted.ts';
import { IGNORE, type LabelPlane } from '../imaging/plane.ts';
import { isRefusal, type Refusal } from '../imaging/refusal.ts';
import { chooseClasses } from './class-names.ts';
import { planeOf, type ArrayStack, type StackFile } from './codecs/hdf5-stacks.ts';
import { SLICE_TAGS } from './derive-tags.ts';
import { compareNames } from './dicom-series.ts';
import { indexFileNames, withoutExtension } from './file-names.ts';
import { sliceGroups, type SliceGroup } from './hdf5-names.ts';
import type { DatasetFiles, Detection, FileEntry, Importer, ScanEvent, ScanOptions } from './importer.ts';
import { splitNamed } from './image-labels.ts';
import { findNamesFile, maskLabels, namesOfValues, spreadOver, type MaskLabels } from './mask-labels.ts';
import { frameOfName } from './raster-names.ts';
import type { MaskReader } from './image-plan.ts';
import { scanParts, type PartPlan } from './scan-parts.ts';
import { refused, warning } from './scan-volume.ts';
import type { Split } from './split.ts';
import { toLabels } from './truth-labels.ts';
import { readVolumeTags, statedClasses, type StatedTags } from './volume-tags.ts';

const NAME = /\.(?:h5|hdf5|hdf)$/i;
const TABLE = /\.(?:csv|tsv)$/i;
const LIST = /\.(?:list|txt)$/i;
/** Files looked at to learn what the values of masks are, where nobody named them. */
const SAMPLED = 32;

/** Volumes and slices in HDF5. */
export const hdf5FolderImporter: Importer = { format: 'hdf5', detect, scan };

async function detect(listed: readonly FileEntry[], files: DatasetFiles): Promise<Detection> {
  const named = listed.filter(({ path }) => NAME.test(path));
  const [first] = named;
  if (!first) return { confidence: 0, why: 'no HDF5 file' };
  const found = await files.readStacks(first.path);
  if (isRefusal(found)) {
    return { confidence: 0.05, why: `${first.path}: expected ${found.expected}, found ${found.found}` };
  }
  const arrays = ['image', ...(found.label ? ['label'] : []), ...(found.scribble ? ['scribble'] : [])].join(', ');
  const why = `${counted(named.length, 'HDF5 file')} of ${counted(listed.length, 'file')}; ${first.path} holds ${arrays}`;
  return { confidence: 0.4 + (0.5 * named.length) / listed.length, why };
}

async function* scan(files: DatasetFiles, asked: ScanOptions): AsyncGenerator<ScanEvent> {
  const listed = [...(await files.list())].sort((a, b) => compareNames(a.path, b.path));
  const labelNames = asked.labelNames ?? (await findNamesFile(files, listed))?.names;
  const table = asked.tagsFile ?? listed.find(({ path }) => TABLE.test(path) && !path.includes('/'))?.path;
  const options: ScanOptions = {
    ...asked,
    ...(labelNames && { labelNames }),
    ...(table !== undefined && { tagsFile: table }),
  };
  const { groups, repeated } = sliceGroups(listed.map(({ path }) => path).filter((path) => NAME.test(path)));
  const stated = await statedClasses(files, table, options);
  const found = stated.length === 0 ? await namesOfLabels(files, groups) : undefined;
  const known = found ? [...new Set(Object.values(found))] : stated;
  const classes = known.length === 0 ? (options.classes ?? []) : chooseClasses(known, options.classes);
  yield { kind: 'plan', classes };
  if (found && classes.length > 1)
    yield warning('', `nothing names the values of the masks; they are called ${known.join(', ')}`);
  if (repeated > 0)
    yield warning(
      '',
      `${counted(repeated, 'file')} of single slices ${repeated === 1 ? 'repeats' : 'repeat'} what the files of volumes hold`,
    );

  const lookUp = indexFileNames(groups.flatMap(({ files: each }) => each));
  const tags = table === undefined ? undefined : await readVolumeTags(files, options, classes, known, lookUp);
  if (tags) yield* tags.events;
  const splits = await readSplits(files, listed);
  const masks = new StackMasks(maskLabels(options.labelNames ?? found, classes));
  let done = 0;
  for (const group of groups) {
    yield* await scanGroup(files, group, { classCount: classes.length, options, masks, tags, splits });
    done += 1;
    yield { kind: 'step', done, total: groups.length, file: group.name };
  }
  if (tags) yield* tags.leftOver();
  yield* masks.doubts();
}

/** Names for the values that some of the masks hold; undefined where no file has a mask. */
async function namesOfLabels(
  files: DatasetFiles,
  groups: readonly SliceGroup[],
): Promise<Readonly<Record<number, string>> | undefined> {
  const masks: Set<number>[] = [];
  for (const path of spreadOver(
    groups.flatMap((group) => group.files),
    SAMPLED,
  )) {
    const file = await files.readStacks(path);
    if (isRefusal(file) || !(file.label ?? file.scribble)) continue;
    const seen = new Set((file.label ?? file.scribble)!.values); // one of them is there
    // The greatest value of strokes is "not decided".
    if (!file.label) seen.delete(Math.max(...seen));
    masks.push(seen);
  }
  return masks.length > 0 ? namesOfValues(masks) : undefined;
}

/** Splits by name, as lists such as `train.list` state them. */
async function readSplits(files: DatasetFiles, listed: readonly FileEntry[]): Promise<ReadonlyMap<string, Split>> {
  const splits = new Map<string, Split>();
  for (const { path } of listed.filter((file) => LIST.test(file.path))) {
    const split = splitNamed(path.split('/').at(-1));
    if (!split) continue;
    for (const line of (await files.readText(path)).split(/\r?\n/)) {
      const name = withoutExtension(line.trim()).split('/').at(-1) ?? '';
      if (name !== '') splits.set(name.replace(/_slice_\d+$/, ''), split);
    }
  }
  return splits;
}

interface GroupContext {
  readonly classCount: number;
  readonly options: ScanOptions;
  readonly masks: StackMasks;
  readonly tags: StatedTags | undefined;
  readonly splits: ReadonlyMap<string, Split>;
}

/** One volume: the slices of its file, or the files of its slices. */
async function scanGroup(
  files: DatasetFiles,
  { name, files: paths }: SliceGroup,
  { classCount, options, masks, tags, splits }: GroupContext,
): Promise<ScanEvent[]> {
  const events: ScanEvent[] = [];
  const opened = new Map<string, StackFile>();
  const parts: PartPlan[] = [];
  for (const path of paths) {
    const file = await files.readStacks(path);
    if (isRefusal(file)) {
      events.push(refused(path, file));
      continue;
    }
    opened.set(path, file);
    for (let frame = 0; frame < file.image.slices; frame += 1) {
      const mask = masks.of(path, file, frame);
      parts.push({ file: path, frame, ...(mask && { mask }) });
    }
  }
  const named = frameOfName(name);
  const pattern = options.patientPattern?.exec(paths[0]!); // a group has files
  const patient = pattern ? (pattern[1] ?? pattern[0]) : (named?.recording ?? name);
  const rows = tags?.take({ file: paths[0]!, patient, ...(named && { frame: named.frame }) });
  const split = splits.get(name) ?? splits.get(name.split('/').at(-1)!);
  const plan = {
    ...({ id: name, patient, kind: 'hdf5', phaseIndex: 0, phase: '', frame: named?.frame ?? null } as const),
    ...(split && { split }),
    parts: parts.map((part, slice) => {
      const own = rows?.get(slice);
      return own ? { ...part, stated: own } : part;
    }),
    geometry: () => ({ spacing: null, affine: null }),
  };
  const read = ({ file, frame }: { readonly file: string; readonly frame: number }) =>
    Promise.resolve(planeOf(opened.get(file)!.image, frame)); // parts are of the opened files
  return [...events, ...(await scanParts(read, plan, classCount, options.tags ?? SLICE_TAGS))];
}

/** Masks of slices, and what is doubtful about them. */
class StackMasks {
  private readonly labels: MaskLabels;
  /** The value of scribbles for pixels that nobody has decided. */
  private readonly unknown: number;
  private readonly strokes: string[] = [];

  constructor(labels: MaskLabels) {
    this.labels = labels;
    this.unknown = Math.max(0, ...[...labels.named].filter((value) => value < IGNORE)) + 1;
  }

  /** Reads the mask of one slice; undefined where the file has none. */
  of(path: string, { label, scribble }: StackFile, slice: number): MaskReader | undefined {
    const mask = label ?? scribble;
    if (!mask) return undefined;
    const open = label ? this.openPixels(path, label, scribble) : scribble;
    return () => Promise.resolve(this.read(mask, open, slice));
  }

  *doubts(): Generator<ScanEvent> {
    const count = new Set(this.strokes).size;
    if (count === 0) return;
    yield warning(
      '',
      `the scribbles of ${counted(count, 'file')} are strokes on a part of what label names; label is the mask`,
    );
  }

  /** The scribble, where it tells which pixels of the label are not decided: it has every class of the label, and gaps beside it. */
  private openPixels(path: string, label: ArrayStack, scribble: ArrayStack | undefined): ArrayStack | undefined {
    if (!scribble) return undefined;
    const agrees = label.values.every((value, index) => value === 0 || value === scribble.values[index]);
    if (!agrees) this.strokes.push(path);
    return agrees ? scribble : undefined;
  }

  private read(mask: ArrayStack, open: ArrayStack | undefined, slice: number): LabelPlane | Refusal {
    const plane = planeOf(mask, slice);
    const gaps = open && planeOf(open, slice);
    if (isRefusal(plane)) return plane;
    if (gaps && isRefusal(gaps)) return gaps;
    const { width, height, data } = toLabels(plane.values, plane.width, plane.height, this.labels.values);
    gaps?.values.forEach((value, index) => {
      if (value === this.unknown) data[index] = IGNORE;
    });
    return { width, height, data };
  }
}
