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

/** Bytes of an indexed PNG. */
export function encodeIndexedPng(plane: LabelPlane, palette: readonly PaletteColour[]): Uint8Array {
  const { width, height, data } = plane;
  return encode({ width, height, data, channels: 1, depth: 8, palette: palette.map((colour) => [...colour]) });
}

/** Whether bytes begin as an indexed PNG does. */
export function isIndexedPng(bytes: Uint8Array): boolean {
  return bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47 && bytes[COLOUR_TYPE_AT] === INDEXED;
}

/** Indices of an indexed PNG of 1 to 8 bits a pixel, and its palette. */
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
    png = decode(bytes, { checkCrc: true });
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
