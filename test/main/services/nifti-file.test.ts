import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { openNiftiFile, readNiftiHeaderBytes } from '../../../src-main/services/nifti-file.ts';
import { niftiBytes } from '../../support/nifti-file.ts';
import { put, temporaryFolder, zippedNifti } from '../../support/source-folders.ts';

const FIELDS = { dims: [3, 2, 2, 3], extension: Uint8Array.from({ length: 48 }, (_, index) => index) };
const VALUES = Array.from({ length: 36 }, (_, index) => index * 7);

async function phases(path: string, keepUpTo?: number): Promise<Uint8Array[]> {
  const file = await openNiftiFile(path, keepUpTo);
  if (isRefusal(file)) throw new Error(file.found);
  const read = await Promise.all([2, 0, 1].map((index) => file.phase(index)));
  return read.map((bytes) => (isRefusal(bytes) ? new Uint8Array() : Uint8Array.from(bytes)));
}

describe('a NIfTI file on disk', () => {
  it('gives the same phases plain, inflated at once, and read through because it is large', async () => {
    const folder = temporaryFolder();
    const bytes = niftiBytes(FIELDS, VALUES);
    const plain = await phases(put(folder, 'a.nii', bytes));
    expect(plain).toEqual([2, 0, 1].map((index) => bytes.slice(400 + index * 24, 424 + index * 24)));
    const zipped = put(folder, 'a.nii.gz', zippedNifti(FIELDS, VALUES));
    expect(await phases(zipped)).toEqual(plain);
    expect(await phases(zipped, 0)).toEqual(plain);
  });

  it('is gzipped or not by its content, whatever it is called', async () => {
    const folder = temporaryFolder();
    const misnamed = put(folder, 'a.nii', zippedNifti(FIELDS, VALUES));
    expect(await phases(misnamed)).toEqual(await phases(misnamed, 0));
  });

  it('gives its header with extensions byte for byte', async () => {
    const folder = temporaryFolder();
    const path = put(folder, 'a.nii.gz', zippedNifti(FIELDS, VALUES));
    const file = await openNiftiFile(path);
    if (isRefusal(file)) throw new Error(file.found);
    expect(await readNiftiHeaderBytes(path, file.header)).toEqual(niftiBytes(FIELDS, VALUES).slice(0, 400));
  });
});
