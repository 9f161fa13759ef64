import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tensor, zeros } from '../../../src-core/tensor/index.ts';
import { mutualComplementing } from '../../../src-core/unia/mutual-complementing-refinement.ts';

const both = { secondStep: true, fillIgnored: false };
function complemented(p1: number[], p2: number[], p3: number[], options: Parameters<typeof mutualComplementing>[1]) {
  const map = (labels: number[]) => tensor(labels, [1, 1, labels.length]);
  return Array.from(mutualComplementing({ p1: map(p1), p2: map(p2), p3: map(p3) }, options).dataSync());
}

test('P2 completes P3 where P3 is background or ignored', () => {
  const options = { secondStep: false, fillIgnored: false };
  expect(complemented([0, 0, 0, 0, 0], [1, 2, 3, 0, 255], [0, 255, 1, 255, 0], options)).toEqual([1, 2, 1, 255, 0]);
});

test('P1 wins where it agrees with P2, once the second step is open', () => {
  expect(complemented([2, 2, 255], [2, 1, 255], [1, 1, 1], both)).toEqual([2, 1, 1]);
  expect(complemented([2], [2], [1], { ...both, secondStep: false })).toEqual([1]);
});

test('the extra step takes P1 where P2 ignores', () => {
  expect(complemented([2, 255, 0], [255, 255, 255], [1, 1, 1], { ...both, fillIgnored: true })).toEqual([2, 1, 1]);
});

test('with everything ignored everything stays ignored', () => {
  expect(complemented([255, 255], [255, 255], [255, 255], { secondStep: true, fillIgnored: true })).toEqual([255, 255]);
});

test('masks of different sizes are refused', () => {
  const masks = { p1: zeros([1, 2, 2]), p2: zeros([1, 2, 3]), p3: zeros([1, 2, 2]) };
  expect(() => mutualComplementing(masks, both)).toThrow(/P2: expected shape \(N, H, W\)/);
});

test('only labels of the three masks appear, and a class of P3 never turns into background', () => {
  const labels = fc.array(fc.constantFrom(0, 1, 2, 255), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(labels, labels, labels, fc.boolean(), fc.boolean(), (p1, p2, p3, secondStep, fillIgnored) => {
      complemented(p1, p2, p3, { secondStep, fillIgnored }).forEach((label, i) => {
        expect([p1[i], p2[i], p3[i]]).toContain(label);
        if (p3[i] === 1 || p3[i] === 2) expect([1, 2]).toContain(label);
      });
    }),
    { numRuns: 100 },
  );
});
