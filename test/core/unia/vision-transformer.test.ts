import { describe, expect, it } from 'vitest';
import {
  add,
  mul,
  ones,
  reshape,
  sizeOf,
  slice,
  sum,
  tensor,
  zeros,
  type Tensor,
} from '../../../src-core/tensor/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { encode, ENCODERS, initialiseEncoder, type EncoderConfig } from '../../../src-core/unia/encoder.ts';
import { cutIntoPatches } from '../../../src-core/unia/vision-transformer.ts';
import { distance, expectGradient, normals, perturbed, valuesOf } from './finite-difference.ts';

const config: EncoderConfig = { kind: 'vit', patch: 4, width: 12, depth: 3, heads: 3, tableSide: 2 };
const parameters = perturbed(initialiseEncoder(config, createRandom(1)), 10);
const images = normals([2, 3, 8, 12], 2);

describe('vision transformer', () => {
  it('cuts patches in the order of a convolution weight', () => {
    const image = reshape(tensor(Array.from({ length: 32 }, (_, i) => i)), [1, 2, 4, 4]);
    const { grid, patches } = cutIntoPatches(image, 2);
    expect(grid).toEqual([2, 2]);
    expect(valuesOf(slice(patches, [0, 1, 0], [1, 1, 8]))).toEqual([2, 3, 6, 7, 18, 19, 22, 23]);
  });

  it('gives tokens and maps for a grid that is neither square nor that of the table', () => {
    const output = encode(parameters, images, config, { attention: true });
    expect(output.grid).toEqual([2, 3]);
    expect(output.tokens.shape).toEqual([2, 6, 12]);
    expect(output.auxiliary.shape).toEqual([2, 6, 12]);
    expect(output.attentionLogits!.shape).toEqual([2, 6, 6, 6]);
    expect(output.attention!.shape).toEqual([2, 6, 6, 6]);
  });

  it('gives the same tokens whether or not the maps are asked for', () => {
    const plain = encode(parameters, images, config);
    expect(plain.attention).toBeUndefined();
    expect(distance(plain.tokens, encode(parameters, images, config, { attention: true }).tokens)).toBeLessThan(1e-5);
  });

  it('keeps probabilities over all keys, so that patches alone sum to less than one', () => {
    const { attention } = encode(parameters, images, config, { attention: true });
    const rows = valuesOf(sum(attention!, 3));
    expect(Math.max(...rows)).toBeLessThan(1);
    expect(Math.min(...rows)).toBeGreaterThan(0);
  });

  it('has the gradient that finite differences measure, maps included', () => {
    const names = [
      'blocks.0.attn.qkv.weight',
      'blocks.2.mlp.fc1.weight',
      'pos_embed',
      'patch_embed.proj.weight',
      'cls_token',
    ];
    const probe = normals([2, 6, 12], 5);
    const maps = normals([2, 6, 6, 6], 6);
    const objective = (...values: Tensor[]): Tensor => {
      const replaced = { ...parameters, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
      const output = encode(replaced, images, config, { attention: true });
      const fromMaps = add(sum(mul(output.attentionLogits!, maps)), sum(mul(output.attention!, maps)));
      return add(sum(mul(output.tokens, probe)), add(sum(mul(output.auxiliary, probe)), fromMaps));
    };
    expectGradient(
      objective,
      names.map((name) => parameters[name]!),
      2e-3,
    );
  });

  it('runs with a single block', () => {
    const shallow: EncoderConfig = { ...config, depth: 1 };
    const output = encode(parameters, images, shallow, { attention: true });
    expect(output.attentionLogits!.shape).toEqual([2, 3, 6, 6]);
    expect(output.auxiliary.shape).toEqual([2, 6, 12]);
  });

  it('answers hidden patches with the mask token, whatever they held', () => {
    const withToken = { ...parameters, mask_token: normals([1, 1, 12], 7) };
    const mask = ones([2, 6]);
    const one = encode(withToken, images, config, { mask });
    const other = encode(withToken, mul(images, 3), config, { mask });
    expect(distance(one.tokens, other.tokens)).toBe(0);
  });

  it('gives finite tokens for a constant image', () => {
    expect(valuesOf(encode(parameters, zeros([1, 3, 8, 8]), config).tokens).every(Number.isFinite)).toBe(true);
  });

  it('refuses a side that is no multiple of the patch, and a missing weight by its name', () => {
    expect(() => encode(parameters, zeros([1, 3, 10, 8]), config)).toThrow(/multiples of 4, got \(1,3,10,8\)/);
    const { 'norm.bias': _, ...incomplete } = parameters;
    expect(() => encode(incomplete, images, config)).toThrow('Missing weight "norm.bias"');
  });

  it('has the size of the published model', () => {
    const values = Object.values(initialiseEncoder(ENCODERS['vit-tiny'], createRandom(1)));
    expect(values.reduce((total, { shape }) => total + sizeOf(shape), 0)).toBe(5_524_416);
  });
});
