import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch, patchBetween } from '../../src-core/labels/patch.ts';
import { TouchedPixels } from '../../src-renderer/state/touched-pixels.ts';

const [width, height] = [6, 5];
const plane = fc
  .uint8Array({ min: 0, max: 2, minLength: width * height, maxLength: width * height })
  .map((data) => ({ width, height, data }));

describe('what a person has changed of a suggested mask', () => {
  it('is the same when followed change by change as when looked for anew', () => {
    fc.assert(
      fc.property(plane, fc.array(plane, { minLength: 1, maxLength: 5 }), (base, wanted) => {
        const labels = { width, height, data: base.data.slice() };
        const followed = new TouchedPixels(labels, base);
        expect(followed.count).toBe(0);
        for (const next of wanted) {
          const patch = patchBetween(labels, next);
          if (!patch) continue;
          applyPatch(labels, patch);
          followed.follow(patch);
        }
        const marks = Array.from(labels.data, (label, i) => (label === base.data[i] ? 0 : 1));
        expect([...followed.layer.plane.data]).toEqual(marks);
        expect(followed.count).toBe(marks.filter((mark) => mark === 1).length);
        expect(new TouchedPixels(labels, base).count).toBe(followed.count);
      }),
    );
  });
});
