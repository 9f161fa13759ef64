// YOLO: data.yaml names the classes, labels/ lies beside images/ with a text file for each picture.
import { parse } from 'yaml';
import { z } from 'zod';
import { counted } from '../counted.ts';
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import { regionOfShapes } from '../../labels/fill-rings.ts';
import { checkDocument } from '../codecs/json-document.ts';
import { decodeYoloRows } from '../codecs/yolo.ts';
import { withoutExtension } from '../file-names.ts';
import type { DatasetFiles, Detection, FileEntry, ScanEvent, ScanOptions } from '../importer.ts';
import { RASTER_NAME } from '../raster-names.ts';
import { annotationImporter, type AnnotatedImage, type AnnotatedObject, type Annotations } from './annotated-images.ts';
import { filesThatBegin } from './sniff.ts';
import { splitOfPath } from './split-names.ts';

/** Polygons and boxes of YOLO. */
export const yoloImporter = annotationImporter('yolo', detect, read);

/** Far beyond any list of classes: the parser takes a second for a megabyte. */
const MOST_YAML = 2 ** 20;
const MOST_DEPTH = 8;
const DATA_FILE = /\.ya?ml$/i;
const isData = (start: string): boolean => /^\s*names\s*:/m.test(start) && /^\s*(?:train|val|nc|path)\s*:/m.test(start);

async function detect(listed: readonly FileEntry[], files: DatasetFiles): Promise<Detection> {
  const found = await filesThatBegin(files, listed, DATA_FILE, isData);
  const labels = listed.filter(({ path }) => isLabelFile(path)).length;
  if (found.length === 0) return { confidence: 0, why: 'no YAML file with names and train or val' };
  return { confidence: 0.93, why: `${found.join(', ')} names classes; ${counted(labels, 'text file')} in labels/` };
}

const document = z.object({
  names: z.union([z.array(z.string()), z.record(z.string(), z.string())]),
  train: z.unknown().optional(),
  val: z.unknown().optional(),
  test: z.unknown().optional(),
});

async function read(files: DatasetFiles, listed: readonly FileEntry[], options: ScanOptions): Promise<Annotations> {
  const events: ScanEvent[] = [];
  const [path = ''] = await filesThatBegin(files, listed, DATA_FILE, isData);
  const data = path === '' ? refuse('a YAML file that names classes', 'none') : parseData(await files.readText(path));
  if (isRefusal(data)) events.push({ ...data, file: path === '' ? 'data.yaml' : path });
  const names = isRefusal(data) ? namesStated(options) : namesOf(data.names);
  const labels = new Map(
    listed.filter(({ path: each }) => isLabelFile(each)).map(({ path: each }) => [withoutExtension(each), each]),
  );
  const images: AnnotatedImage[] = [];
  for (const { path: file } of listed.filter((each) => RASTER_NAME.test(each.path))) {
    const text = labels.get(withoutExtension(labelPath(file)));
    const split =
      splitOfFolder(file, isRefusal(data) ? {} : data) ?? splitOfPath(file.split('/').slice(0, -1).join('/'));
    const objects = text === undefined ? [] : rowsOf(await files.readText(text), text, names, events);
    // Without a label file a picture is background: YOLO trains on it as such.
    images.push({ file, annotations: text ?? file, objects, ...(split && { split }) });
  }
  const outlinesAll = images.some(({ objects }) => objects.some(({ draw }) => draw));
  return { classes: [...names.values()], images, outlinesAll, events };
}

function parseData(text: string): z.infer<typeof document> | Refusal {
  // A document of aliases can be made to grow without bound, and keys that are collections of collections take the parser hours.
  if (/[&*]\w/.test(text)) return refuse('a YAML file without anchors and aliases', 'some');
  if (/(?:^|[\s,[{])\?(?:\s|$)/.test(text)) return refuse('a YAML file without keys marked by ?', 'some');
  if (deepestBracket(text) > MOST_DEPTH) return refuse('a YAML file of lists and maps', 'lists in lists without end');
  if (text.length > MOST_YAML) return refuse(`a YAML file of at most ${MOST_YAML} characters`, `${text.length}`);
  let content: unknown;
  try {
    content = parse(text, { logLevel: 'silent', strict: false });
  } catch (error) {
    const [found = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return refuse('intact YAML', found);
  }
  return checkDocument(document, content);
}

/** How deep brackets lie in brackets, those in texts too. */
function deepestBracket(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function namesOf(names: z.infer<typeof document>['names']): Map<number, string> {
  const pairs = Array.isArray(names) ? names.map((name, index) => [index, name] as const) : Object.entries(names);
  return new Map(pairs.map(([index, name]) => [Number(index), name]));
}

function namesStated({ labelNames, classes = [] }: ScanOptions): Map<number, string> {
  return namesOf(labelNames ?? [...classes]);
}

/** `images/` becomes `labels/`, at its last place in the path, as YOLO's readers do it. */
function labelPath(picture: string): string {
  const parts = picture.split('/');
  const at = parts.lastIndexOf('images');
  return parts.map((part, index) => (index === at ? 'labels' : part)).join('/');
}

function isLabelFile(path: string): boolean {
  return /\.txt$/i.test(path) && path.split('/').slice(0, -1).includes('labels');
}

function splitOfFolder(file: string, data: Partial<Record<'train' | 'val' | 'test', unknown>>) {
  const sides = [
    ['train', data.train],
    ['validation', data.val],
    ['test', data.test],
  ] as const;
  const folders = (stated: unknown): string[] =>
    [stated]
      .flat()
      .flatMap((each) => (typeof each === 'string' ? [each.replace(/^(?:\.{0,2}\/)+/, '').replace(/\/$/, '')] : []));
  const named = sides.filter(([, stated]) =>
    folders(stated).some((folder) => folder !== '' && `/${file}`.includes(`/${folder}/`)),
  );
  // One folder may stand for several sides, since readers of YOLO insist on some; it then says nothing.
  return named.length === 1 ? named[0]![0] : undefined;
}

function rowsOf(
  text: string,
  path: string,
  names: ReadonlyMap<number, string>,
  events: ScanEvent[],
): AnnotatedObject[] {
  return text.split(/\r?\n/).flatMap((line, index): AnnotatedObject[] => {
    const numbers = line.trim().split(/\s+/);
    if (numbers[0] === '') return [];
    const field = `line ${index + 1}`;
    const label = names.get(Number(numbers[0]));
    if (label === undefined) {
      const expected = `${field}: a class that the YAML file names`;
      events.push({ kind: 'refused', file: path, expected, found: JSON.stringify(numbers[0]) });
      return [];
    }
    // A class with a centre and a size is a box.
    if (numbers.length === 5) return [{ label, field }];
    return [
      {
        label,
        field,
        draw: (width, height) => {
          const rows = decodeYoloRows(line, width, height);
          return isRefusal(rows) ? rows : regionOfShapes([rows.map(({ ring }) => ring)], { width, height });
        },
      },
    ];
  });
}
