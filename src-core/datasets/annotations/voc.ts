// Pascal VOC: JPEGImages with SegmentationClass masks, labelmap.txt, Annotations as XML, and lists of images in ImageSets.
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { counted } from '../counted.ts';
import { IGNORE, type LabelPlane } from '../../imaging/plane.ts';
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import { classIndex } from '../class-names.ts';
import { checkDocument } from '../codecs/json-document.ts';
import { decodeLabelmap, vocColour, VOC_VOID, type LabelmapEntry } from '../codecs/voc.ts';
import { parseXml } from '../codecs/xml-document.ts';
import { withoutExtension } from '../file-names.ts';
import type { DatasetFiles, Detection, FileEntry, ScanEvent, ScanOptions } from '../importer.ts';
import { namesOfValues, spreadOver } from '../mask-labels.ts';
import { RASTER_NAME } from '../raster-names.ts';
import { warning } from '../scan-volume.ts';
import type { Split } from '../split.ts';
import { annotationImporter, type AnnotatedImage, type Annotations } from './annotated-images.ts';
import { splitOfPath } from './split-names.ts';

/** Palette masks, XML objects and image sets. */
export const vocImporter = annotationImporter('voc', detect, read);

/** Classes of the challenge, by the index of their masks from 1. */
const CHALLENGE =
  'aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep sofa train tvmonitor'.split(
    ' ',
  );
/** The challenge's outlines of objects. */
const VOID_COLOURS = new Set([colourKey(vocColour(VOC_VOID)), colourKey([224, 224, 192])]);
const NO_CLASS = new Set(['background', 'ignored', '__ignore__', '__background__']);
const SAMPLED_MASKS = 64;

function detect(listed: readonly FileEntry[]): Detection {
  const has = (folder: string): number => listed.filter(({ path }) => path.split('/').includes(folder)).length;
  const [pictures, masks, lists, texts] = ['JPEGImages', 'SegmentationClass', 'ImageSets', 'Annotations'].map(has);
  const labelmap = listed.some(({ path }) => /(?:^|\/)labelmap\.txt$/.test(path));
  const why = `${counted(pictures!, 'file')} in JPEGImages, ${masks} in SegmentationClass, ${texts} in Annotations, ${lists} in ImageSets`;
  const isVoc = (pictures! > 0 && (masks! > 0 || texts! > 0 || lists! > 0)) || (masks! > 0 && labelmap);
  return { confidence: isVoc ? 0.94 : 0, why };
}

/** The files of a source, by the part of the layout that they are. */
class Layout {
  readonly pictures: readonly string[];
  readonly masks: ReadonlyMap<string, string>;
  readonly texts: ReadonlyMap<string, string>;
  readonly lists: readonly string[];
  readonly labelmap: string | undefined;

  constructor(listed: readonly FileEntry[]) {
    const paths = listed.map(({ path }) => path);
    const within = (folder: string): string[] => paths.filter((path) => path.split('/').slice(0, -1).includes(folder));
    const named = (found: readonly string[]) => new Map(found.map((path) => [nameOf(path), path]));
    this.masks = named(within('SegmentationClass').filter((path) => RASTER_NAME.test(path)));
    this.texts = named(within('Annotations').filter((path) => /\.xml$/i.test(path)));
    this.lists = within('ImageSets').filter((path) => /\.txt$/i.test(path));
    this.labelmap = paths.find((path) => /(?:^|\/)labelmap\.txt$/.test(path));
    this.pictures = within('JPEGImages').filter((path) => RASTER_NAME.test(path));
  }
}

async function read(files: DatasetFiles, listed: readonly FileEntry[], options: ScanOptions): Promise<Annotations> {
  const layout = new Layout(listed);
  const events: ScanEvent[] = [];
  const sets = await readSets(files, layout, events);
  const objects = await readObjects(files, layout, events);
  const named = [...sets.classes, ...[...objects.values()].flat()];
  const masks = await readMaskNames(files, layout, options, named, events);
  const classes = [...masks.classes];
  for (const name of named) if (classIndex(classes, name) < 0) classes.push(name);
  const images = layout.pictures.map((file): AnnotatedImage => {
    const name = nameOf(file);
    const mask = layout.masks.get(name);
    const stated = sets.presence.get(name);
    const seen = objects.get(name);
    const split = sets.splits.get(name);
    const labels = [...(seen ?? []), ...(stated?.present ?? [])];
    const says = seen !== undefined || stated !== undefined;
    const untagged = says || mask !== undefined ? undefined : 'in no annotation, list or mask; imported without a tag';
    return {
      ...{ file, annotations: mask ?? layout.texts.get(name) ?? file, objects: [] },
      ...(says && { labels }),
      ...(stated && { uncertain: stated.uncertain.filter((each) => !labels.includes(each)) }),
      ...(split && { split }),
      ...(untagged !== undefined && { untagged }),
      ...(mask !== undefined && {
        mask: (order: readonly string[], width: number, height: number) => masks.read(mask, order, width, height),
      }),
    };
  });
  for (const [name, path] of layout.masks) {
    if (!images.some(({ file }) => nameOf(file) === name))
      events.push(warning(path, 'a mask whose image is not there'));
  }
  return {
    classes,
    images,
    outlinesAll: false,
    events,
    isMask: (path) => /\bSegmentation(?:Class|Object)\b/.test(path),
  };
}

