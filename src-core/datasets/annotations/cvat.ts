// CVAT for images 1.1: annotations.xml with masks, polygons, boxes and tags, beside pictures.
import { isRefusal } from '../../imaging/refusal.ts';
import { regionOfShapes } from '../../labels/fill-rings.ts';
import { classIndex } from '../class-names.ts';
import { decodeCvatMask } from '../codecs/cvat-rle.ts';
import { parseCvat, parsePoints, type CvatDocument } from '../codecs/cvat.ts';
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

/** Masks, polygons and tags of CVAT. */
export const cvatImporter = annotationImporter('cvat', detect, read);

const isCvat = (start: string): boolean => /<annotations>/.test(start) && /<(?:version|meta|image)\b/.test(start);

async function detect(listed: readonly FileEntry[], files: DatasetFiles): Promise<Detection> {
  const found = await filesThatBegin(files, listed, /\.xml$/i, isCvat);
  if (found.length === 0) return { confidence: 0, why: 'no XML file begins with <annotations>' };
  return { confidence: 0.9, why: `${found.join(', ')} begins with <annotations>` };
}

async function read(files: DatasetFiles, listed: readonly FileEntry[]): Promise<Annotations> {
  const pictures = new PictureFinder(listed);
  const classes: string[] = [];
  const images: AnnotatedImage[] = [];
  const events: ScanEvent[] = [];
  for (const path of await filesThatBegin(files, listed, /\.xml$/i, isCvat)) {
    const document = parseCvat(await files.readText(path));
    if (isRefusal(document)) {
      events.push({ ...document, file: path });
      continue;
    }
    for (const { expected, found } of document.refused) events.push({ kind: 'refused', file: path, expected, found });
    const found = document.image.flatMap((image, index) => imageOf(image, index, path, pictures));
    const used = found.flatMap(({ objects, labels = [] }) => [...objects.map(({ label }) => label), ...labels]);
    for (const name of [...document.labels, ...used]) if (classIndex(classes, name) < 0) classes.push(name);
    images.push(...found);
  }
  const outlinesAll = images.some(({ objects }) => objects.some(({ draw }) => draw));
  return { classes, images, outlinesAll, events: [...events, ...pictures.events] };
}

function imageOf(
  image: CvatDocument['image'][number],
  index: number,
  path: string,
  pictures: PictureFinder,
): AnnotatedImage[] {
  const { name, width, height, subset, tag } = image;
  const field = `image.${index}`;
  const file = pictures.at(
    path,
    field,
    name,
    subset === undefined ? ['images'] : ['images', `images/${subset}`, subset],
  );
  if (file === undefined) return [];
  const split = splitOfPath(subset ?? '');
  return [
    {
      ...{ file, annotations: path, size: { width, height }, objects: objectsOf(image, field) },
      ...(tag.length > 0 && { labels: tag.map(({ label }) => label) }),
      ...(split && { split }),
    },
  ];
}

/** In the order of their layers. */
function objectsOf({ mask, polygon, box }: CvatDocument['image'][number], field: string): AnnotatedObject[] {
  const masks = mask.map((each, at) => ({
    layer: each.z_order ?? 0,
    object: {
      label: each.label,
      field: `${field}.mask.${at}`,
      draw: (width: number, height: number) => decodeCvatMask(each, { width, height }),
    },
  }));
  const polygons = polygon.map((each, at) => {
    const ring = parsePoints(each.points);
    return {
      layer: each.z_order ?? 0,
      object: {
        label: each.label,
        field: `${field}.polygon.${at}`,
        isRounded: !isRefusal(ring) && isBetweenPixels(ring),
        draw: (width: number, height: number) => (isRefusal(ring) ? ring : regionOfShapes([[ring]], { width, height })),
      },
    };
  });
  const boxes = box.map(({ label }, at) => ({ layer: 0, object: { label, field: `${field}.box.${at}` } }));
  return [...masks, ...polygons, ...boxes].sort((a, b) => a.layer - b.layer).map(({ object }) => object);
}
