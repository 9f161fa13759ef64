// COCO: one or more instances files, with pictures by name.
import { isRefusal } from '../../imaging/refusal.ts';
import { classIndex } from '../class-names.ts';
import { drawCocoSegmentation, parseCoco, type CocoAnnotation, type CocoDocument } from '../codecs/coco.ts';
import type { DatasetFiles, Detection, FileEntry, ScanEvent } from '../importer.ts';
import {
  annotationImporter,
  isBetweenPixels,
  type AnnotatedImage,
  type AnnotatedObject,
  type Annotations,
} from './annotated-images.ts';
import { PictureFinder } from './find-pictures.ts';
import { filesThatBegin } from './sniff.ts';
import { splitOfPath } from './split-names.ts';

/** Instances as run lengths, polygons or boxes. */
export const cocoImporter = annotationImporter('coco', detect, read);

/** Any two of the three lists that every file has, or one with what its elements have. */
function isCoco(start: string): boolean {
  const lists = ['images', 'annotations', 'categories'].filter((name) =>
    new RegExp(`"${name}"\\s*:\\s*\\[`).test(start),
  );
  return lists.length >= 2 || (lists.length === 1 && /"(?:file_name|image_id|supercategory)"\s*:/.test(start));
}

function findFiles(files: DatasetFiles, listed: readonly FileEntry[]): Promise<string[]> {
  return filesThatBegin(files, listed, /\.json$/i, isCoco);
}

async function detect(listed: readonly FileEntry[], files: DatasetFiles): Promise<Detection> {
  const found = await findFiles(files, listed);
  if (found.length === 0) return { confidence: 0, why: 'no JSON file begins with images, annotations and categories' };
  return { confidence: 0.9, why: `${found.join(', ')} begins with images, annotations or categories` };
}

async function read(files: DatasetFiles, listed: readonly FileEntry[]): Promise<Annotations> {
  const pictures = new PictureFinder(listed);
  const classes: string[] = [];
  const images: AnnotatedImage[] = [];
  const events: ScanEvent[] = [];
  for (const path of await findFiles(files, listed)) {
    const document = parseCoco(await files.readText(path));
    if (isRefusal(document)) {
      events.push({ ...document, file: path });
      continue;
    }
    for (const { expected, found } of document.refused) events.push({ kind: 'refused', file: path, expected, found });
    const names = categoryNames(document, path, events);
    for (const name of names.values()) if (classIndex(classes, name) < 0) classes.push(name);
    images.push(...imagesOf(document, path, names, pictures, events));
  }
  const outlinesAll = images.some(({ objects }) => objects.some(({ draw }) => draw));
  return { classes, images, outlinesAll, events: [...events, ...pictures.events] };
}

/** Names by id. An id that comes again under another name clashes and keeps its first. */
function categoryNames(document: CocoDocument, path: string, events: ScanEvent[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const [index, { id, name }] of document.categories.entries()) {
    const known = names.get(id);
    if (known === undefined) names.set(id, name);
    else if (known !== name) {
      const expected = `categories.${index}: an id of its own for ${JSON.stringify(name)}`;
      events.push({ kind: 'refused', file: path, expected, found: `${id}, which is ${JSON.stringify(known)}` });
    }
  }
  return names;
}

function imagesOf(
  document: CocoDocument,
  path: string,
  names: ReadonlyMap<number, string>,
  pictures: PictureFinder,
  events: ScanEvent[],
): AnnotatedImage[] {
  const split = splitOfPath(path);
  const folders = folderNames(path);
  const byImage = Map.groupBy(document.annotations.entries(), ([, { image_id }]) => image_id);
  const seen = new Set<number>();
  const images = document.images.flatMap(({ id, file_name, width, height }, index): AnnotatedImage[] => {
    if (seen.has(id)) {
      events.push({ kind: 'refused', file: path, expected: `images.${index}: an id of its own`, found: `${id} again` });
      return [];
    }
    seen.add(id);
    const file = pictures.at(path, `images.${index}`, file_name, folders);
    if (file === undefined) return [];
    const objects = (byImage.get(id) ?? []).flatMap(([place, annotation]) =>
      objectOf(annotation, `annotations.${place}`, path, names, events),
    );
    return [{ file, annotations: path, size: { width, height }, objects, ...(split && { split }) }];
  });
  const lost = document.annotations.filter(({ image_id }) => !seen.has(image_id)).length;
  if (lost > 0) {
    const found = `${lost} of ${document.annotations.length} with another image_id`;
    events.push({ kind: 'refused', file: path, expected: 'annotations of the images listed', found });
  }
  return images;
}

function objectOf(
  { category_id, segmentation }: CocoAnnotation,
  field: string,
  path: string,
  names: ReadonlyMap<number, string>,
  events: ScanEvent[],
): AnnotatedObject[] {
  const label = names.get(category_id);
  if (label === undefined) {
    events.push({ kind: 'refused', file: path, expected: `${field}: a category listed`, found: `id ${category_id}` });
    return [];
  }
  if (!segmentation || (Array.isArray(segmentation) && segmentation.length === 0)) return [{ label, field }];
  const isRounded = Array.isArray(segmentation) && segmentation.some(isBetweenPixels);
  // The image was found to be of the stated size before anything is drawn.
  return [{ label, field, isRounded, draw: (width, height) => drawCocoSegmentation(segmentation, { width, height }) }];
}

/** Where the pictures of `annotations/instances_train2017.json` usually lie. */
function folderNames(path: string): string[] {
  const name = /(?:instances_)?([^/]+)\.json$/i.exec(path)?.[1] ?? '';
  const above = path.split('/').slice(0, -1).join('/');
  return [...(above === '' ? [] : [above, `${above}/images`]), `images/${name}`, name];
}
