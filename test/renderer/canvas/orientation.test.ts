import { describe, expect, it } from 'vitest';
import type { Affine } from '../../../src-core/imaging/nifti-geometry.ts';
import { edgeLetters, placementOf, type PlaneGeometry } from '../../../src-renderer/canvas/orientation.ts';

/** Geometry whose columns, rows and slices go along these directions. */
function geometry(columns: number[], rows: number[], slices: number[]): PlaneGeometry {
  const affine = [0, 1, 2].map((i) => [columns[i]!, rows[i]!, slices[i]!, 0]) as unknown as Affine;
  return { affine, spacing: { x: 1, y: 1, z: 1 } };
}

const lettersOf = (plane: PlaneGeometry): string => {
  const { left, top, right, bottom } = edgeLetters(plane, placementOf(plane));
  return `${left} ${top} ${right} ${bottom}`;
};

describe('orientation on the canvas', () => {
  it('puts the left of an axial slice on the right, the back at the bottom, however it is stored', () => {
    for (const [columns, rows] of [
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      [
        [-1, 0, 0],
        [0, -1, 0],
      ],
      [
        [0, -2, 0],
        [1, 0, 0],
      ],
    ]) {
      expect(lettersOf(geometry(columns!, rows!, [0, 0, 1]))).toBe('R A L P');
    }
  });

  it('puts the feet at the bottom of coronal and sagittal planes', () => {
    expect(lettersOf(geometry([1, 0, 0], [0, 0, 1], [0, 1, 0]))).toBe('R S L I');
    expect(lettersOf(geometry([0, 1, 0], [0, 0, 1], [1, 0, 0]))).toBe('A S P I');
  });

  it('names a second direction where a plane is oblique', () => {
    const [c, s] = [Math.cos(0.5), Math.sin(0.5)];
    expect(lettersOf(geometry([-c, -s, 0], [s, -c, 0], [0, 0, 1]))).toBe('RA AL LP PR');
  });

  it('leaves a plane as it is stored that is as far from one way as from the other', () => {
    const half = Math.SQRT1_2;
    expect(placementOf(geometry([-half, -half, 0], [half, -half, 0], [0, 0, 1]))).toEqual({
      column: { x: 1, y: 0 },
      row: { x: 0, y: 1 },
    });
  });

  it('shows question marks and turns nothing where directions are unknown or contradictory', () => {
    const known = geometry([1, 0, 0], [0, 1, 0], [0, 0, 1]);
    for (const plane of [{ ...known, affine: null }, geometry([0, 0, 0], [0, 1, 0], [0, 0, 1])]) {
      expect(lettersOf(plane)).toBe('? ? ? ?');
      expect(placementOf(plane)).toEqual({ column: { x: 1, y: 0 }, row: { x: 0, y: 1 } });
    }
  });

  it('draws rows as far apart as they are', () => {
    const plane = { affine: null, spacing: { x: 1.5, y: 3, z: 10 } };
    expect(placementOf(plane).row).toEqual({ x: 0, y: 2 });
  });
});
