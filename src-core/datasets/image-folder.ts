// Folders of PNG, JPEG, TIFF, WebP, GIF or AVIF images with labels: one sub-folder a class, or a table of `file, label…`.
// Masks beside the images are evaluation truth; where there is no other label, tags are derived from them.
import { counted } from './counted.ts';
import { isRefusal, refuse, type Refusal } from '../imaging/refusal.ts';
import { chooseClasses, classIndex, meansNoClass } from './class-names.ts';
import { SLICE_TAGS } from './derive-tags.ts';
import { withoutExtension } from './file-names.ts';
import { readImageLabels, type ImageLabels } from './image-labels.ts';
import type { DatasetFiles, Detection, FileEntry, Importer, ScanEvent, ScanOptions } from './importer.ts';
import { mapAhead } from './map-ahead.ts';
import { describePairs, isImageFolder, pairMasks, type PairedFiles } from './mask-files.ts';
import {
  findNamesFile,
  maskLabels,
  namesOfValues,
  spreadOver,
  withLabelNames,
  type MaskLabels,
} from './mask-labels.ts';
import { RASTER_NAME } from './raster-names.ts';
import type { ImagePlan } from './image-plan.ts';
import { scanImage } from './scan-image.ts';
import { refused, warning } from './scan-volume.ts';
import type { Split } from './split.ts';

/** Pictures by their names that nothing here reads. */
const OTHER_PICTURE =
  /\.(?:bmp|jp2|j2k|jpx|jxl|heic|heif|psd|xcf|tga|p[bgnp]m|exr|hdr|dng|cr2|nef|svg|ico|czi|lif|nd2|svs|oib|vsi)$/i;
const TABLE = /\.(?:csv|tsv|json)$/i;
const AHEAD = 8;
/** Masks looked at to learn what their values are, where nobody named them. */
const SAMPLED_MASKS = 64;
const SPLIT_FOLDERS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
};

/** Single images with labels by folder or table, and optional masks. */
export const imageFolderImporter: Importer = { format: 'images', detect, scan };

function detect(files: readonly FileEntry[]): Detection {
  const rasters = files.map(({ path }) => path).filter((path) => RASTER_NAME.test(path));
  if (rasters.length === 0) return { confidence: 0, why: 'no PNG, JPEG, TIFF, WebP, GIF or AVIF image' };
  const tables = files.filter((file) => TABLE.test(file.path)).length;
  const why = `${describePairs(pairMasks(rasters), 'image')} of ${counted(files.length, 'file')}, ${counted(tables, 'table')}`;
  return { confidence: (0.8 * rasters.length) / files.length, why };
}

async function* scan(files: DatasetFiles, asked: ScanOptions): AsyncGenerator<ScanEvent> {
  const listed = await files.list();
  const namesFile = await findNamesFile(files, listed);
  const options = asked.labelNames || !namesFile ? asked : { ...asked, labelNames: namesFile.names };
  const pairs = pairMasks(listed.filter((file) => RASTER_NAME.test(file.path)).map((file) => file.path));
  const table =
    options.tagsFile ??
    (await findTable(
      files,
      listed.filter(({ path }) => path !== namesFile?.path),
    ));
  const folders = folderLabels(pairs.images);
  const labels = table === undefined ? undefined : await readImageLabels(files, table, pairs.images, options);
  const found = labels?.names ?? folders.names;
  const known = withLabelNames(found, options.labelNames);
  const masksOnly = known.length === 0 && pairs.maskOf.size > 0;
  const values = masksOnly && !options.classes ? await namesOfMasks(files, pairs) : undefined;
  const classes = values
    ? [...new Set(Object.values(values))]
    : masksOnly
      ? chooseClasses(options.classes ?? [], options.classes)
      : chosenOf(known, options.classes);
  yield { kind: 'plan', classes };
  if (values && classes.length > 1)
    yield warning('', `nothing names the values of the masks; they are called ${classes.join(', ')}`);
  const total = pairs.images.length;

  if (labels) yield* labels.events;
  for (const { path } of listed) if (OTHER_PICTURE.test(path)) yield refused(path, unread(path));
  for (const mask of pairs.orphans) yield warning(mask, 'a mask whose image is not there');
  const plan = planner(pairs, classes, maskLabels(options.labelNames ?? values, classes), options, labels, folders);
  let done = 0;
  for await (const events of mapAhead(pairs.images, AHEAD, (path) =>
    scanImage(files, plan(path), classes.length, options.tags ?? SLICE_TAGS),
  )) {
    yield* events;
    done += 1;
    yield { kind: 'step', done, total, file: pairs.images[done - 1] ?? '' };
  }
}

