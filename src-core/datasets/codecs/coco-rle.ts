// Run lengths as COCO counts them: down the columns, first the pixels outside (0 of them where the first is inside), then those
// inside, and so on. The compressed form writes each count less the one two before it, from the fourth on, in characters of
// five bits with a sixth that says "more follows", 48 added.
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import { refuseSize, type BinaryMask } from './binary-mask.ts';

/** A mask as COCO's JSON holds it; `size` is height and width. */
export interface CocoRle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

const MORE = 0x20;
const SIGN = 0x10;
const FIRST_CHARACTER = 48;

/** The compressed runs of a mask. */
export function encodeCocoRle(mask: BinaryMask): CocoRle {
  return { size: [mask.height, mask.width], counts: packCounts(columnRuns(mask)) };
}

/** The mask of runs, compressed or as a list of numbers. */
export function decodeCocoRle(rle: {
  readonly size: readonly unknown[];
  readonly counts: string | readonly number[];
}): BinaryMask | Refusal {
  const [height, width] = rle.size;
  const wrongSize = refuseSize(width, height);
  if (wrongSize) return wrongSize;
  const counts = typeof rle.counts === 'string' ? unpackCounts(rle.counts) : rle.counts;
  return isRefusal(counts) ? counts : fillColumns(counts, Number(width), Number(height));
}

/** The mask of runs for an image of a size. Another size is refused before memory is taken for it. */
export function decodeCocoRleOf(
  rle: Parameters<typeof decodeCocoRle>[0],
  width: number,
  height: number,
): BinaryMask | Refusal {
  const [rows, columns] = rle.size;
  if (columns === width && rows === height) return decodeCocoRle(rle);
  return refuse(`a mask of ${width} x ${height} pixels`, `${String(columns)} x ${String(rows)}`);
}

/** Lengths of the runs of a mask, down the columns. */
export function columnRuns({ width, height, data }: BinaryMask): number[] {
  const counts: number[] = [];
  let inside = 0;
  let length = 0;
  for (let x = 0; x < width; x++) {
    for (let at = x; at < data.length; at += width) {
      if (data[at] === inside) {
        length++;
      } else {
        counts.push(length);
        inside = 1 - inside;
        length = 1;
      }
    }
  }
  counts.push(length);
  if (height * width !== data.length) {
    throw new RangeError(`mask: expected ${width} x ${height} = ${width * height} pixels, got ${data.length}`);
  }
  return counts;
}

/** Counts as characters. */
export function packCounts(counts: readonly number[]): string {
  let text = '';
  counts.forEach((count, i) => {
    let rest = i > 2 ? count - counts[i - 2]! : count;
    for (let more = true; more;) {
      const bits = rest & 0x1f;
      rest >>= 5;
      more = (bits & SIGN) === 0 ? rest !== 0 : rest !== -1;
      text += String.fromCharCode(FIRST_CHARACTER + bits + (more ? MORE : 0));
    }
  });
  return text;
}

/** Characters as counts. */
export function unpackCounts(text: string): number[] | Refusal {
  const counts: number[] = [];
  for (let at = 0; at < text.length;) {
    let count = 0;
    let shift = 0;
    let code: number;
    do {
      code = text.charCodeAt(at++) - FIRST_CHARACTER;
      if (!(code >= 0 && code < 64))
        return refuse('run lengths in characters 0 to o', `a character at ${at - 1} that is none`);
      if (shift > 30) return refuse('run lengths of 32 bits', `a longer one at character ${at - 1}`);
      count |= (code & 0x1f) << shift;
      shift += 5;
    } while ((code & MORE) !== 0);
    if ((code & SIGN) !== 0 && shift < 32) count |= -1 << shift;
    counts.push(counts.length > 2 ? count + counts[counts.length - 2]! : count);
  }
  return counts;
}

function fillColumns(counts: readonly number[], width: number, height: number): BinaryMask | Refusal {
  const total = width * height;
  const columns = new Uint8Array(total);
  let at = 0;
  for (const [i, count] of counts.entries()) {
    if (!Number.isSafeInteger(count) || count < 0) return refuse('run lengths of 0 or more', `${count} as run ${i}`);
    if (at + count > total) return refuse(`runs of ${total} pixels in all`, 'more than that');
    if (i % 2 === 1) columns.fill(1, at, at + count);
    at += count;
  }
  if (at !== total) return refuse(`runs of ${total} pixels in all`, `${at}`);
  const data = new Uint8Array(total);
  for (let x = 0, from = 0; x < width; x++) {
    for (let to = x; to < total; to += width) data[to] = columns[from++]!;
  }
  return { width, height, data };
}
