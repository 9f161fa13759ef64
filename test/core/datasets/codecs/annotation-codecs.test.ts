import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawCocoSegmentation } from '../../../../src-core/datasets/codecs/coco.ts';
import { regionOf } from '../../../../src-core/labels/region.ts';
import { isRefusal } from '../../../../src-core/imaging/refusal.ts';
import type { BinaryMask } from '../../../../src-core/datasets/codecs/binary-mask.ts';
import { decodeCvatMask, encodeCvatMask } from '../../../../src-core/datasets/codecs/cvat-rle.ts';
import { decodeBrush, encodeBrush } from '../../../../src-core/datasets/codecs/label-studio-rle.ts';
import { traceJoinedRings } from '../../../../src-core/labels/contours.ts';
import { fillRings } from '../../../../src-core/labels/fill-rings.ts';
import { decodeYoloRows, encodeYoloRows } from '../../../../src-core/datasets/codecs/yolo.ts';
import { drawMask, LETTER_F, masks } from '../../../support/random-masks.ts';

describe('CVAT masks', () => {
  it('run along the rows of their box', () => {
    const mask = drawMask(['.....', '..##.', '.##..']);
    const encoded = { rle: '1, 4, 1', left: 1, top: 1, width: 3, height: 2 };
    expect(encodeCvatMask(mask)).toEqual(encoded);
    expect(decodeCvatMask(encoded, mask)).toEqual(mask);
    expect(encodeCvatMask(drawMask(['..']))).toBeUndefined();
  });

  it('give every mask back, the letter F among them', () => {
    const roundTrip = (mask: BinaryMask): void => {
      const encoded = encodeCvatMask(mask);
      if (encoded) expect(decodeCvatMask(encoded, mask)).toEqual(mask);
    };
    roundTrip(LETTER_F);
    fc.assert(fc.property(masks(), roundTrip));
  });

  it('are refused where their runs or their box do not fit', () => {
    const image = { width: 5, height: 3 };
    const mask = { rle: '0, 4', left: 1, top: 1, width: 2, height: 2 };
    expect(decodeCvatMask({ ...mask, left: 4 }, image)).toMatchObject({ found: '2 x 2 at (4, 1)' });
    expect(decodeCvatMask({ ...mask, rle: '0, 5' }, image)).toMatchObject({ found: 'more than that' });
    expect(decodeCvatMask({ ...mask, rle: '0, 3' }, image)).toMatchObject({ found: '3' });
    expect(decodeCvatMask({ ...mask, rle: '1, x' }, image)).toMatchObject({ found: 'NaN as run 1' });
    expect(decodeCvatMask({ ...mask, width: NaN }, image)).toMatchObject({ kind: 'refused' });
  });
});

describe('Label Studio brushes', () => {
  it('are packed bit by bit as Label Studio packs them', () => {
    expect(encodeBrush(drawMask(['#.']))).toEqual([0, 0, 0, 8, 57, 27, 252, 127, 241, 128, 0]);
  });

  it('give every mask back, the letter F and runs of more than 16 bits among them', () => {
    const roundTrip = (mask: BinaryMask): void => {
      expect(decodeBrush(encodeBrush(mask), mask.width, mask.height)).toEqual(mask);
    };
    roundTrip(LETTER_F);
    const large = { width: 300, height: 200, data: new Uint8Array(60_000).fill(1, 20_000, 50_000) };
    roundTrip(large);
    fc.assert(fc.property(masks(), roundTrip));
  });

  it('are refused where they are damaged or of another size', () => {
    const bytes = encodeBrush(LETTER_F);
    const { width, height } = LETTER_F;
    expect(decodeBrush(bytes, 3, 3)).toMatchObject({ expected: '36 values for 3 x 3 pixels', found: '168' });
    expect(decodeBrush(bytes.slice(0, 12), width, height)).toMatchObject({ expected: 'an intact packing' });
    expect(decodeBrush([], width, height)).toMatchObject({ found: '0' });
    expect(decodeBrush([...bytes, 256], width, height)).toMatchObject({ found: '256' });
  });
});

describe('YOLO rows', () => {
  it('give corners over width and height', () => {
    const text = encodeYoloRows([{ classIndex: 2, ring: [1, 1, 2, 1, 2, 2] }], 4, 3);
    expect(text).toBe('2 0.25 0.333333 0.5 0.333333 0.5 0.666667\n');
  });

  it('give every mask back, joined holes and all parts included', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        const { width, height } = mask;
        const polygons = traceJoinedRings(mask).map((ring) => ({ classIndex: 0, ring }));
        const rows = decodeYoloRows(encodeYoloRows(polygons, width, height), width, height);
        if (!Array.isArray(rows)) throw new Error(JSON.stringify(rows));
        expect(
          fillRings(
            rows.map(({ ring }) => ring),
            width,
            height,
          ),
        ).toEqual(mask);
      }),
    );
  });

  it('are refused where they are no polygons, with the line', () => {
    expect(decodeYoloRows('0 0.1 0.1 0.2 0.2\n', 9, 9)).toMatchObject({
      found: expect.stringContaining('4 numbers') as string,
    });
    expect(decodeYoloRows('\n1.5 0 0 1 0 1 1', 9, 9)).toMatchObject({ found: 'line 2: "1.5 0 0 1 0 1 1"' });
    expect(decodeYoloRows('0 0 0 1 0 1 x', 9, 9)).toMatchObject({ expected: 'corners of 0 to 1' });
  });
});

describe('COCO polygons', () => {
  it('cost what they cover, however many parts a mask in a large image has', () => {
    const side = 8192;
    const squares = Array.from({ length: 4000 }, (_, i) => {
      const [x, y] = [(i * 2) % side, 2 * Math.floor((i * 2) / side)];
      return [x, y, x + 1, y, x + 1, y + 1, x, y + 1];
    });
    const drawn = drawCocoSegmentation(squares, { width: side, height: side });
    if (isRefusal(drawn)) throw new Error(drawn.found);
    const { window, inside } = regionOf(drawn);
    expect(window).toEqual({ x: 0, y: 0, width: 7999, height: 1 });
    expect(inside.reduce((sum, value) => sum + value, 0)).toBe(4000);
  });
});