/** Why a picture is left out that another program could read. */
function unread(path: string): Refusal {
  const kind = path.split('.').pop()!.toUpperCase(); // its ending was matched
  return refuse(
    'a PNG, JPEG, TIFF, WebP, GIF or AVIF image',
    `${kind}, which is not read here; convert it to PNG or TIFF`,
  );
}

/** Classes kept of those known; where no image says anything, those that a person names to tag them with. */
function chosenOf(known: readonly string[], asked: readonly string[] | undefined): readonly string[] {
  return chooseClasses(known.length === 0 ? (asked ?? []) : known, asked);
}

/** What is known of each image before it is opened. */
function planner(
  pairs: PairedFiles,
  classes: readonly string[],
  values: MaskLabels,
  options: ScanOptions,
  labels: ImageLabels | undefined,
  folders: FolderLabels,
): (path: string) => ImagePlan {
  return (path) => {
    const row = labels?.of(path);
    const stated = labels ? row?.labels : folders.of(path);
    const mask = pairs.maskOf.get(path);
    const split = row?.split ?? splitOfFolder(path);
    return {
      file: path,
      patient: row?.patient ?? patientOf(path, options.patientPattern) ?? path,
      ...(split ? { split } : {}),
      takesPages: true,
      ...(row?.slices && {
        slices: new Map([...row.slices].map(([slice, names]) => [slice, presence(classes, names)])),
      }),
      truth: mask === undefined ? null : { file: mask, phaseIndex: 0, ...values },
      ...(stated ? { stated: presence(classes, stated) } : {}),
      ...(labels && !row ? { untagged: `in no row of ${labels.file}; imported without a tag` } : {}),
    };
  };
}

/** 1 or 0 for each class. */
function presence(classes: readonly string[], names: readonly string[]): number[] {
  return classes.map((name) => (classIndex(names, name) >= 0 ? 1 : 0));
}

/** A table at the top whose cells name images; of several, the first. */
async function findTable(files: DatasetFiles, listed: readonly FileEntry[]): Promise<string | undefined> {
  const tables = listed.filter((file) => TABLE.test(file.path) && !file.path.includes('/'));
  const names = new Set(listed.filter((file) => RASTER_NAME.test(file.path)).map((file) => baseName(file.path)));
  for (const { path } of tables) {
    const rows = await files.readRows(path);
    if (isRefusal(rows)) continue;
    const mentions = rows.some((row) => row.some((cell) => names.has(baseName(cell)) || RASTER_NAME.test(cell)));
    if (mentions) return path;
  }
  return undefined;
}

interface FolderLabels {
  readonly names: string[];
  /** Labels that an image's folder states; undefined where it lies in none. */
  of(path: string): readonly string[] | undefined;
}

/** Class sub-folders: the folder an image lies in, folders of splits and plain `images` folders aside. */
function folderLabels(images: readonly string[]): FolderLabels {
  const labelOf = (path: string): string | undefined =>
    path
      .split('/')
      .slice(0, -1)
      .filter((part) => SPLIT_FOLDERS[part.toLowerCase()] === undefined && !isImageFolder(part))
      .at(-1);
  const names = [...new Set(images.map(labelOf))].filter((name) => name !== undefined && !meansNoClass(name)).sort();
  return {
    // The filter above leaves names only.
    names: names as string[],
    of(path) {
      const label = labelOf(path);
      if (label === undefined) return undefined;
      return meansNoClass(label) ? [] : [label];
    },
  };
}

/** Names for the values that some of the masks hold. */
async function namesOfMasks(files: DatasetFiles, pairs: PairedFiles): Promise<Readonly<Record<number, string>>> {
  const values: Set<number>[] = [];
  for (const mask of spreadOver([...pairs.maskOf.values()], SAMPLED_MASKS)) {
    const found = new Set<number>();
    let pages = 1;
    for (let page = 0; page < pages; page += 1) {
      const image = await files.readMask(mask, page);
      if (isRefusal(image)) break;
      for (const value of image.values) found.add(value);
      pages = image.pages?.count ?? 1;
    }
    if (found.size > 0) values.push(found);
  }
  return namesOfValues(values);
}

function patientOf(path: string, pattern: RegExp | undefined): string | undefined {
  const match = pattern?.exec(path);
  return match ? (match[1] ?? match[0]) : undefined;
}

function splitOfFolder(path: string): Split | undefined {
  const folders = path.split('/').slice(0, -1);
  return folders.map((folder) => SPLIT_FOLDERS[folder.toLowerCase()]).find((split) => split !== undefined);
}

function baseName(path: string): string {
  return withoutExtension(path.replaceAll('\\', '/').split('/').pop() ?? '').normalize('NFC');
}
