// Label maps as 8-bit PNG with a palette: the index of a pixel is its label id, the palette only shows it.
import { decode, encode, type DecodedPng } from 'fast-png';
import type { LabelPlane } from '../../imaging/plane.ts';
import { refuse, type Refusal } from '../../imaging/refusal.ts';
import { refuseSize } from './binary-mask.ts';

/** Red, green and blue of an index, 0..255 each. */
export type PaletteColour = readonly [number, number, number];

/** Colour type of an indexed PNG, and the byte of the file where it stands. */
const INDEXED = 3;
const COLOUR_TYPE_AT = 25;
const SIZE_AT = 16;
const SIGNATURE_BYTES = 8;

/** Bytes of an indexed PNG. */
export function encodeIndexedPng(plane: LabelPlane, palette: readonly PaletteColour[]): Uint8Array {
  const { width, height, data } = plane;
  return encode({ width, height, data, channels: 1, depth: 8, palette: palette.map((colour) => [...colour]) });
}

/** Whether bytes begin as an indexed PNG does. */
export function isIndexedPng(bytes: Uint8Array): boolean {
  return (
    bytes.length > COLOUR_TYPE_AT &&
    bytes[1] === 0x50 &&
    bytes[2] === 0x4e &&
    bytes[3] === 0x47 &&
    bytes[COLOUR_TYPE_AT] === INDEXED
  );
}

/** The packed rows of a PNG, and how many bytes they are unpacked where they are no more than the header says. */
export function packedRows(bytes: Uint8Array): { readonly packed: Uint8Array[]; readonly unpackedBytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(SIZE_AT), view.getUint32(SIZE_AT + 4)];
  const packed = chunksOf(bytes).flatMap(({ type, body }) => (type === 'IDAT' ? [body] : []));
  // Each row has a byte of its own; interlaced, a picture has up to twice as many rows, which are shorter.
  return { packed, unpackedBytes: 2 * height * (width + 2) };
}

interface PngChunk {
  readonly type: string;
  readonly whole: Uint8Array;
  readonly body: Uint8Array;
}

function chunksOf(bytes: Uint8Array): PngChunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length;) {
    const end = Math.min(bytes.length, at + 12 + view.getUint32(at));
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, whole: bytes.subarray(at, end), body: bytes.subarray(at + 8, Math.max(at + 8, end - 4)) });
    at = end;
  }
  return chunks;
}

/** The file without texts and colour profiles, which may be packed and grow to any size. */
function withoutExtras(bytes: Uint8Array): Uint8Array {
  const kept = chunksOf(bytes).filter(({ type }) => /^[A-Z]|^tRNS$/.test(type));
  const file = new Uint8Array(SIGNATURE_BYTES + kept.reduce((sum, { whole }) => sum + whole.length, 0));
  file.set(bytes.subarray(0, SIGNATURE_BYTES));
  let at = SIGNATURE_BYTES;
  for (const { whole } of kept) {
    file.set(whole, at);
    at += whole.length;
  }
  return file;
}

/** Indices of an indexed PNG of 1 to 8 bits a pixel, and its palette. `packedRows` tells what it inflates to, which is not checked here. */
export function decodeIndexedPng(
  bytes: Uint8Array,
): (LabelPlane & { readonly palette: readonly PaletteColour[] }) | Refusal {
  if (!isIndexedPng(bytes)) return refuse('an indexed PNG', 'other bytes');
  // Before anything is inflated: a few bytes can claim any size.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wrongSize = refuseSize(view.getUint32(SIZE_AT), view.getUint32(SIZE_AT + 4));
  if (wrongSize) return wrongSize;
  let png: DecodedPng;
  try {
    png = decode(withoutExtras(bytes), { checkCrc: true });
  } catch (error) {
    return refuse('an intact indexed PNG', error instanceof Error ? error.message : String(error));
  }
  const palette = (png.palette ?? []).map(([red = 0, green = 0, blue = 0]): PaletteColour => [red, green, blue]);
  return { width: png.width, height: png.height, data: spreadBits(png), palette };
}

/** One byte a pixel where the file packs several into one. */
function spreadBits({ width, height, depth, data }: DecodedPng): Uint8Array {
  const values = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  const perByte = 8 / depth;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const byte = data[y * rowBytes + Math.floor(x / perByte)] ?? 0;
      values[y * width + x] = (byte >> (8 - depth * ((x % perByte) + 1))) & (2 ** depth - 1);
    }
  }
  return values;
}
