// Masks that formats stumble over: holes, single pixels, diagonals, full and empty ones, any size, up to all 255 ids.
import fc from 'fast-check';
import type { BinaryMask } from '../../src-core/datasets/codecs/binary-mask.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';

/** A shape that no flip or transposition leaves as it is. */
export const LETTER_F = drawMask(['.......', '.####..', '.#.....', '.###...', '.#.....', '.#.....']);

/** A mask from rows of `#` and `.`. */
export function drawMask(rows: readonly string[]): BinaryMask {
  const text = rows.join('');
  return {
    width: rows[0]!.length,
    height: rows.length,
    data: Uint8Array.from(text, (letter) => (letter === '#' ? 1 : 0)),
  };
}

/** Label ids from rows of digits; `.` is background, `?` 255. */
export function drawLabels(rows: readonly string[]): LabelPlane {
  const text = rows.join('');
  const ids = Uint8Array.from(text, (letter) => (letter === '.' ? 0 : letter === '?' ? 255 : Number(letter)));
  return { width: rows[0]!.length, height: rows.length, data: ids };
}

/** Rows of `#` and `.` of a mask. */
export function showMask({ width, height, data }: BinaryMask): string[] {
  return Array.from({ length: height }, (_, y) =>
    [...data.subarray(y * width, (y + 1) * width)].map((inside) => (inside === 1 ? '#' : '.')).join(''),
  );
}

/** Random masks up to `most` pixels a side: noise of any density, and blocks with holes. */
export function masks(most = 24): fc.Arbitrary<BinaryMask> {
  return fc
    .record({
      width: fc.integer({ min: 1, max: most }),
      height: fc.integer({ min: 1, max: most }),
      density: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
      block: fc.integer({ min: 1, max: 4 }),
      seed: fc.integer(),
    })
    .map(({ width, height, density, block, seed }) => {
      const noise = (x: number, y: number): number => hash(seed, Math.floor(x / block), Math.floor(y / block));
      const data = new Uint8Array(width * height);
      for (let i = 0; i < data.length; i++) data[i] = noise(i % width, Math.floor(i / width)) < density ? 1 : 0;
      return { width, height, data };
    });
}

/** Random label maps of ids 0 to `most`, and sometimes 255. */
export function labelMaps(most: number, side = 24): fc.Arbitrary<LabelPlane> {
  return labelStacks(most, side, 1).map(([only]) => only!);
}

/** Several of them, all of one size. */
export function labelStacks(most: number, side: number, deep: number): fc.Arbitrary<LabelPlane[]> {
  return fc
    .record({
      width: fc.integer({ min: 1, max: side }),
      height: fc.integer({ min: 1, max: side }),
      seeds: fc.array(fc.integer(), { minLength: 1, maxLength: deep }),
    })
    .map(({ width, height, seeds }) =>
      seeds.map((seed) => ({
        width,
        height,
        data: Uint8Array.from({ length: width * height }, (_, i) => {
          const share = hash(seed, (i % width) >> 1, Math.floor(i / width) >> 1);
          return share > 0.95 ? 255 : Math.floor(share * (most + 1));
        }),
      })),
    );
}

/** Every id up to `most` once, then 255, in a rectangle that no flip leaves as it is; background where nothing is left. */
export function everyId(most: number): LabelPlane {
  const [width, height] = [19, Math.ceil((most + 2) / 19)];
  const data = Uint8Array.from({ length: width * height }, (_, i) => (i <= most ? i : i === most + 1 ? 255 : 0));
  return { width, height, data };
}

/** 0..1 from whole numbers, the same every time. */
function hash(seed: number, x: number, y: number): number {
  let value = Math.imul(seed ^ Math.imul(x + 1, 0x9e3779b1) ^ Math.imul(y + 1, 0x85ebca77), 0xc2b2ae3d);
  value = Math.imul(value ^ (value >>> 15), 0x27d4eb2f);
  return ((value ^ (value >>> 13)) >>> 0) / 2 ** 32;
}
