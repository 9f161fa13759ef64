// Folders of DICOM files, of any nesting and with any names. Series become volumes; segmentations among them become masks.
import { counted } from './counted.ts';
import { stackGeometry } from '../imaging/dicom-geometry.ts';
import { isRefusal, type Refusal } from '../imaging/refusal.ts';
import { chooseClasses, classIndex } from './class-names.ts';
import { SLICE_TAGS } from './derive-tags.ts';
import { IdentityCount, namePatients } from './dicom-identity.ts';
import { isSegmentation, readSegmentation, SegmentationMasks, type Segmentation } from './dicom-seg.ts';
import { compareNames, sortIntoStacks, type DicomImage, type DicomSlice, type DicomStack } from './dicom-series.ts';
import { indexFileNames } from './file-names.ts';
import type { DatasetFiles, Detection, DicomFile, FileEntry, Importer, ScanEvent, ScanOptions } from './importer.ts';
import { mapAhead } from './map-ahead.ts';
import { scanParts, type PartPlan, type PartsPlan, type ReadPart } from './scan-parts.ts';
import { refused, warning } from './scan-volume.ts';
import { detectColumns, labelNamesOf } from './tag-table.ts';
import { readVolumeTags, WHOLE_VOLUME, type SliceTags, type StatedTags } from './volume-tags.ts';

const DICOM_NAME = /\.(?:dcm|dicom|ima)$/i;
/** Names that say what they hold, and it is not DICOM. */
const OTHER_NAME =
  /\.(?:csv|tsv|json|xml|txt|md|pdf|png|jpe?g|tiff?|bmp|gif|webp|nii|gz|zip|nrrd|mha|mhd|h5|hdf5|py|m)$/i;
const TABLE = /\.(?:csv|tsv)$/i;
/** Files of unknown name that are looked into to recognise a folder. */
const SAMPLED = 24;
const AHEAD = 4;

/** DICOM series with tags by table or masks by segmentation. */
export const dicomImporter: Importer = { format: 'dicom', detect, scan };

async function detect(listed: readonly FileEntry[], files: DatasetFiles): Promise<Detection> {
  const named = listed.filter(({ path }) => DICOM_NAME.test(path));
  const unknown = listed.filter(({ path }) => !DICOM_NAME.test(path) && !OTHER_NAME.test(path));
  let begins = 0;
  const sample = [...named.slice(0, SAMPLED), ...unknown.slice(0, SAMPLED)];
  for (const { path } of sample) if (await files.isDicom(path)) begins += 1;
  if (begins === 0) return { confidence: 0, why: 'no file begins as DICOM files do' };
  const share = (named.length + unknown.length) / listed.length;
  const why = `${begins} of ${counted(sample.length, 'file')} looked into ${begins === 1 ? 'begins' : 'begin'} as DICOM files do`;
  return { confidence: 0.4 + 0.5 * share * (begins / sample.length), why };
}

