// Masks that lie beside images: in a folder of their own (`masks/` beside `images/`, or `labels/`), or named after
// the image with `_gt`, `_mask`, `_seg` or `_label` (Slicer: `.seg` and `-label`). They are evaluation truth, never training input.
import { counted } from './counted.ts';
import { withoutExtension } from './file-names.ts';

const MASK_FOLDERS = new Set(
  'masks mask labels groundtruth ground_truth labelstr annotations segmentations'.split(' '),
);
const IMAGE_FOLDERS = new Set(['images', 'image', 'imagestr', 'img', 'imgs']);
const MASK_SUFFIX = /[._-](?:gt|mask|masks|seg|segmentation|label|labels)$/i;

/** Images apart from masks, and the mask of each image that has one. */
export interface PairedFiles {
  readonly images: readonly string[];
  readonly maskOf: ReadonlyMap<string, string>;
  /** Masks whose image is not there. */
  readonly orphans: readonly string[];
}

/** Pairs images with masks; a folder called `masks` counts only where there is something beside it. */
export function pairMasks(paths: readonly string[]): PairedFiles {
  const masks = new Map<string, string>();
  const images: string[] = [];
  const inFolder = paths.filter((path) => maskFolder(path) !== undefined);
  const folders = inFolder.length < paths.length;
  const stems = new Set(paths.map((path) => withoutExtension(path)));
  for (const path of paths) {
    const stem = withoutExtension(path);
    const plain = stem.replace(MASK_SUFFIX, '');
    if (folders && maskFolder(path) !== undefined) masks.set(plainKey(stem), path);
    else if (plain !== stem && stems.has(plain)) masks.set(plainKey(plain), path);
    else images.push(path);
  }
  const maskOf = new Map<string, string>();
  for (const image of images) {
    const mask = masks.get(plainKey(withoutExtension(image)));
    if (mask !== undefined) maskOf.set(image, mask);
  }
  const used = new Set(maskOf.values());
  return { images, maskOf, orphans: [...masks.values()].filter((mask) => !used.has(mask)) };
}

/** What was taken for what, in words: `526 images with 520 masks in masks/`. */
export function describePairs({ images, maskOf, orphans }: PairedFiles, what: string): string {
  const masks = [...maskOf.values(), ...orphans];
  if (masks.length === 0) return counted(images.length, what);
  const places = new Set(
    masks.map((path) => {
      const folder = maskFolder(path);
      return folder === undefined
        ? `called ...${MASK_SUFFIX.exec(withoutExtension(path))?.[0] ?? ''}`
        : `in ${folder}/`;
    }),
  );
  return `${counted(images.length, what)} with ${counted(masks.length, 'mask')} ${[...places].slice(0, 3).join(' or ')}`;
}

/** Path of an image without its image or mask folder: what an image and its mask have in common. */
function plainKey(stem: string): string {
  const parts = stem.split('/');
  const kept = parts.filter((part, index) => {
    const word = part.toLowerCase();
    return index === parts.length - 1 || !(MASK_FOLDERS.has(word) || IMAGE_FOLDERS.has(word));
  });
  const last = kept.pop() ?? '';
  return [...kept, last.replace(MASK_SUFFIX, '')].join('/').normalize('NFC');
}

/** Whether a folder's name only says that images are in it. */
export function isImageFolder(name: string): boolean {
  return IMAGE_FOLDERS.has(name.toLowerCase());
}

function maskFolder(path: string): string | undefined {
  return path
    .split('/')
    .slice(0, -1)
    .find((part) => MASK_FOLDERS.has(part.toLowerCase()));
}