/** Splits, and presence of classes, as the lists state them. */
interface ImageSets {
  readonly classes: readonly string[];
  readonly splits: ReadonlyMap<string, Split>;
  readonly presence: ReadonlyMap<string, { readonly present: string[]; readonly uncertain: string[] }>;
}

async function readSets(files: DatasetFiles, { lists, pictures }: Layout, events: ScanEvent[]): Promise<ImageSets> {
  const known = new Set(pictures.map(nameOf));
  const classes: string[] = [];
  const splits = new Map<string, Split>();
  const presence = new Map<string, { present: string[]; uncertain: string[] }>();
  for (const path of lists) {
    const [, className, list = nameOf(path)] = /^(.+)_((?:train|val|trainval|test)[\w-]*)$/.exec(nameOf(path)) ?? [];
    // `trainval` is both; the two lists say which.
    const split = list === 'trainval' ? undefined : splitOfPath(list);
    if (className !== undefined && classIndex(classes, className) < 0) classes.push(className);
    const strangers: string[] = [];
    for (const line of (await files.readText(path)).split(/\r?\n/)) {
      const [name, value] = line.trim().split(/\s+/);
      if (name === undefined || name === '') continue;
      if (!known.has(name)) strangers.push(name);
      if (split) splits.set(name, split);
      if (className === undefined || value === undefined) continue;
      const image = presence.get(name) ?? { present: [], uncertain: [] };
      presence.set(name, image);
      // 0 is "difficult": it may be there.
      if (value === '1' && !image.present.includes(className)) image.present.push(className);
      if (value === '0' && !image.uncertain.includes(className)) image.uncertain.push(className);
    }
    if (strangers.length > 0) {
      const found = `${strangers.length} others, ${JSON.stringify(strangers[0])} the first`;
      events.push({ kind: 'refused', file: path, expected: 'names of pictures in JPEGImages', found });
    }
  }
  return { classes, splits, presence };
}

const annotation = z.object({
  annotation: z.object({ object: z.array(z.object({ name: z.string() })).default([]) }),
});

/** Names of the objects of each image that has an XML file. */
async function readObjects(
  files: DatasetFiles,
  { texts }: Layout,
  events: ScanEvent[],
): Promise<Map<string, string[]>> {
  const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'object' });
  const objects = new Map<string, string[]>();
  for (const [name, path] of texts) {
    const parsed = parseXml(parser, await files.readText(path));
    const checked = isRefusal(parsed) ? parsed : checkDocument(annotation, parsed.content);
    if ('annotation' in checked) objects.set(name, [...new Set(checked.annotation.object.map((each) => each.name))]);
    else events.push({ ...checked, file: path });
  }
  return objects;
}

/** How the values of masks are named, and read. */
interface MaskNames {
  readonly classes: readonly string[];
  read(path: string, order: readonly string[], width: number, height: number): Promise<LabelPlane | Refusal>;
}

/** Masks by colour where a labelmap names colours; by index otherwise. */
async function readMaskNames(
  files: DatasetFiles,
  { masks, labelmap }: Layout,
  options: ScanOptions,
  named: readonly string[],
  events: ScanEvent[],
): Promise<MaskNames> {
  const entries = labelmap === undefined ? undefined : decodeLabelmap(await files.readText(labelmap));
  if (entries && isRefusal(entries)) events.push({ ...entries, file: labelmap ?? '' });
  if (entries && !isRefusal(entries) && !options.labelNames) {
    const colours = namesByColour(entries, labelmap ?? '', events);
    const classes = entries.map(({ name }) => name).filter((name) => !NO_CLASS.has(name.toLowerCase()));
    return { classes, read: (path, order, ...size) => readByColour(files, path, colours, order, size) };
  }
  const names = options.labelNames ?? (await namesByIndex(files, masks, named));
  const classes = masks.size > 0 ? [...new Set(Object.values(names))] : [];
  return { classes, read: (path, order, ...size) => readByIndex(files, path, names, order, size) };
}

