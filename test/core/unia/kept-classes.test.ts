import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tensor } from '../../../src-core/tensor/index.ts';
import { gatherKept, keepPresentClasses, strongestLabel } from '../../../src-core/unia/kept-classes.ts';

const numbers = (t: { dataSync(): ArrayLike<number> }): number[] => Array.from(t.dataSync());

test('present classes fill the slots in the order of their ids', () => {
  const present = tensor([
    [0, 1, 0, 1],
    [0, 0, 1, 0],
  ]);
  const kept = keepPresentClasses(present, 2);
  expect(numbers(kept.label)).toEqual([2, 4, 3, 0]);
  expect(numbers(kept.valid)).toEqual([1, 1, 1, 0]);
});

test('classes beyond the slots lose the highest ids', () => {
  expect(numbers(keepPresentClasses(tensor([[1, 1, 1]]), 2).label)).toEqual([1, 2]);
});

test('as many slots as classes keep every class at its place', () => {
  const kept = keepPresentClasses(tensor([[0, 1]]), 5);
  expect(kept.selection).toBeUndefined();
  expect(numbers(kept.label)).toEqual([0, 2]);
});

test('labels come back in the full label space', () => {
  const kept = keepPresentClasses(tensor([[0, 1, 0, 1]]), 2);
  const cam = tensor([1, 1, 0.5, 0.1, 9, 9, 0.2, 0.4], [1, 4, 1, 2]);
  const background = tensor([0.3, 0.5], [1, 1, 1, 2]);
  const maps = gatherKept(cam, kept);
  expect(numbers(strongestLabel(maps, kept))).toEqual([2, 4]);
  expect(numbers(strongestLabel(maps, kept, background))).toEqual([2, 0]);
});

test('a different number of images or classes is refused', () => {
  const kept = keepPresentClasses(tensor([[0, 1, 0]]), 2);
  expect(() => gatherKept(tensor(Array(8).fill(0), [1, 2, 2, 2]), kept)).toThrow(/kept classes: expected shape/);
  expect(() => keepPresentClasses(tensor([1]))).toThrow(/image labels: expected shape \(N, M\)/);
  expect(() => keepPresentClasses(tensor([[1]]), 0)).toThrow(/maxClassesPerImage: expected at least 1, got 0/);
});

test('an image without any class keeps nothing', () => {
  const kept = keepPresentClasses(tensor([[0, 0, 0]]), 2);
  expect(numbers(gatherKept(tensor([1, 2, 3], [1, 3, 1, 1]), kept))).toEqual([0, 0]);
});

test('the slots hold the maps of the first present classes, then zeros', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 5 }), (flags, K) => {
      fc.pre(K < flags.length);
      const ids = flags.map((_, i) => i + 1);
      const maps = tensor(ids, [1, flags.length, 1, 1]);
      const slots = numbers(gatherKept(maps, keepPresentClasses(tensor([flags.map(Number)]), K)));
      const first = ids.filter((id) => flags[id - 1]).slice(0, K);
      expect(slots).toEqual([...first, ...Array<number>(K - first.length).fill(0)]);
    }),
    { numRuns: 30 },
  );
});
