// Datumaro: annotations/<subset>.json with masks, polygons, boxes and labels, beside pictures.
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import { regionOfShapes } from '../../labels/fill-rings.ts';
import type { Region } from '../../labels/region.ts';
import { classIndex } from '../class-names.ts';
import type { BinaryMask } from '../codecs/binary-mask.ts';
import { decodeCocoRleOf } from '../codecs/coco-rle.ts';
import { parseDatumaro, type DatumaroDocument } from '../codecs/datumaro.ts';
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

/** Masks, polygons and labels of Datumaro. */
export const datumaroImporter = annotationImporter('datumaro', detect, read);

const isDatumaro = (start: string): boolean =>
  /"dm_format_version"/.test(start) || (/"categories"\s*:\s*\{/.test(start) && /"label"\s*:\s*\{/.test(start));

async function detect(listed: readonly FileEntry[], files: DatasetFiles): Promise<Detection> {
  const found = await filesThatBegin(files, listed, /\.json$/i, isDatumaro);
  if (found.length === 0) return { confidence: 0, why: 'no JSON file begins as Datumaro’s do' };
  return { confidence: 0.92, why: `${found.join(', ')} begins as Datumaro’s files do` };
}

async function read(files: DatasetFiles, listed: readonly FileEntry[]): Promise<Annotations> {
  const pictures = new PictureFinder(listed);
  const classes: string[] = [];
  const images: AnnotatedImage[] = [];
  const events: ScanEvent[] = [];
  for (const path of await filesThatBegin(files, listed, /\.json$/i, isDatumaro)) {
    const document = parseDatumaro(await files.readText(path));
    if (isRefusal(document)) {
      events.push({ ...document, file: path });
      continue;
    }
    for (const { expected, found } of document.refused) events.push({ kind: 'refused', file: path, expected, found });
    for (const name of document.labels) if (classIndex(classes, name) < 0) classes.push(name);
    images.push(
      ...document.items.flatMap((item, index) => imageOf(item, index, path, document.labels, pictures, events)),
    );
  }
  const outlinesAll = images.some(({ objects }) => objects.some(({ draw }) => draw));
  return { classes, images, outlinesAll, events: [...events, ...pictures.events] };
}

type Item = DatumaroDocument['items'][number];

function imageOf(
  { id, image, annotations }: Item,
  index: number,
  path: string,
  names: readonly string[],
  pictures: PictureFinder,
  events: ScanEvent[],
): AnnotatedImage[] {
  const subset = /([^/]+)\.json$/i.exec(path)?.[1] ?? '';
  const name = image?.path !== undefined && image.path !== '' ? image.path : id;
  const file = pictures.at(path, `items.${index}`, name, [`images/${subset}`, 'images']);
  if (file === undefined) return [];
  const labels: string[] = [];
  const layered: { readonly layer: number; readonly object: AnnotatedObject }[] = [];
  for (const [at, annotation] of annotations.entries()) {
    const field = `items.${index}.annotations.${at}`;
    const label = names[annotation.label_id ?? -1];
    if (label === undefined) {
      const found = `label_id ${annotation.label_id ?? 'missing'}`;
      events.push({ kind: 'refused', file: path, expected: `${field}: a label listed`, found });
    } else if (annotation.type === 'label') labels.push(label);
    else layered.push({ layer: annotation.z_order ?? 0, object: objectOf(annotation, label, field) });
  }
  layered.sort((a, b) => a.layer - b.layer);
  const split = splitOfPath(subset);
  const [height, width] = image?.size ?? [];
  return [
    {
      ...{ file, annotations: path, objects: layered.map(({ object }) => object) },
      ...(width !== undefined && height !== undefined && { size: { width, height } }),
      ...(labels.length > 0 && { labels }),
      ...(split && { split }),
    },
  ];
}

function objectOf({ type, rle, points }: Item['annotations'][number], label: string, field: string): AnnotatedObject {
  if (type === 'mask') return { label, field, draw: (width, height) => drawMask(rle, width, height) };
  if (type !== 'polygon') return { label, field };
  const ring = points ?? [];
  const draw = (width: number, height: number): Region | Refusal =>
    ring.length >= 6 && ring.length % 2 === 0
      ? regionOfShapes([[ring]], { width, height })
      : refuse('three or more corners', `${ring.length} numbers`);
  return { label, field, isRounded: isBetweenPixels(ring), draw };
}

function drawMask(rle: Item['annotations'][number]['rle'], width: number, height: number): BinaryMask | Refusal {
  return rle ? decodeCocoRleOf(rle, width, height) : refuse('run lengths', 'none');
}
