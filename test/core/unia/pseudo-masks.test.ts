import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trace } from '../../../src-core/compile/index.ts';
import { ones, tensor, zeros, type Tensor } from '../../../src-core/tensor/index.ts';
import { camToLabel } from '../../../src-core/unia/class-activation-map.ts';
import { gatherKept, keepPresentClasses } from '../../../src-core/unia/kept-classes.ts';
import { REFINEMENT_DEFAULTS } from '../../../src-core/unia/pixel-adaptive-refinement.ts';
import {
  agreementMask,
  mergeHighLow,
  PSEUDO_MASK_DEFAULTS,
  refineP2,
  refineP2AndP3,
  refineP3,
  type PseudoMaskOptions,
} from '../../../src-core/unia/pseudo-masks.ts';

const numbers = (t: Tensor): number[] => Array.from(t.dataSync());
const S = 16;
/** A bright square in the middle third of an image, and a CAM that is high on part of it. */
const inside = (i: number, from: number, to: number): boolean =>
  [Math.floor(i / S), i % S].every((at) => at >= from && at < to);
const plane = (value: (i: number) => number): number[] => Array.from({ length: S * S }, (_, i) => value(i));
const image = tensor(
  [1, 2, 3].flatMap((c) => plane((i) => (inside(i, 4, 12) ? 1 : 0.1) * c)),
  [1, 3, S, S],
);
const square = plane((i) => (inside(i, 5, 11) ? 1 : 0.05));
const nothing = plane(() => 0);
const affinity = { affinity: ones([1, 16, 16]), grid: [4, 4] as const };
const identity = tensor(
  Array.from({ length: 256 }, (_, i) => (i % 17 === 0 ? 1 : 0)),
  [1, 16, 16],
);
const options: PseudoMaskOptions = {
  ...PSEUDO_MASK_DEFAULTS,
  resolution: 1,
  logitsScale: 4,
  refinement: { ...REFINEMENT_DEFAULTS, dilations: [1, 2] },
};

test('where HIGH has a class it stands, background needs both, the rest is ignored', () => {
  const map = (labels: number[]): Tensor => tensor(labels, [1, 1, labels.length]);
  expect(numbers(mergeHighLow(map([1, 2, 0, 0]), map([0, 1, 0, 3])))).toEqual([1, 2, 0, 255]);
});

test('agreement keeps equal labels and ignores the rest', () => {
  const map = (labels: number[]): Tensor => tensor(labels, [1, 1, labels.length]);
  expect(numbers(agreementMask(map([1, 2, 0, 255]), map([1, 0, 0, 1])))).toEqual([1, 255, 0, 255]);
});

test('P2 grows the CAM to the edge of the object', () => {
  const cam = tensor([...nothing, ...square], [1, 2, S, S]);
  const kept = keepPresentClasses(tensor([[0, 1]]));
  const p2 = numbers(refineP2({ cam, kept, image }, options));
  const p1 = numbers(camToLabel(cam, options));
  const found = (labels: number[], at: number): number | undefined => labels[at];
  expect(found(p1, 4 * S + 8)).toBe(0); // on the object, outside the CAM
  expect(found(p2, 8 * S + 8)).toBe(2);
  expect(found(p2, 4 * S + 8)).toBe(2);
  expect(found(p2, 1 * S + 1)).toBe(0);
});

test('P3 over an identity affinity finds the object, over a uniform one it flattens', () => {
  const cam = tensor(square, [1, 1, S, S]);
  const kept = keepPresentClasses(tensor([[1]]));
  const walked = numbers(refineP3({ cam, kept, image }, { ...affinity, affinity: identity }, options));
  expect(walked[8 * S + 8]).toBe(1);
  expect(walked[S + 1]).toBe(0);
  const flat = new Set(numbers(refineP3({ cam, kept, image }, affinity, options)));
  expect([...flat]).toHaveLength(1);
});

