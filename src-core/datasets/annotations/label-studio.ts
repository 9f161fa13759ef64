// Label Studio: tasks in one JSON file, with brush masks, polygons, rectangles and choices, beside pictures.
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import { regionOfShapes } from '../../labels/fill-rings.ts';
import type { Region } from '../../labels/region.ts';
import { classIndex } from '../class-names.ts';
import type { BinaryMask } from '../codecs/binary-mask.ts';
import { decodeBrush } from '../codecs/label-studio-rle.ts';
import { namesInConfig, parseLabelStudio, type LabelStudioTask } from '../codecs/label-studio.ts';
import type { DatasetFiles, Detection, FileEntry, ScanEvent } from '../importer.ts';
import { RASTER_NAME } from '../raster-names.ts';
import { warning } from '../scan-volume.ts';
import { annotationImporter, type AnnotatedImage, type AnnotatedObject, type Annotations } from './annotated-images.ts';
import { PictureFinder } from './find-pictures.ts';
import { filesThatBegin } from './sniff.ts';
import { splitOfPath } from './split-names.ts';

/** Brush masks, polygons and choices of Label Studio. */
export const labelStudioImporter = annotationImporter('label-studio', detect, read);

const isLabelStudio = (start: string): boolean =>
  /^\s*\[/.test(start) && /"data"\s*:\s*\{/.test(start) && /"(?:annotations|predictions|completions)"/.test(start);

async function detect(listed: readonly FileEntry[], files: DatasetFiles): Promise<Detection> {
  const found = await filesThatBegin(files, listed, /\.json$/i, isLabelStudio);
  if (found.length === 0) return { confidence: 0, why: 'no JSON file begins with a list of tasks' };
  return { confidence: 0.91, why: `${found.join(', ')} begins with a list of tasks` };
}

async function read(files: DatasetFiles, listed: readonly FileEntry[]): Promise<Annotations> {
  const pictures = new PictureFinder(listed);
  const images: AnnotatedImage[] = [];
  const events: ScanEvent[] = [];
  let predicted = 0;
  for (const path of await filesThatBegin(files, listed, /\.json$/i, isLabelStudio)) {
    const document = parseLabelStudio(await files.readText(path));
    if (isRefusal(document)) {
      events.push({ ...document, file: path });
      continue;
    }
    for (const { expected, found } of document.refused) events.push({ kind: 'refused', file: path, expected, found });
    for (const [index, task] of document.tasks.entries()) {
      if (!annotationOf(task) && task.predictions.length > 0) predicted += 1;
      images.push(...imageOf(task, index, path, pictures, events));
    }
  }
  const used = images.flatMap(({ objects, labels = [] }) => [...objects.map(({ label }) => label), ...labels]);
  const classes: string[] = [];
  for (const name of [...(await namesOffered(files, listed)), ...used.sort()]) {
    if (classIndex(classes, name) < 0) classes.push(name);
  }
  if (predicted > 0) events.push(warning('', `${predicted} tasks have predictions only; those are taken for masks`));
  // A task without results was looked at and found empty; one without annotations was not.
  const outlinesAll = images.some(({ objects }) => objects.some(({ draw }) => draw));
  return { classes, images, outlinesAll, events: [...events, ...pictures.events] };
}

/** Classes of the labelling interface, where the source brings it. */
async function namesOffered(files: DatasetFiles, listed: readonly FileEntry[]): Promise<string[]> {
  const config = listed.find(({ path }) => /(?:^|\/)label_?config\.xml$/i.test(path))?.path;
  return config === undefined ? [] : namesInConfig(await files.readText(config));
}

function annotationOf(task: LabelStudioTask): LabelStudioTask['annotations'][number] | undefined {
  return task.annotations.findLast(({ was_cancelled }) => was_cancelled !== true);
}

function imageOf(
  task: LabelStudioTask,
  index: number,
  path: string,
  pictures: PictureFinder,
  events: ScanEvent[],
): AnnotatedImage[] {
  const field = `task.${index}`;
  const name = pictureName(task.data);
  if (name === undefined) {
    events.push({ kind: 'refused', file: path, expected: `${field}: the address of a picture in data`, found: 'none' });
    return [];
  }
  // Uploads get eight letters before their name.
  const plain = name.replace(/^(?:.*\/)?[0-9a-f]{8}-/, '');
  const file = pictures.at(path, field, name, plain === name ? ['images'] : [], plain);
  if (file === undefined) return [];
  const results = (annotationOf(task) ?? task.predictions[0])?.result ?? [];
  const objects = results.flatMap((result, at) => objectsOf(result, `${field}.result.${at}`));
  const labels = results.flatMap(({ value }) => value.choices ?? []);
  const sized = results.find(({ original_width }) => original_width !== undefined);
  const split = splitOfPath(typeof task.data['split'] === 'string' ? task.data['split'] : '');
  const isAnnotated = annotationOf(task) !== undefined || task.predictions.length > 0;
  return [
    {
      ...{ file, annotations: path, objects },
      ...(sized && { size: { width: sized.original_width!, height: sized.original_height ?? 0 } }),
      ...(labels.length > 0 && { labels }),
      ...(split && { split }),
      ...(!isAnnotated && { untagged: 'nobody has annotated it; imported without a tag' }),
    },
  ];
}

/** The picture among a task's data: a path, or an address whose last part names it. */
function pictureName(data: LabelStudioTask['data']): string | undefined {
  const addresses = Object.values(data).filter((value) => typeof value === 'string');
  const paths = addresses.map((address) => {
    const local = /[?&]d=([^&]+)/.exec(address)?.[1] ?? address.replace(/^\w+:\/\/[^/]+\//, '').replace(/[?#].*$/, '');
    return decoded(local).replace(/^\/?(?:data\/upload\/)?/, '');
  });
  return paths.find((path) => RASTER_NAME.test(path));
}

function decoded(address: string): string {
  // A lone % is part of a name, not an escape.
  return address.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    const bytes = Uint8Array.from(escaped.match(/%../g) ?? [], (each) => parseInt(each.slice(1), 16));
    return utf8(bytes);
  });
}

/** The core has no TextDecoder. */
function utf8(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    let code = more === 0 ? first : first & (0x3f >> more);
    for (let next = 1; next <= more; next += 1) code = (code << 6) | ((bytes[at + next] ?? 0x80) & 0x3f);
    text += String.fromCodePoint(Math.min(code, 0x10ffff));
    at += more + 1;
  }
  return text;
}

