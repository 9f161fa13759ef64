// Changes of bytes that break parsers: flipped bits, cut, added, repeated and moved stretches, and sizes that no file can have.
import type { SeededRandom } from '../../src-core/training/random.ts';

/** Changes bytes; the input is left as it is. */
export type ByteChange = (bytes: Uint8Array, random: SeededRandom) => Uint8Array;

/** Values that sizes, counts and offsets of files should never be trusted with. */
const HOSTILE = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 127n, 128n, 255n, 256n, 1000n],
  ...[0x7fffn, 0x8000n, 0xffffn, 0x10000n, 0xff_ffffn],
  ...[0x1000_0000n, 0x3fff_ffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_fffen, 0xffff_ffffn],
  ...[1n << 32n, (1n << 40n) + 5n, (1n << 53n) - 1n, 1n << 53n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n],
];
const HOSTILE_REALS = [NaN, Infinity, -Infinity, -1, -0, 1e308, 5e-324, 1e38, 0.5];
/** Where most formats keep what the rest depends on. */
const HEADER_BYTES = 512;
const LONGEST_STRETCH = 4096;

/** One of several values. */
export function pick<Value>(values: readonly Value[], random: SeededRandom): Value {
  return values[random.below(values.length)]!; // none of the lists is empty
}

/** A place in the bytes, of two in the header one. */
function placeIn(bytes: Uint8Array, random: SeededRandom): number {
  return random.below(random.below(2) === 0 ? Math.min(HEADER_BYTES, bytes.length) : bytes.length);
}

function flipBits(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = bytes.slice();
  for (let flips = 1 + random.below(8); flips > 0; flips -= 1) changed[placeIn(bytes, random)]! ^= 1 << random.below(8);
  return changed;
}

function overwrite(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = bytes.slice();
  const value = pick([0, 1, 0x20, 0x7f, 0x80, 0xff, random.below(256)], random);
  const start = placeIn(bytes, random);
  changed.fill(value, start, start + 1 + random.below(16));
  return changed;
}

function writeHostileSize(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const width = pick([2, 4, 4, 8], random);
  if (bytes.length < width) return changed;
  const start = Math.min(placeIn(bytes, random), bytes.length - width);
  // Fields lie on multiples of two in nearly all formats.
  const at = random.below(4) === 0 ? start : start - (start % 2);
  const value = pick(HOSTILE, random);
  const littleEndian = random.below(2) === 0;
  if (width === 2) view.setUint16(at, Number(BigInt.asUintN(16, value)), littleEndian);
  else if (width === 4) view.setUint32(at, Number(BigInt.asUintN(32, value)), littleEndian);
  else view.setBigUint64(at, value, littleEndian);
  return changed;
}

function writeHostileReal(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const width = pick([4, 8], random);
  if (bytes.length < width) return changed;
  const start = Math.min(placeIn(bytes, random), bytes.length - width);
  const value = pick(HOSTILE_REALS, random);
  if (width === 4) view.setFloat32(start - (start % 4), value, random.below(2) === 0);
  else view.setFloat64(start - (start % 4), value, random.below(2) === 0);
  return changed;
}

function truncate(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  return bytes.slice(0, placeIn(bytes, random));
}

/** Start and end of a stretch. */
function stretchOf(bytes: Uint8Array, random: SeededRandom): readonly [number, number] {
  const start = placeIn(bytes, random);
  return [start, Math.min(bytes.length, start + 1 + random.below(pick([4, 32, LONGEST_STRETCH], random)))];
}

function remove(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const [start, end] = stretchOf(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function insert(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const at = placeIn(bytes, random);
  const length = 1 + random.below(pick([4, 64, LONGEST_STRETCH], random));
  const noise = Uint8Array.from({ length }, random.below(2) === 0 ? () => random.below(256) : () => 0);
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
}

function duplicate(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const [start, end] = stretchOf(bytes, random);
  const times = pick([1, 1, 2, 20], random);
  const copies = Array.from({ length: times }, () => bytes.subarray(start, end));
  return Buffer.concat([bytes.subarray(0, end), ...copies, bytes.subarray(end)]);
}

function move(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const [start, end] = stretchOf(bytes, random);
  const changed = bytes.slice();
  changed.copyWithin(placeIn(bytes, random), start, end);
  return changed;
}

const CHANGES: readonly ByteChange[] = [
  flipBits,
  overwrite,
  writeHostileSize,
  writeHostileSize,
  writeHostileReal,
  truncate,
  remove,
  insert,
  duplicate,
  move,
];

/** One change, whatever the bytes mean. */
export function changeBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  // A copy that is no Buffer: slices of those share their memory.
  const own = bytes.length === 0 ? Uint8Array.of(0) : Uint8Array.from(bytes);
  return pick(CHANGES, random)(own, random);
}