/** A colour that comes again under another name clashes and keeps its first. */
function namesByColour(
  entries: readonly LabelmapEntry[],
  labelmap: string,
  events: ScanEvent[],
): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { name, colour } of entries) {
    const first = names.get(colourKey(colour));
    if (first === undefined) names.set(colourKey(colour), name);
    else if (first !== name) {
      const expected = `a colour of its own for ${JSON.stringify(name)}`;
      events.push({
        kind: 'refused',
        file: labelmap,
        expected,
        found: `${colour.join(',')}, which is ${JSON.stringify(first)}`,
      });
    }
  }
  return names;
}

async function namesByIndex(
  files: DatasetFiles,
  masks: ReadonlyMap<string, string>,
  named: readonly string[],
): Promise<Readonly<Record<number, string>>> {
  const isChallenge = named.length > 0 && named.every((name) => CHALLENGE.includes(name));
  if (isChallenge) return Object.fromEntries(CHALLENGE.map((name, index) => [index + 1, name]));
  const values: Set<number>[] = [];
  for (const path of spreadOver([...masks.values()], SAMPLED_MASKS)) {
    const mask = await files.readMask(path);
    if (!isRefusal(mask)) values.push(new Set(Array.from(mask.values).filter((value) => value !== VOC_VOID)));
  }
  return values.some(({ size }) => size > 0) ? namesOfValues(values) : {};
}

async function readByIndex(
  files: DatasetFiles,
  path: string,
  names: Readonly<Record<number, string>>,
  order: readonly string[],
  [width, height]: readonly [number, number],
): Promise<LabelPlane | Refusal> {
  const mask = await files.readMask(path);
  if (isRefusal(mask)) return mask;
  if (mask.width !== width || mask.height !== height) return wrongSize(width, height, mask, path);
  const ids = Uint8Array.from({ length: 256 }, (_, value) => {
    if (value === VOC_VOID && names[value] === undefined) return IGNORE;
    const name = names[value];
    return name === undefined ? 0 : classIndex(order, name) + 1;
  });
  return { width, height, data: Uint8Array.from(mask.values, (value) => ids[value] ?? 0) };
}

/** A grey picture holds indices whose colours the palette of VOC gives. */
async function readByColour(
  files: DatasetFiles,
  path: string,
  colours: ReadonlyMap<number, string>,
  order: readonly string[],
  [width, height]: readonly [number, number],
): Promise<LabelPlane | Refusal> {
  const picture = await files.readRaster(path);
  if (isRefusal(picture)) return picture;
  if (picture.width !== width || picture.height !== height) return wrongSize(width, height, picture, path);
  const { values, channels } = picture;
  const data = new Uint8Array(width * height);
  const ids = new Map<number, number | undefined>();
  for (let pixel = 0; pixel < data.length; pixel += 1) {
    const grey = values[pixel]!;
    const key =
      channels === 3
        ? colourKey([values[pixel * 3]!, values[pixel * 3 + 1]!, values[pixel * 3 + 2]!])
        : colourKey(colours.has(colourKey([grey, grey, grey])) ? [grey, grey, grey] : vocColour(grey));
    if (!ids.has(key)) ids.set(key, idOf(colours.get(key), key, order));
    const id = ids.get(key);
    if (id === undefined) {
      const found = `#${key.toString(16).padStart(6, '0')} at pixel ${pixel}`;
      return refuse('colours that labelmap.txt names', `${found} of ${path}`);
    }
    data[pixel] = id;
  }
  return { width, height, data };
}

function idOf(name: string | undefined, colour: number, order: readonly string[]): number | undefined {
  const isVoid = name === undefined ? VOID_COLOURS.has(colour) : /ignore/i.test(name);
  if (isVoid) return IGNORE;
  if (name === undefined) return colour === 0 ? 0 : undefined;
  return NO_CLASS.has(name.toLowerCase()) ? 0 : classIndex(order, name) + 1;
}

function colourKey([red, green, blue]: readonly [number, number, number]): number {
  return (red << 16) | (green << 8) | blue;
}

function wrongSize(
  width: number,
  height: number,
  found: { readonly width: number; readonly height: number },
  path: string,
): Refusal {
  return refuse(`a mask of the image's size, ${width} x ${height}`, `${found.width} x ${found.height} in ${path}`);
}

function nameOf(path: string): string {
  return withoutExtension(path.split('/').pop() ?? '');
}
