import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fill, tensor, zeros } from '../../../src-core/tensor/index.ts';
import { segmentationLoss } from '../../../src-core/unia/segmentation-loss.ts';
import { expectGradient, normals, scalarOf } from './finite-difference.ts';

const labels = tensor([0, 1, 2, 255], [1, 2, 2], 'int32');

it('is the logarithm of the classes where nothing is known', () => {
  expect(scalarOf(segmentationLoss(zeros([1, 3, 2, 2]), labels))).toBeCloseTo(Math.log(3), 6);
});

it('gives background and foreground half the weight each', () => {
  const pixels = tensor([0, 1, 1, 1], [1, 2, 2], 'int32');
  const logits = tensor([Math.log(3), 0, 0, 0, 0, 0, 0, 0], [1, 2, 2, 2]);
  const expected = 0.5 * Math.log(4 / 3) + 0.5 * Math.LN2;
  expect(scalarOf(segmentationLoss(logits, pixels))).toBeCloseTo(expected, 6);
});

it('is zero where everything is ignored and half where one half is empty', () => {
  const ignored = fill([1, 2, 2], 255, 'int32');
  expect(scalarOf(segmentationLoss(normals([1, 3, 2, 2], 1), ignored))).toBe(0);
  expect(scalarOf(segmentationLoss(zeros([1, 3, 2, 2]), zeros([1, 2, 2], 'int32')))).toBeCloseTo(Math.log(3) / 2, 6);
});

it('does not see what ignored pixels predict', () => {
  fc.assert(
    fc.property(fc.float({ min: -50, max: 50, noNaN: true }), (value) => {
      const logits = tensor([0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0, -value], [1, 3, 2, 2]);
      for (const kind of ['halves', 'dice'] as const) {
        const unseen = scalarOf(segmentationLoss(zeros([1, 3, 2, 2]), labels, kind));
        expect(scalarOf(segmentationLoss(logits, labels, kind))).toBeCloseTo(unseen, 5);
      }
    }),
  );
});

it('approaches zero for a certain and right prediction, with Dice too', () => {
  const logits = tensor([40, 0, 0, 0, 0, 40, 0, 0, 0, 0, 40, 0], [1, 3, 2, 2]);
  for (const kind of ['halves', 'dice'] as const)
    expect(scalarOf(segmentationLoss(logits, labels, kind))).toBeCloseTo(0, 5);
});

it('has the gradient that finite differences measure, through the resize', () => {
  for (const kind of ['halves', 'dice'] as const) {
    const large = tensor([0, 1, 2, 255, 0, 0, 1, 1, 2, 2, 2, 0, 255, 255, 1, 0], [1, 4, 4], 'int32');
    expectGradient((logits) => segmentationLoss(logits, large, kind), [normals([1, 3, 2, 2], 2)]);
  }
});

it('refuses labels of another batch', () => {
  expect(() => segmentationLoss(zeros([2, 3, 2, 2]), labels)).toThrow(/labels: expected shape/);
});
