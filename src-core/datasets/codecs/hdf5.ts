// Small HDF5 files of numeric arrays in the root group, through libhdf5 in WebAssembly. The library notes the time of writing;
// here it is taken out again, so that equal arrays give equal bytes.
import { Dataset, File, ready } from 'h5wasm';
import { refuse, type Refusal } from '../../imaging/refusal.ts';
import { clearObjectTimes } from './hdf5-times.ts';

/** An array and its extents, the last axis fastest. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** Level of the deflate compression, h5py's default. */
const LEVEL = 4;
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

/** Arrays by name; a refusal where the file is none or lacks one of them. */
export async function decodeHdf5<Name extends string>(
  bytes: Uint8Array,
  names: readonly Name[],
): Promise<Readonly<Record<Name, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>> | Refusal> {
  const FS = await openLibrary();
  FS.writeFile(PLACE, bytes);
  let file: File | undefined;
  try {
    file = new File(PLACE, 'r');
    const found: [string, { shape: readonly number[]; data: ArrayLike<number> }][] = [];
    for (const name of names) {
      const entry = file.get(name);
      if (!(entry instanceof Dataset)) return refuse(`an array "${name}"`, `only ${file.keys().join(', ')}`);
      // Read as the typed array of the stored type.
      found.push([name, { shape: entry.shape ?? [], data: entry.value as unknown as ArrayLike<number> }]);
    }
    return Object.fromEntries(found) as Record<Name, { shape: readonly number[]; data: ArrayLike<number> }>;
  } catch (error) {
    return refuse('an intact HDF5 file', error instanceof Error ? error.message : String(error));
  } finally {
    file?.close();
    FS.unlink(PLACE);
  }
}

/** The library's own memory as a file system. Errors are thrown, not printed. */
async function openLibrary(): Promise<Awaited<typeof ready>['FS']> {
  const library = await ready;
  library.activate_throwing_error_handler();
  return library.FS;
}
