import { describe, expect, it } from 'vitest';
import { parseNiftiHeader } from '../../../src-core/imaging/nifti.ts';
import type { Geometry } from '../../../src-core/imaging/nifti-geometry.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { niftiBytes, type NiftiFields } from '../../support/nifti-file.ts';

const ONE_MILLIMETRE = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0];

function geometry(fields: NiftiFields): Geometry {
  const header = parseNiftiHeader(niftiBytes({ dims: [2, 2, 2], ...fields }, []));
  if (isRefusal(header)) throw new Error(header.found);
  return header.geometry;
}

describe('geometry of a NIfTI header', () => {
  const acdc: NiftiFields = { pixdim: [1, 1.5, 1.5, 10], srow: ONE_MILLIMETRE };

  it.each([
    ['sform first', 2, 1],
    ['equal codes', 1, 1],
    ['qform first', 1, 2],
  ])('takes the matrix that agrees with pixdim where the other is of 1 mm voxels (ACDC), %s', (_, sform, qform) => {
    const found = geometry({ ...acdc, sform, qform });
    expect(found).toMatchObject({ source: 'qform', spacing: { x: 1.5, y: 1.5, z: 10 } });
    expect(found.contradiction).toBe(
      'sform says voxels of 1 x 1 x 1, pixdim says 1.5 x 1.5 x 10; qform agrees with pixdim and is used',
    );
  });

  it('keeps an sform that agrees to 1 %, as nibabel would, and says nothing', () => {
    const srow = [1.508, 0, 0, 0, 0, 1.5, 0, 0, 0, 0, 10, 0];
    const found = geometry({ pixdim: [1, 1.5, 1.5, 10], srow, sform: 1, qform: 1 });
    expect(found.source).toBe('sform');
    expect(found.contradiction).toBeUndefined();
  });

  it('keeps the sizes of pixdim where no matrix agrees with it', () => {
    const found = geometry({ ...acdc, sform: 1 });
    expect(found).toMatchObject({ source: 'sform', spacing: { x: 1.5, y: 1.5, z: 10 } });
    expect(found.contradiction).toContain('sizes are taken from pixdim');
  });

  it('turns by the quaternion and mirrors k where pixdim[0] is negative', () => {
    // b = 1: half a turn about x.
    const found = geometry({ pixdim: [-1, 2, 3, 4], qform: 1, quaternion: [1, 0, 0], offset: [5, 6, 7] });
    // Adding 0 turns -0 into 0.
    expect(found.affine.map((row) => row.map((value) => value + 0))).toEqual([
      [2, 0, 0, 5],
      [0, -3, 0, 6],
      [0, 0, 4, 7],
    ]);
  });

  it('does not know the spacing where units are unset, or all is 1 with no matrix', () => {
    expect(geometry({ pixdim: [1, 1.5, 1.5, 10], units: 0, qform: 1 }).spacing).toBeNull();
    expect(geometry({ pixdim: [1, 1, 1, 1], units: 2 }).spacing).toBeNull();
    expect(geometry({ pixdim: [1, 1, 1, 1], units: 2, qform: 1 }).spacing).toEqual({ x: 1, y: 1, z: 1 });
    expect(geometry({ pixdim: [1, 1.5, 0, 10], units: 2, qform: 1 }).spacing).toBeNull();
  });

  it('gives millimetres whatever the unit', () => {
    expect(geometry({ pixdim: [1, 0.5, 0.5, 2], units: 1, qform: 1 }).spacing).toEqual({ x: 500, y: 500, z: 2000 });
    expect(geometry({ pixdim: [1, 500, 500, 2000], units: 3, qform: 1 }).spacing).toEqual({ x: 0.5, y: 0.5, z: 2 });
  });
});
