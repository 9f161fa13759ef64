import fc from 'fast-check';
import { readHeader, readImage } from 'nifti-reader-js';
import { describe, expect, it } from 'vitest';
import { niftiFileBytes, parseNiftiHeader, type NiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { phaseBytes, planeBytes, type VoxelType } from '../../../src-core/imaging/volume-header.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { decodeVoxels } from '../../../src-core/imaging/voxels.ts';
import { niftiBytes, type NiftiFields } from '../../support/nifti-file.ts';

const SIGNED: readonly VoxelType[] = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64'];
const UNSIGNED: readonly VoxelType[] = ['uint8', 'uint16', 'uint32', 'uint64'];

function parse(bytes: Uint8Array): NiftiHeader {
  const header = parseNiftiHeader(bytes);
  if (isRefusal(header)) throw new Error(`expected ${header.expected}, found ${header.found}`);
  return header;
}

function voxels(bytes: Uint8Array): number[] {
  const header = parse(bytes);
  return Array.from(decodeVoxels(header, bytes.subarray(header.voxelOffset)));
}

describe('NIfTI headers and voxels', () => {
  for (const version of [1, 2] as const) {
    for (const littleEndian of [true, false]) {
      const order = littleEndian ? 'little' : 'big';
      it(`reads every numeric type of NIfTI-${version}, ${order} endian`, () => {
        for (const type of [...SIGNED, ...UNSIGNED]) {
          const values = SIGNED.includes(type) ? [-3, 0, 7, 100, -128, 127] : [0, 1, 200, 255, 3, 9];
          const bytes = niftiBytes({ version, littleEndian, type, dims: [3, 2] }, values);
          expect(voxels(bytes), type).toEqual(values);
        }
      });
    }
  }

  it('reads RGB24 as three values a voxel', () => {
    const bytes = niftiBytes({ type: 'rgb24', dims: [2, 1, 1] }, [1, 2, 3, 4, 5, 6]);
    expect(planeBytes(parse(bytes))).toBe(6);
    expect(voxels(bytes)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('applies slope and intercept, and none where the slope is 0 or not a number', () => {
    const scaled = (slope: number, intercept: number) => voxels(niftiBytes({ dims: [2, 1], slope, intercept }, [4, 5]));
    expect(scaled(2, -1)).toEqual([7, 9]);
    expect(scaled(0, 50)).toEqual([4, 5]);
    expect(scaled(NaN, 50)).toEqual([4, 5]);
  });

  it('finds the voxels behind the header where vox_offset is 0, and behind extensions where it says so', () => {
    expect(voxels(niftiBytes({ dims: [2, 1], statedOffset: 0 }, [8, 9]))).toEqual([8, 9]);
    expect(voxels(niftiBytes({ dims: [2, 1], extension: new Uint8Array(32).fill(7) }, [8, 9]))).toEqual([8, 9]);
  });

  it('knows the sizes of 2-D, 3-D and 4-D files', () => {
    const header = parse(niftiBytes({ dims: [4, 3, 2, 5] }, new Array<number>(120).fill(0)));
    expect(header).toMatchObject({ width: 4, height: 3, slices: 2, phases: 5 });
    expect([planeBytes(header), phaseBytes(header), niftiFileBytes(header)]).toEqual([24, 48, 352 + 240]);
    expect(parse(niftiBytes({ dims: [4, 3] }, []))).toMatchObject({ rank: 2, slices: 1, phases: 1 });
  });

  it('agrees with nifti-reader-js on what both read', () => {
    const type = fc.constantFrom<VoxelType>('uint8', 'int16', 'uint16', 'int32', 'float32');
    const extent = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(type, extent, extent, extent, fc.boolean(), (voxelType, i, j, k, littleEndian) => {
        const values = Array.from({ length: i * j * k }, (_, index) => index % 100);
        const bytes = niftiBytes({ type: voxelType, dims: [i, j, k], littleEndian, qform: 1 }, values);
        const file = new Uint8Array(bytes).buffer;
        const theirs = readHeader(file);
        const mine = parse(bytes);
        expect([theirs.dims[1], theirs.dims[2], theirs.dims[3]]).toEqual([mine.width, mine.height, mine.slices]);
        expect(theirs.affine.slice(0, 3)).toEqual(mine.geometry.affine);
        expect(new Uint8Array(readImage(theirs, file))).toEqual(bytes.subarray(mine.voxelOffset));
      }),
    );
  });
});

describe('headers that are refused', () => {
  const refusal = (fields: NiftiFields): string => {
    const header = parseNiftiHeader(niftiBytes(fields, []));
    return isRefusal(header) ? `expected ${header.expected}, found ${header.found}` : 'accepted';
  };

  it.each([
    [
      'the header of a pair',
      { magic: 'ni1\0' },
      'expected a single file with header and voxels (.nii), found the header of a .hdr/.img pair',
    ],
    ['no magic word (ANALYZE)', { magic: '\0\0\0\0' }, 'expected the magic word n+1, found ""'],
    ['a negative axis', { dims: [4, -3, 2] }, 'expected axes of 1 or more, found 4 x -3 x 2'],
    ['nine axes', { dims: [1, 1, 1, 1, 1, 1, 1, 1, 1] }, 'expected 2 to 7 axes in dim[0], found 9'],
    ['a fifth axis', { dims: [4, 4, 1, 1, 3] }, 'expected at most 4 axes (x, y, z, time), found 4 x 4 x 1 x 1 x 3'],
    [
      'complex voxels',
      { datatype: 32, bitpix: 64 },
      'expected a real-valued or RGB voxel type, found datatype code 32',
    ],
    ['a wrong bitpix', { bitpix: 8 }, 'expected bitpix 16 for int16, found bitpix 8'],
    ['an offset that is no number', { statedOffset: NaN }, 'expected a whole number of bytes in vox_offset, found NaN'],
  ] as const)('%s', (_, fields, message) => expect(refusal(fields)).toBe(message));

  it('sizes that would exhaust memory, before any of it is taken', () => {
    expect(refusal({ dims: [32767, 32767, 32767] })).toContain('expected a volume of less than 2 GiB');
    expect(refusal({ version: 2, dims: [2 ** 50, 2 ** 50, 4] })).toContain('expected a volume of less than 2 GiB');
  });

  it('a file that ends inside its header, and one that is no NIfTI', () => {
    expect(parseNiftiHeader(new Uint8Array(100))).toMatchObject({ kind: 'refused', found: '100 bytes' });
    expect(parseNiftiHeader(new Uint8Array(400))).toMatchObject({ kind: 'refused' });
    expect(parseNiftiHeader(niftiBytes({ version: 2 }, []).subarray(0, 400))).toMatchObject({ found: '400 bytes' });
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 600 }), fc.boolean(), (noise, plausible) => {
        const bytes = plausible ? niftiBytes({ dims: [2, 2] }, [1, 2, 3, 4]) : noise;
        if (plausible) bytes.set(noise.subarray(0, 300), 40);
        expect(parseNiftiHeader(bytes)).toBeTypeOf('object');
      }),
    );
  });
});
