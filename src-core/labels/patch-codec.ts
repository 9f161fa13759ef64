// Compact bytes of a patch: one or two bytes a row of a brush stroke, without deflating.
//
// Bytes 0-3 "ULP1", 4-7 checksum of all that follows (little-endian), then numbers (packed-numbers.ts): width, height, the number of
// different changes and each change's two labels; then for each run where it starts, relative to one row below the run before it, and
// its length, relative to that run's length, together with which change it is.
import { checkMapSize, MOST_PIXELS } from './label-codec.ts';
import { checksum, NumberReader, pushNumber, toSigned, toUnsigned } from './packed-numbers.ts';
import type { LabelPatch, PatchRun } from './patch.ts';

const MAGIC = [0x55, 0x4c, 0x50, 0x31];
const HEADER_BYTES = 8;
const MOST_CHANGES = 256 * 256;

/** The bytes of a patch. */
export function encodePatch({ width, height, runs }: LabelPatch): Uint8Array {
  checkMapSize(width, height);
  const changes = new Map<number, number>();
  for (const run of runs) {
    const change = changeOf(run);
    if (!changes.has(change)) changes.set(change, changes.size);
  }
  const body: number[] = [];
  pushNumber(body, width);
  pushNumber(body, height);
  pushNumber(body, changes.size);
  for (const change of changes.keys()) body.push(change >> 8, change & 255);
  let previous = { start: -width, length: 0 };
  for (const run of runs) {
    pushNumber(body, toUnsigned(run.start - previous.start - width));
    pushNumber(body, toUnsigned(run.length - previous.length) * changes.size + changes.get(changeOf(run))!);
    previous = run;
  }
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  bytes.set(MAGIC);
  bytes.set(body, HEADER_BYTES);
  new DataView(bytes.buffer).setUint32(4, checksum(bytes.subarray(HEADER_BYTES)), true);
  return bytes;
}

/** The patch of bytes from `encodePatch`; throws what is wrong with any others. */
export function decodePatch(bytes: Uint8Array): LabelPatch {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new Error(`stored patch: expected a header "ULP1" of ${HEADER_BYTES} bytes, got other bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (checksum(bytes.subarray(HEADER_BYTES)) !== view.getUint32(4, true)) {
    throw new Error('stored patch: the bytes do not match their checksum; they were changed');
  }
  const reader = new NumberReader('stored patch', bytes, HEADER_BYTES);
  const width = reader.number(MOST_PIXELS);
  const height = reader.number(MOST_PIXELS);
  checkMapSize(width, height);
  const changes = Array.from({ length: reader.number(MOST_CHANGES) }, () => [reader.byte(), reader.byte()] as const);
  const runs: PatchRun[] = [];
  let previous = { start: -width, length: 0 };
  let free = 0;
  while (!reader.done) {
    const start = previous.start + width + toSigned(reader.number(4 * MOST_PIXELS));
    const packed = reader.number(4 * MOST_PIXELS * MOST_CHANGES);
    const length = previous.length + toSigned(Math.floor(packed / changes.length));
    const [before, after] = changes[packed % changes.length] ?? [0, 0];
    if (start < free || length < 1 || start + length > width * height || before === after) {
      throw new Error(`stored patch: expected runs in order on ${width} x ${height} pixels, got one at ${start}`);
    }
    free = start + length;
    previous = { start, length };
    runs.push({ start, length, before, after });
  }
  if (runs.length === 0) throw new Error('stored patch: expected at least one run, got none');
  return { width, height, runs };
}

function changeOf({ before, after }: PatchRun): number {
  return before * 256 + after;
}
