import { describe, expect, it } from 'vitest';
import type { LabelPlane, Plane } from '../../../src-core/imaging/plane.ts';
import { classColours, cividis, inferno } from '../../../src-core/review/colours.ts';
import { drawMontage, type MontageRow } from '../../../src-core/review/montage.ts';
import type { Colour, Picture } from '../../../src-core/review/picture.ts';

const SIDE = 40;
const CLASSES = ['RV', 'MYO', 'LV'];

function plane(value = 0.5): Plane {
  return { width: SIDE, height: SIDE, channels: 1, data: new Float32Array(SIDE * SIDE).fill(value) };
}

function labels(fill: number): LabelPlane {
  return { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE).fill(fill) };
}

function count(picture: Picture, colour: Colour): number {
  let found = 0;
  for (let i = 0; i < picture.data.length; i += 3) {
    if (colour.every((value, channel) => picture.data[i + channel] === value)) found += 1;
  }
  return found;
}

describe('a montage', () => {
  it('is as wide as the columns that some row has', () => {
    const row: MontageRow = { title: 'one', image: plane() };
    const three = drawMontage([{ ...row, truth: labels(0), mask: labels(0) }, row], CLASSES);
    const five = drawMontage(
      [{ ...row, truth: labels(0), mask: labels(0), cam: plane(0).data, uncertainty: plane().data }],
      CLASSES,
    );
    expect(five.width - three.width).toBe(2 * 206);
    expect(three.data.length).toBe(three.width * three.height * 3);
  });

  it('outlines each class in its colour', () => {
    const mask = labels(0);
    for (let y = 10; y < 20; y += 1) mask.data.fill(3, y * SIDE + 10, y * SIDE + 20);
    const [, , lv] = classColours(CLASSES);
    const without = count(drawMontage([{ title: '', image: plane(), mask: labels(0) }], CLASSES), lv!);
    const outlined = count(drawMontage([{ title: '', image: plane(), mask }], CLASSES), lv!);
    // A square of 10 pixels is 50 wide in a cell of 200; its outline is one cell pixel thick.
    expect(outlined - without).toBe(4 * 50 - 4);
  });

  it('takes maps of several classes and shows the strongest', () => {
    const weak = new Float32Array(SIDE * SIDE);
    const strong = new Float32Array(SIDE * SIDE).fill(1);
    const one = drawMontage([{ title: '', image: plane(), cam: strong }], CLASSES);
    const two = drawMontage([{ title: '', image: plane(), cam: Float32Array.of(...weak, ...strong) }], CLASSES);
    expect(two.data).toEqual(one.data);
  });

  it('draws colour images, constant uncertainty and letters it does not know', () => {
    const image: Plane = { width: 20, height: 30, channels: 3, data: new Float32Array(1800).fill(0.25) };
    const uncertainty = new Float32Array(600).fill(0.4);
    const picture = drawMontage([{ title: 'Größe ☃', image, uncertainty }], ['Épithélium']);
    expect(count(picture, [64, 64, 64])).toBe(200 * 300);
  });

  it('refuses maps of another size and no rows', () => {
    const row = { title: 'slice 3', image: plane() };
    const mask = { width: 10, height: 10, data: new Uint8Array(100) };
    expect(() => drawMontage([{ ...row, mask }], CLASSES)).toThrow(
      'montage row "slice 3", mask: expected 40 x 40, got 10 x 10',
    );
    expect(() => drawMontage([{ ...row, cam: new Float32Array(7) }], CLASSES)).toThrow(
      'cam: expected a multiple of 1600',
    );
    expect(() => drawMontage([], CLASSES)).toThrow('montage rows: expected one or more, got none');
  });
});

describe('colours', () => {
  it('give the heart its own and other classes ones that differ from them', () => {
    expect(classColours(['LV', 'RV'])).toEqual([
      [0xcc, 0x79, 0xa7],
      [0x56, 0xb4, 0xe9],
    ]);
    const seven = classColours(['a', 'b', 'c', 'd', 'LV', 'MYO', 'RV']).map(String);
    expect(new Set(seven).size).toBe(7);
    expect(classColours(Array.from({ length: 20 }, (_, i) => `class ${i}`))).toHaveLength(20);
  });

  it('of values grow brighter from 0 to 1 and stay within', () => {
    for (const ramp of [inferno, cividis]) {
      const brightness = [0, 0.25, 0.5, 0.75, 1].map((value) => {
        const [red, green, blue] = ramp(value);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
      });
      expect([...brightness].sort((a, b) => a - b)).toEqual(brightness);
      expect(ramp(-1)).toEqual(ramp(0));
      expect(ramp(2)).toEqual(ramp(1));
    }
  });
});
