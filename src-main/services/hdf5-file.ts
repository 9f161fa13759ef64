// HDF5 files on disk, as slices. libhdf5 reads them from memory, so a file is read as a whole.
import { readFile, stat } from 'node:fs/promises';
import { decodeStacks, type StackFile } from '../../src-core/datasets/codecs/hdf5-stacks.ts';
import { refuse, type Refusal } from '../../src-core/imaging/refusal.ts';

const MOST_BYTES = 2 ** 30;

/** Opens a file of `image`, `label` and `scribble`. */
export async function openStackFile(path: string): Promise<StackFile | Refusal> {
  const { size } = await stat(path);
  if (size > MOST_BYTES) return refuse(`a file of at most ${MOST_BYTES} bytes`, `${size} bytes`);
  return decodeStacks(await readFile(path));
}
