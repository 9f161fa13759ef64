import { describe, expect, it } from 'vitest';
import { mul, resizeBilinear, sum, transpose, zeros, type Tensor } from '../../../src-core/tensor/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { decodeLargeFieldOfView, initialiseLargeFieldOfView } from '../../../src-core/unia/decoder-largefov.ts';
import { decodePyramid, initialisePyramidDecoder } from '../../../src-core/unia/decoder-pyramid.ts';
import type { EncoderConfig } from '../../../src-core/unia/encoder.ts';
import { resizeFeatures } from '../../../src-core/unia/grid.ts';
import { distance, expectGradient, normals, perturbed, valuesOf, withOpenRectifiers } from './finite-difference.ts';

const tokens = normals([2, 6, 4], 1);
const grid = [2, 3] as const;

describe('LargeFOV decoder', () => {
  const parameters = perturbed(initialiseLargeFieldOfView(2, 4, createRandom(1), 5), 60);

  it('gives a logit for every class and the background at the grid', () => {
    expect(decodeLargeFieldOfView(parameters, tokens, grid).shape).toEqual([2, 3, 2, 3]);
  });

  it('answers zero tokens with zero, for it has no biases', () => {
    expect(Math.max(...valuesOf(decodeLargeFieldOfView(parameters, zeros([1, 6, 4]), grid)))).toBe(0);
  });

  it('has the gradient that finite differences measure', () => {
    const probe = normals([2, 3, 2, 3], 2);
    expectGradient(
      (z, weight) => sum(mul(decodeLargeFieldOfView({ ...parameters, 'conv1.weight': weight }, z, grid), probe)),
      [tokens, parameters['conv1.weight']!],
      1e-3,
      0.05,
    );
  });

  it('refuses weights of another width', () => {
    expect(() => decodeLargeFieldOfView(parameters, normals([2, 6, 5], 1), grid)).toThrow(
      /conv1.weight: expected shape/,
    );
  });
});

describe('pyramid decoder', () => {
  const hybrid: EncoderConfig = {
    kind: 'hybrid',
    stem: [3, 5, 7],
    residualBlocks: 1,
    norm: 'layer',
    width: 4,
    depth: 1,
    heads: 2,
  };
  const config = { widths: [6, 5, 4], norm: 'layer' } as const;
  const pyramid = [normals([2, 8, 12, 3], 3), normals([2, 4, 6, 5], 4), normals([2, 2, 3, 7], 5)];
  const parameters = perturbed(initialisePyramidDecoder(2, hybrid, createRandom(1), config), 70);
  const decode = (z: Tensor, first: Tensor, weights = parameters): Tensor =>
    decodePyramid(weights, { tokens: z, grid, pyramid: [first, ...pyramid.slice(1)] }, hybrid, config);

  it('gives logits at half the resolution', () => {
    expect(decode(tokens, pyramid[0]!).shape).toEqual([2, 3, 8, 12]);
  });

  it('climbs from patches of sixteen without a pyramid', () => {
    const vit: EncoderConfig = { kind: 'vit', patch: 16, width: 4, depth: 1, heads: 2, tableSide: 2 };
    const weights = perturbed(initialisePyramidDecoder(2, vit, createRandom(1), config), 70);
    expect(decodePyramid(weights, { tokens, grid }, vit, config).shape).toEqual([2, 3, 16, 24]);
  });

  it('has the gradient that finite differences measure', () => {
    const probe = normals([2, 3, 8, 12], 6);
    const open = withOpenRectifiers(parameters);
    expectGradient((z, first) => sum(mul(decode(z, first, open), probe)), [tokens, pyramid[0]!], 1e-3, 0.03);
  });

  it('resizes features as it resizes maps', () => {
    const maps = normals([2, 3, 4, 5], 7);
    const resized = resizeFeatures(transpose(maps, [0, 2, 3, 1]), [7, 10]);
    expect(distance(transpose(resized, [0, 3, 1, 2]), resizeBilinear(maps, [7, 10]))).toBeLessThan(1e-6);
  });

  it('refuses a patch that is no power of two', () => {
    const odd: EncoderConfig = { kind: 'vit', patch: 12, width: 4, depth: 1, heads: 2, tableSide: 2 };
    expect(() => initialisePyramidDecoder(2, odd, createRandom(1), config)).toThrow(/power of two, got 12/);
  });
});
