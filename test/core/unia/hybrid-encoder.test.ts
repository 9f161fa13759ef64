import { expect, it } from 'vitest';
import { add, mul, ones, sizeOf, sum, tensor, zeros, type Tensor } from '../../../src-core/tensor/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { depthwiseConvolution } from '../../../src-core/unia/depthwise-convolution.ts';
import { encode, ENCODERS, initialiseEncoder, type EncoderConfig } from '../../../src-core/unia/encoder.ts';
import { distance, expectGradient, normals, perturbed, valuesOf, withOpenRectifiers } from './finite-difference.ts';

const config: EncoderConfig = {
  kind: 'hybrid',
  stem: [4, 6, 8],
  residualBlocks: 1,
  norm: 'layer',
  width: 8,
  depth: 1,
  heads: 2,
};
const parameters = perturbed(initialiseEncoder(config, createRandom(1)), 20);
const images = normals([2, 3, 16, 24], 2);

it('gives tokens at stride 8 and features at strides 2, 4 and 8', () => {
  const output = encode(parameters, images, config, { attention: true });
  expect(output.grid).toEqual([2, 3]);
  expect(output.tokens.shape).toEqual([2, 6, 8]);
  expect(output.attentionLogits!.shape).toEqual([2, 2, 6, 6]);
  expect(output.pyramid!.map(({ shape }) => shape)).toEqual([
    [2, 8, 12, 4],
    [2, 4, 6, 6],
    [2, 2, 3, 8],
  ]);
});

it('has the gradient that finite differences measure', () => {
  const names = ['stem.0.down.weight', 'stem.1.blocks.0.conv2.weight', 'position.weight', 'blocks.0.attn.proj.weight'];
  const open = withOpenRectifiers(parameters);
  const probe = normals([2, 6, 8], 5);
  const objective = (...values: Tensor[]): Tensor => {
    const replaced = { ...open, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
    return sum(mul(encode(replaced, images, config).tokens, probe));
  };
  expectGradient(
    objective,
    names.map((name) => open[name]!),
    1e-3,
    0.03,
  );
});

it('normalises over groups too', () => {
  const output = encode(parameters, images, { ...config, norm: 'group' });
  expect(valuesOf(output.tokens).every(Number.isFinite)).toBe(true);
});

it('gives the same tokens for hidden patches, whatever they held', () => {
  const mask = ones([2, 6]);
  const one = encode(parameters, images, config, { mask });
  expect(distance(one.tokens, encode(parameters, add(images, 2), config, { mask }).tokens)).toBe(0);
});

it('refuses a side that is no multiple of the stride', () => {
  expect(() => encode(parameters, zeros([1, 3, 12, 16]), config)).toThrow(/multiples of 8, got 12x16/);
});

it('has the size of the prototype as hybrid-tiny', () => {
  const values = Object.values(initialiseEncoder(ENCODERS['hybrid-tiny'], createRandom(1)));
  const count = values.reduce((total, { shape }) => total + sizeOf(shape), 0);
  expect(count).toBe(641_416);
});

it('convolves every channel by its own kernel', () => {
  const x = tensor([1, 2, 3, 4], [1, 2, 2, 1]);
  const kernel = tensor([0, 0, 0, 0, 1, 10, 0, 0, 0], [3, 3, 1]); // the pixel and ten times its right neighbour
  expect(valuesOf(depthwiseConvolution(x, kernel))).toEqual([21, 2, 43, 4]);
  const probe = normals([2, 3, 4, 2], 7);
  expectGradient(
    (input, weight) => sum(mul(depthwiseConvolution(input, weight), probe)),
    [normals([2, 3, 4, 2], 8), normals([3, 3, 2], 9)],
  );
  expect(() => depthwiseConvolution(x, ones([2, 3, 1]))).toThrow(/odd sides, got 2x3/);
});
