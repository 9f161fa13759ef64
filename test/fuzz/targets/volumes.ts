// Volume files: NIfTI, NRRD and MetaImage, plain and packed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { measureRange } from '../../../src-core/imaging/normalise.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { decodeVoxels } from '../../../src-core/imaging/voxels.ts';
import { openVolumeFile } from '../../../src-main/services/volume-file.ts';
import { niftiBytes, type NiftiFields } from '../../support/nifti-file.ts';
import { META_LINES, metaImage, nrrd, NRRD_LINES, VALUES } from '../../support/volume-bytes.ts';
import type { Seed } from '../mutate.ts';
import type { Reading, Subject, Target } from '../target.ts';

const MOST_PHASES = 32;

/** Every value of the file. */
async function readVolume(path: string): Promise<Reading> {
  const file = await openVolumeFile(path);
  if (isRefusal(file)) return file;
  for (let phase = 0; phase < Math.min(MOST_PHASES, file.header.phases); phase += 1) {
    const bytes = await file.phase(phase);
    if (isRefusal(bytes)) return bytes;
    measureRange(decodeVoxels(file.header, bytes));
  }
  return undefined;
}

/** Subjects whose bytes are a file of this name, with more files beside them. */
function subjectsIn(folder: string, seeds: readonly (Seed & { readonly name: string })[]): Subject[] {
  return seeds.map(({ name, ...seed }) => ({
    ...seed,
    async read(bytes) {
      const path = join(folder, name);
      await writeFile(path, bytes);
      return readVolume(path);
    },
  }));
}

const nifti: Target = {
  name: 'NIfTI',
  prepare(folder) {
    const geometry: NiftiFields = {
      dims: [4, 3, 2],
      pixdim: [1, 2, 2, 8],
      qform: 1,
      sform: 1,
      srow: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 8, 0],
    };
    const cine = { ...geometry, dims: [2, 3, 2, 2] };
    const plain = [
      niftiBytes(geometry, VALUES),
      niftiBytes({ ...cine, version: 2, type: 'float64', slope: 0.5, intercept: 3 }, VALUES),
      niftiBytes({ ...geometry, littleEndian: false, type: 'float32', extension: Buffer.alloc(16) }, VALUES),
      niftiBytes({ ...cine, version: 2, littleEndian: false, type: 'int64' }, VALUES),
      niftiBytes(
        { dims: [4, 2], type: 'rgb24' },
        VALUES.map((value) => value & 255),
      ),
    ];
    const seeds = plain.flatMap((bytes) => [
      { name: 'a.nii', form: 'bytes', bytes } as const,
      { name: 'a.nii.gz', form: 'bytes', bytes, repair: (changed: Uint8Array) => gzipSync(changed) } as const,
    ]);
    const packed = { name: 'a.nii.gz', form: 'bytes', bytes: gzipSync(plain[0]!) } as const;
    return Promise.resolve(subjectsIn(folder, [...seeds, packed]));
  },
};

const nrrdTarget: Target = {
  name: 'NRRD',
  async prepare(folder) {
    await writeFile(join(folder, 'c.raw'), nrrd([]));
    const together = [
      'type: short',
      'dimension: 4',
      'sizes: 2 2 3 2',
      'kinds: list domain domain domain',
      'encoding: raw',
    ];
    const colours = [
      'type: uchar',
      'dimension: 4',
      'sizes: 3 4 2 2',
      'kinds: RGB-color domain domain domain',
      'encoding: raw',
    ];
    return subjectsIn(folder, [
      { name: 'a.nrrd', form: 'headed', bytes: nrrd([...NRRD_LINES, 'encoding: raw']) },
      {
        name: 'b.nrrd',
        form: 'headed',
        bytes: nrrd([...NRRD_LINES, 'encoding: gzip'], gzipSync(nrrd([]).subarray(-48))),
      },
      {
        name: 'c.nhdr',
        form: 'headed',
        bytes: nrrd([...NRRD_LINES, 'encoding: raw', 'data file: c.raw', 'byte skip: -1'], Buffer.alloc(0)),
      },
      { name: 'd.nrrd', form: 'headed', bytes: nrrd(together) },
      { name: 'e.nrrd', form: 'headed', bytes: nrrd(colours) },
    ]);
  },
};

const metaImageTarget: Target = {
  name: 'MetaImage',
  async prepare(folder) {
    await writeFile(join(folder, 'c.raw'), Buffer.alloc(64));
    await writeFile(join(folder, 'd.zraw'), deflateSync(Buffer.alloc(48)));
    const packed = [...META_LINES, 'CompressedData = True'];
    return subjectsIn(folder, [
      { name: 'a.mha', form: 'headed', bytes: metaImage([...META_LINES, 'ElementDataFile = LOCAL']) },
      {
        name: 'b.mha',
        form: 'headed',
        bytes: metaImage([...packed, 'ElementDataFile = LOCAL'], deflateSync(Buffer.alloc(48))),
      },
      {
        name: 'c.mhd',
        form: 'headed',
        bytes: metaImage([...META_LINES, 'HeaderSize = -1', 'ElementDataFile = c.raw'], Buffer.alloc(0)),
      },
      { name: 'd.mhd', form: 'headed', bytes: metaImage([...packed, 'ElementDataFile = d.zraw'], Buffer.alloc(0)) },
    ]);
  },
};

export const TARGETS: readonly Target[] = [nifti, nrrdTarget, metaImageTarget];
