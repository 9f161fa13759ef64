import { encode } from 'fast-png';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeIndexedPng, encodeIndexedPng } from '../../../../src-core/datasets/codecs/indexed-png.ts';
import {
  decodeLabelmap,
  encodeLabelmap,
  encodeVocAnnotation,
  VOC_PALETTE,
} from '../../../../src-core/datasets/codecs/voc.ts';
import { labelMaps } from '../../../support/random-masks.ts';

describe('indexed PNG', () => {
  it('gives back all 256 indices, whatever the size, and the palette', () => {
    const all = { width: 16, height: 16, data: Uint8Array.from({ length: 256 }, (_, i) => i) };
    expect(decodeIndexedPng(encodeIndexedPng(all, VOC_PALETTE))).toEqual({ ...all, palette: VOC_PALETTE });
    fc.assert(
      fc.property(labelMaps(254), (plane) => {
        expect(decodeIndexedPng(encodeIndexedPng(plane, VOC_PALETTE))).toMatchObject(plane);
      }),
      { numRuns: 30 },
    );
  });

  it('is refused where it is damaged, no palette image, or claims an impossible size', () => {
    const plane = { width: 3, height: 2, data: new Uint8Array(6) };
    const bytes = encodeIndexedPng(plane, VOC_PALETTE);
    expect(decodeIndexedPng(bytes.subarray(0, bytes.length - 20))).toMatchObject({ kind: 'refused' });
    expect(decodeIndexedPng(encode({ ...plane, channels: 1, depth: 8 }))).toMatchObject({ found: 'other bytes' });
    const huge = bytes.slice();
    huge.set([0xff, 0xff, 0xff, 0xff], 16);
    expect(decodeIndexedPng(huge)).toMatchObject({ found: '4294967295 x 2' });
  });
});

describe('Pascal VOC', () => {
  it('has its colours', () => {
    const hex = VOC_PALETTE.map((colour) => colour.map((value) => value.toString(16).padStart(2, '0')).join(''));
    expect(hex.slice(0, 5)).toEqual(['000000', '800000', '008000', '808000', '000080']);
    expect(hex.slice(5, 9)).toEqual(['800080', '008080', '808080', '400000']);
    expect([hex[15], hex[20], hex[255]]).toEqual(['c08080', '004080', 'e0e0c0']);
  });

  it('tells its classes in labelmap.txt and reads them back', () => {
    const entries = [
      { name: 'background', colour: VOC_PALETTE[0]! },
      { name: 'left ventricle', colour: VOC_PALETTE[3]! },
    ];
    const text = encodeLabelmap(entries);
    expect(text).toBe('# label:color_rgb:parts:actions\nbackground:0,0,0::\nleft ventricle:128,128,0::\n');
    expect(decodeLabelmap(text)).toEqual(entries);
    expect(decodeLabelmap('LV:1,2::\n')).toMatchObject({ found: 'line 1: "LV:1,2::"' });
    expect(decodeLabelmap('LV:1,2,300::')).toMatchObject({ kind: 'refused' });
  });

  it('counts the pixels of boxes from 1', () => {
    const box = { x: 0, y: 2, width: 3, height: 1 };
    const xml = encodeVocAnnotation({
      file: 'a&b.png',
      width: 5,
      height: 4,
      channels: 1,
      objects: [{ name: 'LV', box }],
    });
    expect(xml).toContain('<filename>a&amp;b.png</filename>');
    expect(xml.replace(/\s/g, '')).toContain(
      '<bndbox><xmin>1</xmin><ymin>3</ymin><xmax>3</xmax><ymax>3</ymax></bndbox>',
    );
  });
});
