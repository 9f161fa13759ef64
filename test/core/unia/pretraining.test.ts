import { expect, it } from 'vitest';
import { add, mul, ones, tensor, zeros, type Tensor } from '../../../src-core/tensor/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import type { EncoderConfig } from '../../../src-core/unia/encoder.ts';
import { initialisePretraining, maskedAutoencodingLoss } from '../../../src-core/unia/pretraining.ts';
import { expectGradient, normals, perturbed, scalarOf } from './finite-difference.ts';

const configs: EncoderConfig[] = [
  { kind: 'vit', patch: 4, width: 8, depth: 2, heads: 2, tableSide: 2 },
  { kind: 'hybrid', stem: [4, 6], residualBlocks: 1, norm: 'layer', width: 8, depth: 1, heads: 2 },
];
const images = normals([2, 3, 8, 8], 1);
const mask = tensor([1, 0, 1, 1, 0, 1, 1, 1], [2, 4]);

it.each(configs)('does not let $kind see what is hidden', (config) => {
  const parameters = perturbed(initialisePretraining(config, createRandom(1)), 80);
  const hideAll = ones([2, 4]);
  const loss = scalarOf(maskedAutoencodingLoss(parameters, images, hideAll, config));
  // Targets are standardised, so brightness and contrast of what is hidden change nothing at all.
  const brighter = add(mul(images, 2), 1);
  expect(scalarOf(maskedAutoencodingLoss(parameters, brighter, hideAll, config))).toBeCloseTo(loss, 4);
});

it.each(configs)('costs $kind about one for an answer of zero, and nothing without hidden patches', (config) => {
  const parameters = {
    ...perturbed(initialisePretraining(config, createRandom(1)), 80),
    'decoder.weight': zeros([48, 8]),
    'decoder.bias': zeros([48]),
  };
  expect(scalarOf(maskedAutoencodingLoss(parameters, images, mask, config))).toBeCloseTo(1, 3);
  expect(scalarOf(maskedAutoencodingLoss(parameters, images, zeros([2, 4]), config))).toBe(0);
});

it.each(configs)('has the gradient that finite differences measure for $kind', (config) => {
  const parameters = perturbed(initialisePretraining(config, createRandom(1)), 80);
  const names = [
    'decoder.weight',
    'encoder.blocks.0.attn.qkv.weight',
    ...(config.kind === 'vit' ? ['encoder.mask_token'] : []),
  ];
  expectGradient(
    (...values: Tensor[]) => {
      const replaced = { ...parameters, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
      return maskedAutoencodingLoss(replaced, images, mask, config);
    },
    names.map((name) => parameters[name]!),
    1e-2,
    0.04,
  );
});

it('refuses a mask of another grid', () => {
  const parameters = perturbed(initialisePretraining(configs[0]!, createRandom(1)), 80);
  expect(() => maskedAutoencodingLoss(parameters, images, ones([2, 5]), configs[0]!)).toThrow(/mask/);
});