async function* scan(files: DatasetFiles, options: ScanOptions): AsyncGenerator<ScanEvent> {
  const listed = [...(await files.list())].sort((a, b) => compareNames(a.path, b.path));
  const candidates = listed.filter(({ path }) => !OTHER_NAME.test(path));
  // Each file is looked at twice: for its header, then for its pixels.
  const total = 2 * candidates.length;
  const found = new FoundFiles();
  let done = 0;
  // Read ahead, but taken in their order: of an image that comes twice the first one is kept.
  for await (const { path, file } of mapAhead(candidates, AHEAD, async ({ path: name }) => ({
    path: name,
    file: await readIfDicom(files, name),
  }))) {
    yield* found.take(path, file, files.place);
    done += 1;
    yield { kind: 'step', done, total, file: path };
  }
  yield* found.afterthoughts(listed.length - candidates.length);

  const table = options.tagsFile ?? listed.find(({ path }) => TABLE.test(path) && !path.includes('/'))?.path;
  const known = await knownClasses(files, table, found.segmentations, options);
  const classes = chooseClasses(known, options.classes);
  yield { kind: 'plan', classes };
  const lookUp = indexFileNames(found.images.map(({ file }) => file));
  const stated =
    table === undefined
      ? undefined
      : await readVolumeTags(files, { ...options, tagsFile: table }, classes, known, lookUp);
  if (stated) yield* stated.events;
  const masks = new SegmentationMasks(found.segmentations, classes, (path) => files.readDicom(path));

  const plans = planStacks(found.images, options.keepIdentity ?? false, masks, stated);
  const read = partReader(files);
  for (const plan of plans) {
    yield* await scanParts(read, plan, classes.length, options.tags ?? SLICE_TAGS);
    done += new Set(plan.parts.map(({ file }) => file)).size;
    yield { kind: 'step', done: Math.min(done, total), total, file: plan.id };
  }
  // Files that were refused, and those of several volumes, leave the count beside the total.
  yield { kind: 'step', done: total, total, file: '' };
  if (stated) yield* stated.leftOver();
  for (const file of masks.unused())
    yield warning(file, 'a segmentation that lies on no image of the source, or on several of which one is meant');
  if (masks.overlappingPixels > 0) {
    yield warning(
      '',
      `${counted(masks.overlappingPixels, 'pixel', 'is')} in two segments; each has the class of the later one`,
    );
  }
  yield { kind: 'privacy', privacy: found.identity.summary(options.keepIdentity ?? false) };
}

/** Undefined where the file is no DICOM. */
async function readIfDicom(files: DatasetFiles, path: string): Promise<DicomFile | Refusal | undefined> {
  return DICOM_NAME.test(path) || (await files.isDicom(path)) ? files.readDicom(path) : undefined;
}

/** The DICOM files of a source, by what they hold. */
class FoundFiles {
  readonly images: DicomImage[] = [];
  readonly segmentations: Segmentation[] = [];
  readonly identity = new IdentityCount();
  private readonly instances = new Map<string, string>();
  private others = 0;
  private indices = 0;

  /** Takes one file, undefined where it is no DICOM; tells what was refused. */
  take(path: string, file: DicomFile | Refusal | undefined, place: string): ScanEvent[] {
    if (!file) {
      this.others += 1;
      return [];
    }
    if (isRefusal(file)) return [refused(path, file)];
    if (path.split('/').pop()?.toUpperCase() === 'DICOMDIR') {
      this.indices += 1;
      return [];
    }
    const { header, dataset } = file;
    if (isSegmentation(dataset)) {
      const segmentation = readSegmentation(path, file);
      if (isRefusal(segmentation)) return [refused(path, segmentation)];
      this.segmentations.push(segmentation);
      return [];
    }
    if (isRefusal(header)) return [refused(path, header)];
    const first = this.instances.get(header.sopInstance);
    if (first !== undefined && header.sopInstance !== '') {
      return [{ kind: 'refused', file: path, expected: 'each image once', found: `a copy of ${first}` }];
    }
    this.instances.set(header.sopInstance, path);
    this.identity.take(`${place}/${path}`, dataset, header.burnedIn);
    this.images.push({ file: path, header });
    return header.burnedIn ? [warning(path, 'says that text is part of its pixels, which may name the patient')] : [];
  }

  *afterthoughts(skipped: number): Generator<ScanEvent> {
    this.images.sort((a, b) => compareNames(a.file, b.file));
    if (this.indices > 0) yield warning('', 'DICOMDIR is an index of files that are read themselves; it is not needed');
    const others = this.others + skipped;
    if (others > 0)
      yield warning(
        '',
        `${counted(others, 'other file')} of the folder ${others === 1 ? 'is no DICOM file' : 'are no DICOM files'}`,
      );
  }
}

/** Names of classes: asked for, in the table, or of the segments. */
async function knownClasses(
  files: DatasetFiles,
  table: string | undefined,
  segmentations: readonly Segmentation[],
  options: ScanOptions,
): Promise<readonly string[]> {
  const rows = table === undefined ? [] : await files.readRows(table);
  const columns = isRefusal(rows) || rows.length === 0 ? 'no table' : detectColumns(rows, options.columns ?? {});
  const names = typeof columns === 'string' || isRefusal(rows) ? [] : labelNamesOf(rows, columns);
  const segments = segmentations.flatMap((each) =>
    [...each.segments].sort((a, b) => a[0] - b[0]).map(([, name]) => name),
  );
  for (const name of segments) if (classIndex(names, name) < 0) names.push(name);
  // Where the source names none, a person may name those to tag by hand.
  return names.length === 0 ? (options.classes ?? []) : names;
}

