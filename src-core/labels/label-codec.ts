// Lossless, compact bytes of a label map: a header, then runs of equal labels in reading order.
//
// Bytes 0-3 "ULM1", 4-7 width, 8-11 height, 12-15 checksum of the labels (all little-endian), then for each run its label (one byte) and
// its length (packed-numbers.ts).
import type { LabelPlane } from '../imaging/plane.ts';
import { checksum, NumberReader, pushNumber } from './packed-numbers.ts';

const MAGIC = [0x55, 0x4c, 0x4d, 0x31];
const HEADER_BYTES = 16;
/** Far beyond any image; keeps a damaged header from asking for all memory. */
export const MOST_PIXELS = 2 ** 28;

/** The bytes of a label map. A few hundred for an anatomy slice. */
export function encodeLabels({ width, height, data }: LabelPlane): Uint8Array {
  checkMapSize(width, height);
  if (data.length !== width * height) {
    throw new RangeError(`label map: expected ${width} x ${height} = ${width * height} labels, got ${data.length}`);
  }
  const runs: number[] = [];
  for (let start = 0; start < data.length;) {
    const label = data[start]!;
    let end = start + 1;
    while (end < data.length && data[end] === label) end++;
    runs.push(label);
    pushNumber(runs, end - start);
    start = end;
  }
  const bytes = new Uint8Array(HEADER_BYTES + runs.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(4, width, true);
  view.setUint32(8, height, true);
  view.setUint32(12, checksum(data), true);
  bytes.set(runs, HEADER_BYTES);
  return bytes;
}

/** The label map of bytes from `encodeLabels`; throws what is wrong with any others, before taking memory for them. */
export function decodeLabels(bytes: Uint8Array): LabelPlane {
  const { width, height, sum } = readHeader(bytes);
  const runs = [...readRuns(bytes)];
  const total = runs.reduce((sum, { length }) => sum + length, 0);
  if (total !== width * height) {
    throw new Error(`stored label map: expected runs of ${width * height} labels, got ${total}`);
  }
  const data = new Uint8Array(total);
  let at = 0;
  for (const { label, length } of runs) data.fill(label, at, (at += length));
  if (checksum(data) !== sum) {
    throw new Error('stored label map: the labels do not match their checksum; the bytes were changed');
  }
  return { width, height, data };
}

/** Whether bytes from `encodeLabels` hold this very label map; takes no memory for another. Throws where they are of no label map. */
export function isStoredAs({ width, height, data }: LabelPlane, bytes: Uint8Array): boolean {
  const header = readHeader(bytes);
  if (header.width !== width || header.height !== height) return false;
  let at = 0;
  for (const { label, length } of readRuns(bytes)) {
    const end = at + length;
    if (end > data.length) return false;
    for (; at < end; at++) if (data[at] !== label) return false;
  }
  return at === data.length;
}

/** Throws unless a label map can have this size. */
export function checkMapSize(width: number, height: number): void {
  const fits = [width, height].every((size) => Number.isInteger(size) && size > 0) && width * height <= MOST_PIXELS;
  if (!fits)
    throw new RangeError(`label map: expected a size from 1 to ${MOST_PIXELS} pixels, got ${width} x ${height}`);
}

function readHeader(bytes: Uint8Array): { width: number; height: number; sum: number } {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new Error(`stored label map: expected a header "ULM1" of ${HEADER_BYTES} bytes, got other bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getUint32(4, true);
  const height = view.getUint32(8, true);
  checkMapSize(width, height);
  return { width, height, sum: view.getUint32(12, true) };
}

function* readRuns(bytes: Uint8Array): Generator<{ label: number; length: number }> {
  const reader = new NumberReader('stored label map', bytes, HEADER_BYTES);
  while (!reader.done) yield { label: reader.byte(), length: reader.number(MOST_PIXELS) };
}
