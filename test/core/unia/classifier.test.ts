import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UNKNOWN } from '../../../src-core/review/tag.ts';
import { mul, sum, tensor, zeros } from '../../../src-core/tensor/index.ts';
import { cam, imageLogits, multiLabelSoftMargin } from '../../../src-core/unia/classifier.ts';
import { expectGradient, normals, scalarOf, valuesOf } from './finite-difference.ts';

const tokens = tensor([1, -2, 3, 0, -1, 5], [1, 3, 2]); // three tokens of two channels
const weight = tensor([1, 0, 0, -1], [2, 2]);

it('classifies the maximum of every channel', () => {
  expect(valuesOf(imageLogits(tokens, weight, 'gmp'))).toEqual([3, -5]);
});

it('pools the class maps by log-sum-exp', () => {
  const expected = Math.log(Math.exp(4) + Math.exp(12) + Math.exp(-4)) / 4;
  expect(valuesOf(imageLogits(tokens, weight, 'lse'))[0]).toBeCloseTo(expected, 5);
});

it('activates a class where its channel is positive', () => {
  expect(valuesOf(cam(tokens, weight, [1, 3]))).toEqual([1, 3, 0, 2, 0, 0]);
});

it('costs ln 2 where nothing is known, and nothing where all is right', () => {
  expect(scalarOf(multiLabelSoftMargin(zeros([2, 3]), zeros([2, 3])))).toBeCloseTo(Math.LN2, 6);
  const certain = multiLabelSoftMargin(tensor([50, -50], [1, 2]), tensor([1, 0], [1, 2]));
  expect(scalarOf(certain)).toBeLessThan(1e-6);
});

it('is the same for a class and its negation with the label turned', () => {
  fc.assert(
    fc.property(fc.float({ min: -20, max: 20, noNaN: true }), (logit) => {
      const present = scalarOf(multiLabelSoftMargin(tensor([[logit]]), tensor([[1]])));
      const absent = scalarOf(multiLabelSoftMargin(tensor([[-logit]]), tensor([[0]])));
      expect(present).toBeCloseTo(absent, 5);
    }),
  );
});

it('leaves out the classes of which nothing is said', () => {
  const logits = tensor([1, 7, -2, 3, 4, 5], [2, 3]);
  const partly = multiLabelSoftMargin(logits, tensor([1, UNKNOWN, 0, UNKNOWN, UNKNOWN, 1], [2, 3]));
  const said = multiLabelSoftMargin(tensor([1, -2, 5], [1, 3]), tensor([1, 0, 1], [1, 3]));
  expect(scalarOf(partly)).toBeCloseTo(scalarOf(said), 6);
  expect(scalarOf(multiLabelSoftMargin(zeros([1, 2]), tensor([UNKNOWN, UNKNOWN], [1, 2])))).toBe(0);
});

it('has the gradients that finite differences measure', () => {
  const labels = tensor([1, 0, 1, 0], [2, 2]);
  expectGradient((logits) => multiLabelSoftMargin(logits, labels), [normals([2, 2], 1)]);
  const probe = normals([2, 2], 2);
  for (const pooling of ['gmp', 'lse'] as const) {
    expectGradient((z, w) => sum(mul(imageLogits(z, w, pooling), probe)), [normals([2, 5, 3], 3), normals([2, 3], 4)]);
  }
});

it('refuses a classifier of another width and labels of other classes', () => {
  expect(() => imageLogits(tokens, zeros([2, 3]), 'gmp')).toThrow(/classifier: expected shape \(M, C\) with C=2/);
  expect(() => multiLabelSoftMargin(zeros([2, 3]), zeros([2, 4]))).toThrow(/image labels/);
});
