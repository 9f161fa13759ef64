import { describe, expect, it } from 'vitest';
import { parseNiftiHeader, type NiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { writeLabelVolume, writeValueVolume } from '../../../src-core/imaging/nifti-writer.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { decodeVoxels } from '../../../src-core/imaging/voxels.ts';
import { niftiBytes, type NiftiFields } from '../../support/nifti-file.ts';

// An F: any flip or transposition shows.
const LETTER = [1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0];

/** Byte ranges of NIfTI-1 that a map may change: dim[0] and dim[4], intent, datatype and bitpix, scaling, cal. */
const MAY_DIFFER = [
  [40, 42],
  [48, 50],
  [68, 74],
  [112, 120],
  [124, 132],
] as const;

function parse(bytes: Uint8Array): NiftiHeader {
  const header = parseNiftiHeader(bytes);
  if (isRefusal(header)) throw new Error(header.found);
  return header;
}

describe('maps over a NIfTI image', () => {
  const fields: NiftiFields = {
    dims: [3, 5, 1, 2],
    type: 'float32',
    pixdim: [-1, 1.5, 1.25, 8, 0.03],
    slope: 2.5,
    intercept: 1,
    qform: 1,
    sform: 2,
    quaternion: [0.1, 0.2, 0.3],
    offset: [4, 5, 6],
    srow: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    extension: Uint8Array.from({ length: 32 }, (_, index) => index),
  };

  for (const littleEndian of [true, false]) {
    it(`copy the header byte for byte but for type, scaling, intent and time, ${littleEndian ? 'little' : 'big'} endian`, () => {
      const source = niftiBytes({ ...fields, littleEndian }, new Array<number>(30).fill(0));
      const header = parse(source);
      const map = writeLabelVolume(header, source, Uint8Array.from(LETTER));
      const changed = [...map.subarray(0, header.voxelOffset).keys()].filter((at) => map[at] !== source[at]);
      expect(changed.filter((at) => !MAY_DIFFER.some(([from, to]) => at >= from && at < to))).toEqual([]);
      const written = parse(map);
      expect(written).toMatchObject({ rank: 3, phases: 1, voxelType: 'uint8', slope: 1, intercept: 0, littleEndian });
      expect(written.geometry).toEqual(header.geometry);
      expect(Array.from(map.subarray(written.voxelOffset))).toEqual(LETTER);
      expect(new DataView(map.buffer).getInt16(68, littleEndian)).toBe(1002);
    });
  }

  it('keep values in the byte order of the source', () => {
    const source = niftiBytes({ dims: [2, 1, 1], littleEndian: false }, [0, 0]);
    const map = writeValueVolume(parse(source), source, Float32Array.of(0.25, -7));
    const header = parse(map);
    expect(Array.from(decodeVoxels(header, map.subarray(header.voxelOffset)))).toEqual([0.25, -7]);
  });

  it('state where the voxels are, where the source said 0', () => {
    const source = niftiBytes({ dims: [2, 1], statedOffset: 0 }, [0, 0]);
    const map = writeLabelVolume(parse(source), source, Uint8Array.of(1, 2));
    expect(new DataView(map.buffer).getFloat32(108, true)).toBe(352);
    expect(map.length).toBe(354);
  });

  it('work for NIfTI-2', () => {
    const source = niftiBytes({ version: 2, dims: [2, 1, 1, 3], type: 'int64', qform: 1 }, [1, 2, 3, 4, 5, 6]);
    const map = writeLabelVolume(parse(source), source, Uint8Array.of(3, 1));
    expect(parse(map)).toMatchObject({ version: 2, rank: 3, phases: 1, voxelType: 'uint8' });
    expect(Array.from(map.subarray(544))).toEqual([3, 1]);
  });

  it('refuse labels of another size', () => {
    const source = niftiBytes({ dims: [2, 1, 1] }, [0, 0]);
    expect(() => writeLabelVolume(parse(source), source, new Uint8Array(3))).toThrow(
      'map: expected 2 x 1 x 1 = 2 values, got 3',
    );
  });
});
