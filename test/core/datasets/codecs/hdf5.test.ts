import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHdf5, encodeHdf5 } from '../../../../src-core/datasets/codecs/hdf5.ts';
import { isRefusal } from '../../../../src-core/imaging/refusal.ts';
import { labelMaps } from '../../../support/random-masks.ts';

describe('HDF5 arrays', () => {
  it('come back with their shapes, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(labelMaps(254), async ({ width, height, data }) => {
        const image = Float32Array.from(data, (value) => value / 255);
        const shape = [1, height, width];
        const bytes = await encodeHdf5({ image: { shape, data: image }, label: { shape, data } });
        const found = await decodeHdf5(bytes, ['image', 'label']);
        if (isRefusal(found)) throw new Error(found.found);
        expect(found).toEqual({ image: { shape, data: image }, label: { shape, data } });
      }),
      { numRuns: 30 },
    );
  });

  it('are the same bytes at another time', async () => {
    const arrays = { label: { shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) } };
    const first = await encodeHdf5(arrays);
    await new Promise((resolve) => setTimeout(resolve, 1100)); // the library notes whole seconds
    expect(await encodeHdf5(arrays)).toEqual(first);
  });

  it('are refused where the file is damaged or lacks one', async () => {
    const bytes = await encodeHdf5({ label: { shape: [2], data: Uint8Array.of(1, 2) } });
    expect(await decodeHdf5(bytes, ['scribble'])).toMatchObject({
      expected: 'an array "scribble"',
      found: 'only label',
    });
    expect(await decodeHdf5(bytes.subarray(0, 300), ['label'])).toMatchObject({ kind: 'refused' });
    expect(await decodeHdf5(Uint8Array.of(1, 2, 3), ['label'])).toMatchObject({ kind: 'refused' });
  });
});
