// Small TIFF files for tests, written by hand: grey pages of any type of number, one strip each, nothing compressed.

/** One page; the array's type is how its samples are stored. */
export interface TiffPage {
  readonly width: number;
  readonly values: Uint8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;
}

const SHORT = 3;
const LONG = 4;
const ENTRIES = 10;
const DIRECTORY_BYTES = 2 + 12 * ENTRIES + 4;

/** A little-endian file of these pages. */
export function tiffBytes(pages: readonly TiffPage[]): Buffer {
  const head = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  let at = head.length;
  const parts = pages.map((page, index) => {
    const data = Buffer.from(page.values.buffer, page.values.byteOffset, page.values.byteLength);
    const padded = Buffer.concat([data, Buffer.alloc(data.length % 2)]);
    const next = at + DIRECTORY_BYTES + padded.length;
    const part = Buffer.concat([
      directory(page, at + DIRECTORY_BYTES, data.length, index === pages.length - 1 ? 0 : next),
      padded,
    ]);
    at = next;
    return part;
  });
  return Buffer.concat([head, ...parts]);
}

function directory({ width, values }: TiffPage, offset: number, length: number, next: number): Buffer {
  const height = values.length / width;
  const entries: readonly (readonly [tag: number, type: number, value: number])[] = [
    [256, LONG, width],
    [257, LONG, height],
    [258, SHORT, 8 * values.BYTES_PER_ELEMENT],
    [259, SHORT, 1],
    [262, SHORT, 1],
    [273, LONG, offset],
    [277, SHORT, 1],
    [278, LONG, height],
    [279, LONG, length],
    [339, SHORT, sampleFormat(values)],
  ];
  const bytes = Buffer.alloc(DIRECTORY_BYTES);
  bytes.writeUInt16LE(ENTRIES, 0);
  entries.forEach(([tag, type, value], index) => {
    const at = 2 + 12 * index;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  });
  bytes.writeUInt32LE(next, DIRECTORY_BYTES - 4);
  return bytes;
}

/** 1 without sign, 2 with sign, 3 with fractions. */
function sampleFormat(values: TiffPage['values']): number {
  if (values instanceof Float32Array || values instanceof Float64Array) return 3;
  return values instanceof Int16Array || values instanceof Int32Array ? 2 : 1;
}