test('both masks at once are the same as each alone, in slots as with all classes', () => {
  const cam = tensor([...nothing, ...square, ...plane((i) => (i < 40 ? 0.9 : 0))], [1, 3, S, S]);
  const present = tensor([[0, 1, 1]]);
  const all = { cam, kept: keepPresentClasses(present), image };
  const slots = keepPresentClasses(present, 2);
  const some = { cam: gatherKept(cam, slots), kept: slots, image };
  const together = refineP2AndP3(some, affinity);
  expect(numbers(together.p2)).toEqual(numbers(refineP2(all)));
  expect(numbers(together.p3)).toEqual(numbers(refineP3(all, affinity)));
});

test('an image without classes is background, whatever the CAM says', () => {
  const sources = { cam: tensor(square, [1, 1, S, S]), kept: keepPresentClasses(tensor([[0]])), image };
  expect(new Set(numbers(refineP2(sources)))).toEqual(new Set([0]));
  expect(new Set(numbers(refineP3(sources, affinity)))).toEqual(new Set([0]));
});

test('one background level gives one run without ignored pixels', () => {
  const sources = { cam: tensor(square, [1, 1, S, S]), kept: keepPresentClasses(tensor([[1]])), image };
  const p2 = new Set(numbers(refineP2(sources, { ...options, high: 0.33, low: 0.33 })));
  expect(p2).toEqual(new Set([0, 1]));
});

test('a constant image gives finite labels', () => {
  const sources = {
    cam: tensor(square, [1, 1, S, S]),
    kept: keepPresentClasses(tensor([[1]])),
    image: zeros([1, 3, S, S]),
  };
  numbers(refineP2(sources)).forEach((label) => expect([0, 1, 255]).toContain(label));
});

test('mismatched sources are refused', () => {
  const kept = keepPresentClasses(tensor([[1]]));
  const cam = zeros([1, 1, S, S]);
  expect(() => refineP2({ cam, kept, image: zeros([1, 3, S, 8]) })).toThrow(/image: expected shape/);
  expect(() => refineP2({ cam: zeros([1, 2, S, S]), kept, image })).toThrow(/kept classes: expected shape/);
  expect(() => refineP2({ cam, kept, image }, { ...options, low: 0.9 })).toThrow(/low <= high/);
  expect(() => refineP3({ cam, kept, image }, { affinity: zeros([1, 9, 9]), grid: [4, 4] })).toThrow(/affinity/);
});

test('the masks trace to a static graph', () => {
  const float32 = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
  const traced = trace({
    name: 'pseudo masks',
    inputs: {
      cam: float32(2, 5, S, S),
      image: float32(2, 3, S, S),
      present: float32(2, 5),
      affinity: float32(2, 16, 16),
    },
    state: {},
    run: (inputs) => {
      const kept = keepPresentClasses(inputs['present']!, 2);
      const sources = { cam: gatherKept(inputs['cam']!, kept), kept, image: inputs['image']! };
      return { outputs: refineP2AndP3(sources, { affinity: inputs['affinity']!, grid: [4, 4] }) };
    },
  });
  expect(traced.model.length).toBeGreaterThan(0);
});

test('only background, ignore and present classes ever appear', () => {
  const value = fc.double({ min: 0, max: 1, noNaN: true });
  const sides = fc.array(value, { minLength: 3 * 36, maxLength: 3 * 36 });
  fc.assert(
    fc.property(sides, fc.subarray([1, 2, 3]), fc.integer({ min: 1, max: 3 }), (values, classes, slots) => {
      const present = tensor([[1, 2, 3].map((id) => Number(classes.includes(id)))]);
      const kept = keepPresentClasses(present, slots);
      const cam = gatherKept(tensor(values, [1, 3, 6, 6]), kept);
      const labels = numbers(refineP2({ cam, kept, image: tensor(values, [1, 3, 6, 6]) }, options));
      labels.forEach((label) => expect([0, 255, ...classes.slice(0, slots)]).toContain(label));
    }),
    { numRuns: 15 },
  );
});