type Result = LabelStudioTask['annotations'][number]['result'][number];

function objectsOf({ value, original_width, original_height }: Result, field: string): AnnotatedObject[] {
  const { rle, points, brushlabels = [], polygonlabels = [], rectanglelabels = [] } = value;
  const size = { width: original_width ?? 0, height: original_height ?? 0 };
  if (rle) return brushlabels.map((label) => ({ label, field, draw: brush(rle, size) }));
  if (points) return polygonlabels.map((label) => ({ label, field, isRounded: true, draw: polygon(points) }));
  return [...brushlabels, ...polygonlabels, ...rectanglelabels].map((label) => ({ label, field }));
}

/** A result states its size, which may be another than that of the first one. */
function brush(
  rle: readonly number[],
  size: { readonly width: number; readonly height: number },
): (width: number, height: number) => BinaryMask | Refusal {
  return (width, height) =>
    size.width === width && size.height === height
      ? decodeBrush(rle, width, height)
      : refuse(`a mask of ${width} x ${height} pixels`, `${size.width} x ${size.height}`);
}

/** Corners are in hundredths of the image. */
function polygon(points: readonly (readonly [number, number])[]): (width: number, height: number) => Region | Refusal {
  return (width, height) =>
    points.length >= 3
      ? regionOfShapes([[points.flatMap(([x, y]) => [(x / 100) * width, (y / 100) * height])]], { width, height })
      : refuse('three or more corners', `${points.length}`);
}
