import { expect, it } from 'vitest';
import { grads, matMul, mul, softmax, sum, tensor, type Tensor } from '../../../src-core/tensor/index.ts';
import { attend, mergeHeads, splitHeads } from '../../../src-core/unia/attention.ts';
import { distance, expectGradient, normals, valuesOf } from './finite-difference.ts';

const plain = (q: Tensor, k: Tensor, v: Tensor): Tensor => matMul(softmax(matMul(q, k, false, true)), v);
const example = (): [Tensor, Tensor, Tensor] => [
  normals([2, 3, 5, 4], 1),
  normals([2, 3, 6, 4], 2),
  normals([2, 3, 6, 4], 3),
];

it('averages the values by the softmax of the products', () => {
  const q = tensor([Math.log(3)], [1, 1, 1, 1]);
  const k = tensor([1, 0], [1, 1, 2, 1]);
  const v = tensor([8, 4], [1, 1, 2, 1]);
  expect(valuesOf(attend(q, k, v))[0]).toBeCloseTo(7, 5); // weights 3/4 and 1/4
});

it('gives the plain composition and its gradients', () => {
  const inputs = example();
  const probe = normals([2, 3, 5, 4], 4);
  const objective =
    (f: typeof plain) =>
    (...[q, k, v]: Tensor[]): Tensor =>
      sum(mul(f(q!, k!, v!), probe));
  expect(distance(attend(...inputs), plain(...inputs))).toBeLessThan(1e-6);
  const derived = grads(objective(attend))(inputs);
  grads(objective(plain))(inputs).forEach((slope, i) => expect(distance(slope, derived[i]!)).toBeLessThan(1e-5));
});

it('has the gradient that finite differences measure', () => {
  const probe = normals([2, 3, 5, 4], 4);
  expectGradient((q, k, v) => sum(mul(attend(q, k, v), probe)), example());
});

it('gives the mean of the values where all keys are the same', () => {
  const [q, , v] = example();
  const output = attend(q, mul(v, 0), v);
  const mean = plain(mul(q, 0), v, v);
  expect(distance(output, mean)).toBeLessThan(1e-6);
});

it('puts heads back where they came from', () => {
  const x = normals([2, 5, 12], 5);
  expect(distance(mergeHeads(splitHeads(x, 3)), x)).toBe(0);
});

it('refuses heads that do not divide the channels, and keys of another width', () => {
  expect(() => splitHeads(normals([1, 2, 10], 1), 3)).toThrow(/heads: expected a divisor of 10 channels, got 3/);
  const [q, , v] = example();
  expect(() => attend(q, normals([2, 3, 6, 5], 1), v)).toThrow(/keys: expected shape/);
});
