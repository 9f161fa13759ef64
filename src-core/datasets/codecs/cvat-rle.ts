// The `rle` of CVAT's <mask>: run lengths along the rows of the mask's box, first those outside.
import { refuse, type Refusal } from '../../imaging/refusal.ts';
import { maskBox, refuseSize, type BinaryMask, type PixelBox } from './binary-mask.ts';

/** A mask as attributes of <mask> tell it. */
export interface CvatMask {
  readonly rle: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Runs within the box of a mask; undefined for an empty one, which CVAT cannot hold. */
export function encodeCvatMask(mask: BinaryMask): CvatMask | undefined {
  const box = maskBox(mask);
  if (!box) return undefined;
  const runs: number[] = [];
  let inside = 0;
  let length = 0;
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      if (mask.data[y * mask.width + x] === inside) {
        length++;
      } else {
        runs.push(length);
        inside = 1 - inside;
        length = 1;
      }
    }
  }
  runs.push(length);
  return { rle: runs.join(', '), left: box.x, top: box.y, width: box.width, height: box.height };
}

/** The mask of an image of the stated size. */
export function decodeCvatMask(
  { rle, left, top, width, height }: CvatMask,
  image: { readonly width: number; readonly height: number },
): BinaryMask | Refusal {
  const wrongSize = refuseSize(image.width, image.height) ?? refuseSize(width, height);
  if (wrongSize) return wrongSize;
  const fits = [left, top].every((at) => Number.isInteger(at) && at >= 0);
  if (!fits || left + width > image.width || top + height > image.height) {
    return refuse(`a box within ${image.width} x ${image.height}`, `${width} x ${height} at (${left}, ${top})`);
  }
  return fillBox(rle.split(',').map(Number), { x: left, y: top, width, height }, image);
}

function fillBox(
  runs: readonly number[],
  box: PixelBox,
  image: { readonly width: number; readonly height: number },
): BinaryMask | Refusal {
  const total = box.width * box.height;
  const data = new Uint8Array(image.width * image.height);
  let at = 0;
  for (const [i, run] of runs.entries()) {
    if (!Number.isSafeInteger(run) || run < 0) return refuse('run lengths of 0 or more', `${run} as run ${i}`);
    const end = at + run;
    if (end > total) return refuse(`runs of ${total} pixels in all`, 'more than that');
    for (; at < end; at++) {
      if (i % 2 === 1) data[(box.y + Math.floor(at / box.width)) * image.width + box.x + (at % box.width)] = 1;
    }
  }
  return at === total ? { ...image, data } : refuse(`runs of ${total} pixels in all`, `${at}`);
}
