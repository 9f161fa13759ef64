// Folders of volume files, 2-D, 3-D or 4-D, with a table of tags (file, [frame,] slice, labels) or masks beside them.
import { counted } from './counted.ts';
import { isRefusal } from '../imaging/refusal.ts';
import { decodeVoxels } from '../imaging/voxels.ts';
import { chooseClasses } from './class-names.ts';
import { SLICE_TAGS } from './derive-tags.ts';
import { indexFileNames, withoutExtension } from './file-names.ts';
import type { DatasetFiles, Detection, FileEntry, Importer, ScanEvent, ScanOptions, VolumeKind } from './importer.ts';
import { mapAhead } from './map-ahead.ts';
import { describePairs, pairMasks, type PairedFiles } from './mask-files.ts';
import { findNamesFile, maskLabels, namesOfValues, spreadOver, type MaskLabels } from './mask-labels.ts';
import { frameOfName } from './raster-names.ts';
import { refused, scanVolume, VOLUME_NAME, warning, type VolumePlan } from './scan-volume.ts';
import { readVolumeTags, statedClasses, type StatedTags } from './volume-tags.ts';

const TABLE = /\.(?:csv|tsv)$/i;
const AHEAD = 4;
/** Masks looked at to learn what their values are, where nobody named them. */
const SAMPLED_MASKS = 8;

/** NIfTI volumes with tags by table or masks. */
export const niftiFolderImporter = volumeImporter('nifti', 'NIfTI', /\.nii(?:\.gz)?$/i);
/** NRRD volumes, likewise. */
export const nrrdFolderImporter = volumeImporter('nrrd', 'NRRD', /\.(?:nrrd|nhdr)$/i);
/** MetaImage volumes, likewise. */
export const metaImageFolderImporter = volumeImporter('metaimage', 'MetaImage', /\.(?:mha|mhd)$/i);

function volumeImporter(format: VolumeKind, title: string, names: RegExp): Importer {
  const detect = (listed: readonly FileEntry[]): Detection => {
    const volumes = listed.map(({ path }) => path).filter((path) => names.test(path));
    if (volumes.length === 0) return { confidence: 0, why: `no ${title} file` };
    return {
      confidence: Math.min(0.5, 0.1 + volumes.length / listed.length),
      why: `${describePairs(pairMasks(volumes), `${title} file`)} of ${counted(listed.length, 'file')}`,
    };
  };
  return { format, detect, scan };
}

async function* scan(files: DatasetFiles, asked: ScanOptions): AsyncGenerator<ScanEvent> {
  const listed = await files.list();
  const labelNames = asked.labelNames ?? (await findNamesFile(files, listed))?.names;
  const options = labelNames ? { ...asked, labelNames } : asked;
  const pairs = pairMasks(listed.filter((file) => VOLUME_NAME.test(file.path)).map((file) => file.path));
  const table = options.tagsFile ?? listed.find((file) => TABLE.test(file.path) && !file.path.includes('/'))?.path;
  const stated = await statedClasses(files, table, options);
  const found = stated.length === 0 && pairs.maskOf.size > 0 ? await namesOfMasks(files, pairs) : undefined;
  const known = found ? [...new Set(Object.values(found))] : stated;
  const classes = chooseClasses(known, options.classes);
  yield { kind: 'plan', classes };
  if (found) yield warning('', `nothing names the values of the masks; they are called ${known.join(', ')}`);
  const total = pairs.images.length;

  const lookUp = indexFileNames(pairs.images);
  const tags =
    table === undefined
      ? undefined
      : await readVolumeTags(files, { ...options, tagsFile: table }, classes, known, lookUp);
  if (tags) yield* tags.events;
  for (const mask of pairs.orphans) yield warning(mask, 'a mask whose image is not there');
  const values = maskLabels(options.labelNames ?? found, classes);
  let done = 0;
  for await (const events of mapAhead(pairs.images, AHEAD, (path) =>
    scanFile(files, path, pairs.maskOf.get(path), values, classes.length, tags, options),
  )) {
    yield* events;
    done += 1;
    yield { kind: 'step', done, total, file: pairs.images[done - 1] ?? '' };
  }
  if (tags) yield* tags.leftOver();
}

/** Names for the values that some of the masks hold. */
async function namesOfMasks(files: DatasetFiles, pairs: PairedFiles): Promise<Readonly<Record<number, string>>> {
  const values: Set<number>[] = [];
  for (const path of spreadOver([...pairs.maskOf.values()], SAMPLED_MASKS)) {
    const file = await files.readVolume(path);
    const bytes = isRefusal(file) ? file : await file.phase(0);
    if (isRefusal(file) || isRefusal(bytes)) continue;
    values.push(new Set(decodeVoxels(file.header, bytes)));
  }
  return namesOfValues(values);
}

async function scanFile(
  files: DatasetFiles,
  path: string,
  mask: string | undefined,
  values: MaskLabels,
  classCount: number,
  stated: StatedTags | undefined,
  options: ScanOptions,
): Promise<ScanEvent[]> {
  const file = await files.readVolume(path);
  if (isRefusal(file)) return [refused(path, file)];
  const { phases } = file.header;
  const name = withoutExtension(path);
  const match = options.patientPattern?.exec(path);
  const named = phases > 1 ? undefined : frameOfName(name);
  const patient = match ? (match[1] ?? match[0]) : (named?.recording ?? name);
  const events: ScanEvent[] = [];
  for (let phaseIndex = 0; phaseIndex < phases; phaseIndex += 1) {
    const frame = phaseIndex + 1;
    const tags = stated?.take({ file: path, frame });
    const plan: VolumePlan = {
      id: phases > 1 ? `${name}_frame${String(frame).padStart(2, '0')}` : name,
      patient,
      file: path,
      phaseIndex,
      phase: '',
      frame: phases > 1 ? frame : (named?.frame ?? null),
      truth: mask === undefined ? null : { file: mask, phaseIndex, ...values },
      ...(tags ? { stated: tags } : {}),
    };
    events.push(...(await scanVolume(files, plan, classCount, options.tags ?? SLICE_TAGS)));
  }
  return events;
}
