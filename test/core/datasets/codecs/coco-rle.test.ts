import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskArea, maskBox, type BinaryMask } from '../../../../src-core/datasets/codecs/binary-mask.ts';
import {
  columnRuns,
  decodeCocoRle,
  encodeCocoRle,
  unpackCounts,
} from '../../../../src-core/datasets/codecs/coco-rle.ts';
import { drawMask, LETTER_F, masks, showMask } from '../../../support/random-masks.ts';

const DISC_COUNTS =
  'fP_11S9`0D8I6K4L4L4M2M4M2N2N2N2N2N2N2N2O0O2N2O0O2O0O2O0O2O000O2O00000O2O0000000000000O20N100000000000001N1000001N10001N101N101N101N2N101N2N2N2N2N2N2N2N3L3N3L4L4L5J7H<@V^^1';

/** What COCO's own C code gives for these masks. */
const VECTORS: readonly (readonly [string, BinaryMask, readonly number[], string])[] = [
  ['empty', drawMask(['...', '...']), [6], '6'],
  ['full', drawMask(['###', '###']), [0, 6], '06'],
  ['centre', drawMask(['...', '.#.', '...']), [4, 1, 4], '414'],
  ['first pixel', drawMask(['#..', '...', '...']), [0, 1, 8], '018'],
  ['ring', drawMask(['.....', '.###.', '.#.#.', '.###.', '.....']), [6, 3, 2, 1, 1, 1, 2, 3, 6], '632NO0124'],
];

describe('COCO run lengths', () => {
  it.each(VECTORS)('are those of the reference for a mask that is %s', (_, mask, counts, text) => {
    expect(columnRuns(mask)).toEqual(counts);
    expect(encodeCocoRle(mask)).toEqual({ size: [mask.height, mask.width], counts: text });
    expect(decodeCocoRle({ size: [mask.height, mask.width], counts })).toEqual(mask);
  });

  it('are those of the reference for a disc, with its area and box', () => {
    const [width, height] = [400, 300];
    const disc = {
      width,
      height,
      data: Uint8Array.from({ length: width * height }, (_, i) =>
        ((i % width) - 200) ** 2 + (Math.floor(i / width) - 150) ** 2 <= 40 ** 2 ? 1 : 0,
      ),
    };
    expect(encodeCocoRle(disc).counts).toBe(DISC_COUNTS);
    expect(maskArea(disc)).toBe(5025);
    expect(maskBox(disc)).toEqual({ x: 160, y: 110, width: 81, height: 81 });
  });

  it('do not turn the letter F', () => {
    const back = decodeCocoRle(encodeCocoRle(LETTER_F));
    expect(showMask(back as BinaryMask)).toEqual(showMask(LETTER_F));
  });

  it('give every mask back', () => {
    fc.assert(
      fc.property(masks(), (mask) => {
        expect(decodeCocoRle(encodeCocoRle(mask))).toEqual(mask);
      }),
    );
  });

  it('are refused where they are damaged', () => {
    const size = [3, 3];
    expect(decodeCocoRle({ size, counts: '41' })).toMatchObject({ found: '5' });
    expect(decodeCocoRle({ size, counts: [4, 1, 5] })).toMatchObject({ found: 'more than that' });
    expect(decodeCocoRle({ size, counts: [4, -1, 6] })).toMatchObject({ found: '-1 as run 1' });
    expect(decodeCocoRle({ size, counts: '4 4' })).toMatchObject({ found: 'a character at 1 that is none' });
    expect(decodeCocoRle({ size: [2 ** 20, 2 ** 20], counts: '6' })).toMatchObject({ kind: 'refused' });
    expect(decodeCocoRle({ size: [], counts: '6' })).toMatchObject({ found: 'undefined x undefined' });
    expect(unpackCounts('ooooooooo0')).toMatchObject({ expected: 'run lengths of 32 bits' });
    expect(unpackCounts('o')).toMatchObject({ kind: 'refused' });
  });
});
