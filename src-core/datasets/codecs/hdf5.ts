// Small HDF5 files of numeric arrays in the root group, through libhdf5 in WebAssembly. The library notes the time of writing;
// here it is taken out again, so that equal arrays give equal bytes.
import { Dataset, File, ready } from 'h5wasm';
import { isRefusal, refuse, type Refusal } from '../../imaging/refusal.ts';
import type { VoxelValues } from '../../imaging/voxels.ts';
import { clearObjectTimes } from './hdf5-times.ts';

/** An array and its extents, the last axis fastest. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** Level of the deflate compression, h5py's default. */
const LEVEL = 4;
/** How the library calls numbers with fractions; it reads no short ones. */
const FLOAT = 1;
/** Larger arrays are refused: the library would hold them twice. */
const MOST_BYTES = 2 ** 29;
/** Files live in the library's own memory only while they are written or read. */
const PLACE = 'arrays.h5';

/** Bytes of a file that holds arrays by name, each compressed as one chunk. */
export async function encodeHdf5(arrays: Readonly<Record<string, Hdf5Array>>): Promise<Uint8Array> {
  const FS = await openLibrary();
  const file = new File(PLACE, 'w');
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const dtype = data instanceof Float32Array ? '<f' : '<B';
    file.create_dataset({ name, data, shape: [...shape], dtype, chunks: [...shape], compression: LEVEL });
  }
  file.close();
  const bytes = FS.readFile(PLACE);
  FS.unlink(PLACE);
  return clearObjectTimes(bytes);
}

/** An array as it was read: whole numbers, or fractions as wide as they are stored. */
export interface Hdf5Values {
  readonly shape: readonly number[];
  readonly data: VoxelValues;
}

/** Arrays by name; a refusal where the file is none or lacks one of them. */
export async function decodeHdf5<Name extends string>(
  bytes: Uint8Array,
  names: readonly Name[],
): Promise<Readonly<Record<Name, Hdf5Values>> | Refusal> {
  const found = await findHdf5(bytes, names);
  if (isRefusal(found)) return found;
  const missing = names.find((name) => !found.arrays[name]);
  if (missing !== undefined) return refuse(`an array "${missing}"`, `only ${found.keys.join(', ')}`);
  return found.arrays as Record<Name, Hdf5Values>; // none is missing
}

/** Those of the arrays that a file has, and what else it calls its own. */
export async function findHdf5<Name extends string>(
  bytes: Uint8Array,
  names: readonly Name[],
): Promise<{ readonly arrays: Partial<Record<Name, Hdf5Values>>; readonly keys: readonly string[] } | Refusal> {
  const FS = await openLibrary();
  FS.writeFile(PLACE, bytes);
  let file: File | undefined;
  try {
    file = new File(PLACE, 'r');
    const keys = file.keys();
    const arrays: Partial<Record<Name, Hdf5Values>> = {};
    for (const name of names.filter((each) => keys.includes(each))) {
      const entry = file.get(name);
      if (!(entry instanceof Dataset)) continue;
      const values = readArray(name, entry);
      if (isRefusal(values)) return values;
      arrays[name] = values;
    }
    return { arrays, keys };
  } catch (error) {
    return refuse('an intact HDF5 file', firstOfTrace(error instanceof Error ? error.message : String(error)));
  } finally {
    file?.close();
    FS.unlink(PLACE);
  }
}

function readArray(name: string, entry: Dataset): Hdf5Values | Refusal {
  const shape = entry.shape ?? [];
  // What a header promises costs nothing to write: it is checked before memory is taken.
  const count = shape.reduce((product, extent) => product * extent, 1);
  const size = entry.metadata.size * count;
  if (!(size <= MOST_BYTES)) return refuse(`at most ${MOST_BYTES} bytes in "${name}"`, shape.join(' x '));
  if (entry.metadata.type === FLOAT && entry.metadata.size < 4) {
    return refuse(`numbers of 32 or 64 bits in "${name}"`, `fractions of ${8 * entry.metadata.size} bits`);
  }
  const { value } = entry;
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    return { shape, data: Float64Array.from(value, Number) };
  }
  if (!ArrayBuffer.isView(value) || value instanceof Uint8ClampedArray) {
    return refuse(`numbers in "${name}"`, 'values of another type');
  }
  return { shape, data: value };
}

/** The library's errors are traces over many lines of its source; the first says what was wrong. */
function firstOfTrace(trace: string): string {
  return /#000: .*?\(\): (.*)/.exec(trace)?.[1] ?? trace;
}

/** The library's own memory as a file system. Errors are thrown, not printed. */
async function openLibrary(): Promise<Awaited<typeof ready>['FS']> {
  const library = await ready;
  library.activate_throwing_error_handler();
  return library.FS;
}