function* planStacks(
  images: readonly DicomImage[],
  keepsIdentity: boolean,
  masks: SegmentationMasks,
  stated: StatedTags | undefined,
): Generator<PartsPlan> {
  const byPatient = Map.groupBy(sortIntoStacks(images), ({ patientKey }) => patientKey);
  const labels = new Map(images.map(({ header }) => [header.patientKey, header.patientLabel]));
  const names = namePatients(
    [...labels].map(([key, label]) => ({ key, label })),
    keepsIdentity,
  );
  for (const [key, label] of labels) {
    for (const [index, stack] of (byPatient.get(key) ?? []).entries()) {
      const patient = names.get(key)!; // every key was named
      const id = `${patient}_series${String(index + 1).padStart(2, '0')}`;
      yield* planPhases(stack, { id, patient, label }, masks, stated);
    }
  }
}

function* planPhases(
  { phases, doubts }: DicomStack,
  { id, patient, label }: { readonly id: string; readonly patient: string; readonly label: string },
  masks: SegmentationMasks,
  stated: StatedTags | undefined,
): Generator<PartsPlan> {
  const digits = Math.max(2, String(phases.length).length);
  for (const [phaseIndex, slices] of phases.entries()) {
    const frame = phases.length > 1 ? phaseIndex + 1 : null;
    const phase = phaseName(slices);
    const maskOf = masks.of(slices, phases);
    const bySlice = stated?.take({ patient: label, ...(frame !== null && { frame }), phase });
    const places = new Map<PartPlan, DicomSlice>();
    for (const [index, slice] of slices.entries()) {
      const present = statedOf(slice, index, bySlice, stated);
      const mask = maskOf?.(index);
      const part: PartPlan = {
        ...{ file: slice.file, frame: slice.frame },
        ...(present && { stated: present }),
        ...(mask && { mask }),
      };
      places.set(part, slice);
    }
    const shown = slices[0]?.place.shown;
    yield {
      ...{ patient, kind: 'dicom', phaseIndex, phase, frame },
      id: frame === null ? id : `${id}_phase${String(frame).padStart(digits, '0')}`,
      ...(shown && { shown }),
      parts: [...places.keys()],
      geometry: (kept) => {
        const geometry = stackGeometry(kept.map((part) => places.get(part)!.place)); // kept parts are of this plan
        const all = [...(phaseIndex === 0 ? doubts : []), ...(geometry.doubt === undefined ? [] : [geometry.doubt])];
        return all.length > 0 ? { ...geometry, doubt: all.join('; ') } : geometry;
      },
    };
  }
}

/** Tags of a slice: by its file, or by patient, phase and number. */
function statedOf(
  { file }: DicomSlice,
  index: number,
  bySlice: SliceTags | undefined,
  stated: StatedTags | undefined,
): readonly number[] | undefined {
  const own = stated?.take({ file });
  return own?.get(WHOLE_VOLUME) ?? bySlice?.get(index);
}

/** ED or ES where every slice says so. */
function phaseName(slices: readonly DicomSlice[]): string {
  const names = new Set(slices.map(({ place }) => place.phase));
  return names.size === 1 ? ([...names][0] ?? '') : '';
}

/** Reads parts; the last file stays open, since the frames of one are read one after another. */
function partReader(files: DatasetFiles): ReadPart {
  let kept: { readonly path: string; readonly file: ReturnType<DatasetFiles['readDicom']> } | undefined;
  return async ({ file: path, frame }) => {
    if (kept?.path !== path) kept = { path, file: files.readDicom(path) };
    const file = await kept.file;
    return isRefusal(file) ? file : file.frame(frame);
  };
}
