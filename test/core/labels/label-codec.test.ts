import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLabels, encodeLabels, isStoredAs } from '../../../src-core/labels/label-codec.ts';

const label = fc.constantFrom(0, 0, 0, 1, 2, 3, 255);
const run = fc.tuple(label, fc.integer({ min: 1, max: 400 }));
const plane = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
    fc.array(run, { minLength: 1, maxLength: 20 }),
  )
  .map(([width, height, runs]) => {
    const labels = runs.flatMap(([id, length]) => new Array<number>(length).fill(id));
    const data = Uint8Array.from({ length: width * height }, (_, i) => labels[i % labels.length]!);
    return { width, height, data };
  });

describe('the codec of label maps', () => {
  it('gives back every map it took', () => {
    fc.assert(
      fc.property(plane, (given) => {
        expect(decodeLabels(encodeLabels(given))).toEqual(given);
      }),
    );
  });

  it('knows the map that bytes hold from every other', () => {
    fc.assert(
      fc.property(plane, plane, fc.nat(), (given, other, at) => {
        const bytes = encodeLabels(given);
        expect(isStoredAs(given, bytes)).toBe(true);
        const equal = other.width === given.width && other.height === given.height;
        expect(isStoredAs(other, bytes)).toBe(equal && other.data.every((label, i) => label === given.data[i]));
        const data = given.data.slice();
        data[at % data.length]! ^= 1;
        expect(isStoredAs({ ...given, data }, bytes)).toBe(false);
      }),
    );
  });

  it('writes a run as its label and length', () => {
    const data = new Uint8Array(300).fill(7, 200);
    expect([...encodeLabels({ width: 20, height: 15, data }).subarray(16)]).toEqual([0, (200 & 127) | 128, 1, 7, 100]);
  });

  it('reads from the middle of a larger buffer', () => {
    const bytes = encodeLabels({ width: 2, height: 1, data: Uint8Array.of(3, 255) });
    const larger = new Uint8Array(bytes.length + 5);
    larger.set(bytes, 5);
    expect([...decodeLabels(larger.subarray(5)).data]).toEqual([3, 255]);
  });

  it('keeps an anatomy slice under a kilobyte', () => {
    const [width, height] = [216, 256];
    const data = Uint8Array.from({ length: width * height }, (_, i) => {
      const radius = Math.hypot((i % width) - 100, Math.floor(i / width) - 120);
      return radius < 20 ? 3 : radius < 30 ? 2 : 0;
    });
    expect(encodeLabels({ width, height, data }).length).toBeLessThan(1024);
  });

  it('refuses a map that does not fill its size', () => {
    expect(() => encodeLabels({ width: 2, height: 2, data: new Uint8Array(3) })).toThrow(/2 x 2 = 4 labels, got 3/);
    expect(() => encodeLabels({ width: 0, height: 2, data: new Uint8Array() })).toThrow(/got 0 x 2/);
  });

  it('says what is wrong with other bytes, and takes no memory for a false size', () => {
    const bytes = encodeLabels({ width: 20, height: 15, data: new Uint8Array(300) });
    expect(() => decodeLabels(Uint8Array.of(1, 2))).toThrow(/expected a header/);
    expect(() => decodeLabels(bytes.subarray(0, -1))).toThrow(/got the end of the bytes/);
    expect(() => decodeLabels(bytes.subarray(0, 16))).toThrow(/expected runs of 300 labels, got 0/);
    const huge = bytes.slice();
    huge.fill(255, 4, 12);
    expect(() => decodeLabels(huge)).toThrow(/expected a size from 1 to/);
    const endless = Uint8Array.of(...bytes, 1, ...new Array<number>(40).fill(255));
    expect(() => decodeLabels(endless)).toThrow(/expected numbers of at most/);
  });

  it('notices every single changed byte', () => {
    fc.assert(
      fc.property(plane, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, where, change) => {
        const bytes = encodeLabels(given);
        bytes[where % bytes.length]! ^= change;
        expect(() => decodeLabels(bytes)).toThrow();
      }),
    );
  });
});
