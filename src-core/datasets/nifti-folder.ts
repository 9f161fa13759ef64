// Folders of NIfTI files, 2-D, 3-D or 4-D, with a table of tags (file, [frame,] slice, labels) or masks beside them.
import { isRefusal } from '../imaging/refusal.ts';
import { chooseClasses } from './class-names.ts';
import { SLICE_TAGS } from './derive-tags.ts';
import { indexFileNames, withoutExtension } from './file-names.ts';
import type { DatasetFiles, Detection, FileEntry, Importer, ScanEvent, ScanOptions } from './importer.ts';
import { mapAhead } from './map-ahead.ts';
import { pairMasks } from './mask-files.ts';
import { maskLabels, withLabelNames, type MaskLabels } from './mask-labels.ts';
import { refused, scanVolume, warning, type VolumePlan } from './scan-volume.ts';
import { detectColumns, labelNamesOf } from './tag-table.ts';
import { readVolumeTags, type StatedTags } from './volume-tags.ts';

const NIFTI = /\.nii(?:\.gz)?$/i;
const TABLE = /\.(?:csv|tsv)$/i;
const AHEAD = 4;

/** NIfTI volumes with tags by table or masks. */
export const niftiFolderImporter: Importer = { format: 'nifti', detect, scan };

function detect(files: readonly FileEntry[]): Detection {
  const volumes = files.filter((file) => NIFTI.test(file.path)).length;
  if (volumes === 0) return { confidence: 0, why: 'no .nii or .nii.gz file' };
  return {
    confidence: Math.min(0.5, 0.1 + volumes / files.length),
    why: `${volumes} NIfTI files of ${files.length} files`,
  };
}

async function* scan(files: DatasetFiles, options: ScanOptions): AsyncGenerator<ScanEvent> {
  const listed = await files.list();
  const pairs = pairMasks(listed.filter((file) => NIFTI.test(file.path)).map((file) => file.path));
  const table = options.tagsFile ?? listed.find((file) => TABLE.test(file.path) && !file.path.includes('/'))?.path;
  const known = await knownClasses(files, table, pairs.maskOf.size > 0, options);
  const classes = chooseClasses(known, options.classes);
  yield { kind: 'plan', classes };
  const total = pairs.images.length;

  const lookUp = indexFileNames(pairs.images);
  const stated =
    table === undefined
      ? undefined
      : await readVolumeTags(files, { ...options, tagsFile: table }, classes, known, lookUp);
  if (stated) yield* stated.events;
  for (const mask of pairs.orphans) yield warning(mask, 'a mask whose image is not there');
  const values = maskLabels(options.labelNames, classes);
  let done = 0;
  for await (const events of mapAhead(pairs.images, AHEAD, (path) =>
    scanFile(files, path, pairs.maskOf.get(path), values, classes.length, stated, options),
  )) {
    yield* events;
    done += 1;
    yield { kind: 'step', done, total, file: pairs.images[done - 1] ?? '' };
  }
  if (stated) yield* stated.leftOver();
}

/** Classes by name: asked for, in the table, or stated for mask values; none where there are only images. */
async function knownClasses(
  files: DatasetFiles,
  table: string | undefined,
  hasMasks: boolean,
  options: ScanOptions,
): Promise<readonly string[]> {
  if (options.classes) return withLabelNames(options.classes, options.labelNames);
  const rows = table === undefined ? [] : await files.readRows(table);
  const columns = isRefusal(rows) || rows.length === 0 ? 'no table' : detectColumns(rows, options.columns ?? {});
  const inTable = typeof columns === 'string' || isRefusal(rows) ? [] : labelNamesOf(rows, columns);
  const known = withLabelNames(inTable, options.labelNames);
  if (known.length > 0 || (table === undefined && !hasMasks)) return known;
  throw new Error(
    'classes: expected a table of tags or names for the values of the masks, such as 1=LV; found neither',
  );
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
  const file = await files.readNifti(path);
  if (isRefusal(file)) return [refused(path, file)];
  const { phases } = file.header;
  const name = withoutExtension(path);
  const match = options.patientPattern?.exec(path);
  const patient = match ? (match[1] ?? match[0]) : name;
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
      frame: phases > 1 ? frame : null,
      truth: mask === undefined ? null : { file: mask, phaseIndex, ...values },
      ...(tags ? { stated: tags } : {}),
    };
    events.push(...(await scanVolume(files, plan, classCount, options.tags ?? SLICE_TAGS)));
  }
  return events;
}
