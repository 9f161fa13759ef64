// Cityscapes: leftImg8bit/<split>/<city>/ID_leftImg8bit.png with gtFine beside it, as label ids or as polygons.
import { z } from 'zod';
import { counted } from '../counted.ts';
import { IGNORE, type LabelPlane } from '../../imaging/plane.ts';
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import { regionOfShapes } from '../../labels/fill-rings.ts';
import { classIndex } from '../class-names.ts';
import { parseCityscapes } from '../codecs/cityscapes.ts';
import { parseJson } from '../codecs/json-document.ts';
import type { DatasetFiles, Detection, FileEntry, ScanEvent, ScanOptions } from '../importer.ts';
import {
  annotationImporter,
  isBetweenPixels,
  type AnnotatedImage,
  type AnnotatedObject,
  type Annotations,
} from './annotated-images.ts';
import { splitOfPath } from './split-names.ts';

/** Street scenes, and whatever else is laid out like them. */
export const cityscapesImporter = annotationImporter('cityscapes', detect, read);

const PICTURE = /(?:^|\/)leftImg8bit\/(.+)_leftImg8bit\.(?:png|jpe?g)$/i;
const GROUND = /(?:^|\/)gt(?:Fine|Coarse)\/(.+)_gt(?:Fine|Coarse)_(labelIds\.png|polygons\.json)$/i;

/** Names by label id; the first seven are no classes. */
const NAMES =
  'unlabeled,ego vehicle,rectification border,out of roi,static,dynamic,ground,road,sidewalk,parking,rail track,building,wall,fence,guard rail,bridge,tunnel,pole,polegroup,traffic light,traffic sign,vegetation,terrain,sky,person,rider,car,truck,bus,caravan,trailer,train,motorcycle,bicycle'.split(
    ',',
  );
const FIRST_CLASS = 7;
const NO_CLASS = new Set(['background', 'not decided']);

function detect(listed: readonly FileEntry[]): Detection {
  const pictures = listed.filter(({ path }) => PICTURE.test(path)).length;
  const ground = listed.filter(({ path }) => GROUND.test(path)).length;
  const why = `${counted(pictures, 'picture')} in leftImg8bit, ${counted(ground, 'file')} in gtFine or gtCoarse`;
  return { confidence: pictures > 0 && ground > 0 ? 0.95 : 0, why };
}

async function read(files: DatasetFiles, listed: readonly FileEntry[], options: ScanOptions): Promise<Annotations> {
  const events: ScanEvent[] = [];
  const ids = new Map<string, string>();
  const polygons = new Map<string, string>();
  for (const { path } of listed) {
    const [, key, kind] = GROUND.exec(path) ?? [];
    if (key !== undefined) (kind!.toLowerCase().endsWith('json') ? polygons : ids).set(key, path);
  }
  const labels = listed.find(({ path }) => /(?:^|\/)labels\.json$/.test(path))?.path;
  const names = options.labelNames ?? (labels === undefined ? undefined : await readNames(files, labels, events));
  const pictures = listed.flatMap(({ path }) => {
    const key = PICTURE.exec(path)?.[1];
    return key === undefined ? [] : [{ file: path, key }];
  });
  // Where names are stated label ids are exact; without any, polygons bring their own.
  const byId = names !== undefined || polygons.size === 0;
  const idNames = names ?? Object.fromEntries(NAMES.entries());
  const images: AnnotatedImage[] = [];
  for (const { file, key } of pictures) {
    const split = splitOfPath(key.split('/')[0] ?? '');
    const city = key.split('/').at(-2);
    const common = { file, ...(split && { split }), ...(city !== undefined && { patient: city }) };
    const mask = byId ? ids.get(key) : undefined;
    const outline = polygons.get(key);
    if (mask !== undefined) {
      const read = (order: readonly string[], width: number, height: number): Promise<LabelPlane | Refusal> =>
        readIds(files, mask, idNames, order, [width, height]);
      images.push({ ...common, annotations: mask, objects: [], mask: read });
    } else if (outline !== undefined) {
      images.push({ ...common, annotations: outline, ...(await readPolygons(files, outline, events)) });
    } else {
      images.push({
        ...common,
        annotations: file,
        objects: [],
        untagged: 'no mask or polygons; imported without a tag',
      });
    }
  }
  return {
    classes: classesOf(images, idNames, byId),
    images,
    outlinesAll: true,
    events,
    isMask: (path) => /\bgt(?:Fine|Coarse)\b/.test(path),
  };
}

function classesOf(
  images: readonly AnnotatedImage[],
  names: Readonly<Record<number, string>>,
  byId: boolean,
): string[] {
  if (byId) return Object.values(names).filter((name) => isClass(name));
  const classes: string[] = [];
  for (const { label, isVoid } of images.flatMap(({ objects }) => objects)) {
    if (!isVoid && classIndex(classes, label) < 0) classes.push(label);
  }
  return classes.sort((a, b) => orderOf(a) - orderOf(b) || (a < b ? -1 : 1));
}

function orderOf(name: string): number {
  const at = NAMES.indexOf(name);
  return at < 0 ? NAMES.length : at;
}

function isClass(name: string): boolean {
  return !NO_CLASS.has(name) && !(NAMES.indexOf(name) >= 0 && NAMES.indexOf(name) < FIRST_CLASS);
}

async function readNames(
  files: DatasetFiles,
  path: string,
  events: ScanEvent[],
): Promise<Readonly<Record<number, string>> | undefined> {
  const names = parseJson(z.record(z.string().regex(/^\d+$/), z.string()), await files.readText(path));
  if (!isRefusal(names)) return names;
  events.push({ kind: 'refused', file: path, expected: String(names.expected), found: String(names.found) });
  return undefined;
}

async function readIds(
  files: DatasetFiles,
  path: string,
  names: Readonly<Record<number, string>>,
  order: readonly string[],
  [width, height]: readonly [number, number],
): Promise<LabelPlane | Refusal> {
  const mask = await files.readMask(path);
  if (isRefusal(mask)) return mask;
  if (mask.width !== width || mask.height !== height) {
    return refuse(`a mask of the image's size, ${width} x ${height}`, `${mask.width} x ${mask.height} in ${path}`);
  }
  const ids = Uint8Array.from({ length: 256 }, (_, value) => {
    const name = names[value];
    if (name === 'background') return 0;
    // What is no class, and what nobody names, is not decided.
    return name !== undefined && isClass(name) ? classIndex(order, name) + 1 : IGNORE;
  });
  return { width, height, data: Uint8Array.from(mask.values, (value) => ids[value] ?? IGNORE) };
}

async function readPolygons(
  files: DatasetFiles,
  path: string,
  events: ScanEvent[],
): Promise<Pick<AnnotatedImage, 'objects' | 'size' | 'untagged'>> {
  const document = parseCityscapes(await files.readText(path));
  if (isRefusal(document)) {
    events.push({ ...document, file: path });
    return { objects: [], untagged: 'its polygons cannot be read; imported without a tag' };
  }
  const objects = document.objects.map(({ label, polygon }, index): AnnotatedObject => {
    const ring = polygon.flat();
    return {
      label,
      field: `objects.${index}`,
      isVoid: !isClass(label),
      isRounded: isBetweenPixels(ring),
      draw: (width, height) =>
        ring.length >= 6
          ? regionOfShapes([[ring]], { width, height })
          : refuse('three or more corners', `${polygon.length}`),
    };
  });
  return { objects, size: { width: document.imgWidth, height: document.imgHeight } };
}
