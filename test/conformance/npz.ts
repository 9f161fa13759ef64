// Reads NumPy's `.npz` archives: a ZIP of `.npy` arrays (format of numpy.lib.format, versions 1 to 3).
import { unzipSync } from 'fflate';

/** Numbers with their shape, rows first (the last axis runs fastest) whatever the file's order was. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
}

type Data = NpyArray['data'];

/** How each element type is read; `bool` becomes 0 and 1, `int64` must fit 32 bits. */
const readers: Readonly<Record<string, (bytes: Uint8Array) => Data>> = {
  '<f4': (bytes) => new Float32Array(aligned(bytes)),
  '<f8': (bytes) => new Float64Array(aligned(bytes)),
  '<i4': (bytes) => new Int32Array(aligned(bytes)),
  '<i8': (bytes) => Int32Array.from(new BigInt64Array(aligned(bytes)), narrowed),
  '|u1': (bytes) => bytes.slice(),
  '|b1': (bytes) => bytes.slice(),
};

/** The arrays of an `.npz` archive by name, without the `.npy` ending. */
export function readNpz(archive: Uint8Array): Record<string, NpyArray> {
  const files = unzipSync(archive);
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name.replace(/\.npy$/, ''), readNpy(name, bytes)]),
  );
}

/** One `.npy` array; `name` is used in errors only. */
export function readNpy(name: string, bytes: Uint8Array): NpyArray {
  if (bytes[0] !== 0x93 || String.fromCharCode(...bytes.subarray(1, 6)) !== 'NUMPY') {
    throw new Error(`${name}: expected a NumPy array, got other bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  const headerStart = version === 1 ? 10 : 12;
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = new TextDecoder().decode(bytes.subarray(headerStart, headerStart + headerLength));

  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const read = readers[type];
  if (!read) throw new Error(`${name}: expected element type ${Object.keys(readers).join(', ')}, got "${type}"`);
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const data = read(bytes.subarray(headerStart + headerLength));
  const count = shape.reduce((product, size) => product * size, 1);
  if (data.length !== count) throw new Error(`${name}: expected ${count} elements, got ${data.length}`);
  return { shape, data: /'fortran_order':\s*True/.test(header) ? rowsFirst(data, shape) : data };
}

/** A copy at offset 0, because typed arrays need aligned bytes and archives do not align them. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}

function narrowed(value: bigint): number {
  if (BigInt.asIntN(32, value) !== value) throw new RangeError(`int64 array: expected 32-bit values, got ${value}`);
  return Number(value);
}

/** Reorders columns-first data, whose first axis runs fastest. */
function rowsFirst(data: Data, shape: readonly number[]): Data {
  const ordered = data.slice();
  const index = shape.map(() => 0);
  for (let from = 0; from < data.length; from++) {
    ordered[index.reduce((offset, at, axis) => offset * shape[axis]! + at, 0)] = data[from]!;
    for (let axis = 0; axis < shape.length && ++index[axis]! === shape[axis]; axis++) index[axis] = 0;
  }
  return ordered;
}
