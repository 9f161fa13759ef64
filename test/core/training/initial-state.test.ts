import { describe, expect, it } from 'vitest';
import { tensor } from '../../../src-core/tensor/index.ts';
import type { HostTensors } from '../../../src-core/compile/index.ts';
import { withSettings } from '../../../src-core/training/config.ts';
import { initialWeights } from '../../../src-core/training/initial-state.ts';
import { presetOf } from '../../../src-core/training/presets.ts';
import type { StoredTensor } from '../../../src-core/training/safetensors.ts';
import { ENCODERS, initialiseEncoder } from '../../../src-core/unia/encoder.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { runNetwork } from '../../../src-core/unia/network.ts';
import { tinyRecipe } from '../../support/tiny-recipe.ts';

/** Quick to initialise; its names and shapes are checked as a ViT's are. */
const hybrid = tinyRecipe();
/** The smallest encoder with timm's layout. */
const vit = withSettings(presetOf('released'), {
  encoder: 'vit-tiny',
  'uncertainty.projection': 'none',
  'affinity.kind': 'cosine',
});

const random = initialWeights(hybrid, 2);
/** What a file of this encoder holds, all values 0.5. */
const stored: Record<string, StoredTensor> = Object.fromEntries(
  Object.entries(random)
    .filter(([name]) => name.startsWith('encoder.'))
    .map(([name, { shape, data }]) => [
      name.slice('encoder.'.length),
      { shape, data: new Float32Array(data.length).fill(0.5) },
    ]),
);
const load = (tensors: Record<string, StoredTensor>, config = hybrid): HostTensors =>
  initialWeights(config, 2, { file: 'vit.safetensors', tensors });
const without = (name: string): Record<string, StoredTensor> =>
  Object.fromEntries(Object.entries(stored).filter(([other]) => other !== name));

describe('pretrained weights', () => {
  it('take the place of the encoder’s and leave the rest seeded', () => {
    const loaded = load({ ...stored, 'head.weight': { shape: [10, 128], data: new Float32Array(1280) } });
    expect(Object.keys(loaded).sort()).toEqual(Object.keys(random).sort());
    expect(loaded['encoder.blocks.0.mlp.fc2.weight']!.data.every((value) => value === 0.5)).toBe(true);
    expect(loaded['classifier.weight']).toEqual(random['classifier.weight']);
  });

  it('are copied to an encoder that the decoder has of its own', () => {
    const own = { ...hybrid, segmentation: { ...hybrid.segmentation, encoder: 'own' as const } };
    expect(load(stored, own)['segmenter.norm.weight']!.data.every((value) => value === 0.5)).toBe(true);
  });

  it.for<[string, () => unknown, string]>([
    [
      'a missing tensor',
      () => load(without('norm.bias')),
      'vit.safetensors: tensor "norm.bias" is missing; the encoder hybrid-tiny expects (128)',
    ],
    [
      'a wrong name',
      () => load({ ...without('norm.bias'), 'norm.offset': stored['norm.bias']! }),
      'vit.safetensors: tensor "norm.offset" does not belong to the encoder hybrid-tiny',
    ],
    [
      'an extra tensor',
      () => load({ ...stored, 'fc_norm.weight': stored['norm.weight']! }),
      'tensor "fc_norm.weight" does not belong to the encoder hybrid-tiny',
    ],
    [
      'another width',
      () => load({ ...stored, 'norm.weight': { shape: [192], data: new Float32Array(192) } }),
      'tensor "norm.weight" has shape (192), the encoder hybrid-tiny expects (128)',
    ],
    [
      'a transposed matrix',
      () => load({ ...stored, 'blocks.0.attn.qkv.weight': { shape: [128, 384], data: new Float32Array(128 * 384) } }),
      'tensor "blocks.0.attn.qkv.weight" has shape (128, 384), the encoder hybrid-tiny expects (384, 128)',
    ],
    ['another architecture', () => load(stored, vit), 'does not belong to the encoder vit-tiny'],
  ])('are refused with %s, naming tensor and shapes', ([, loading, message]) => {
    expect(loading).toThrow(message);
  });

  it('may have a position table of another grid, which is resized when it is read', () => {
    const timm = Object.fromEntries(Object.entries(initialiseEncoder(ENCODERS['vit-tiny'], createRandom(1))));
    const table = (rows: number) => ({ shape: [1, rows, 192], data: new Float32Array(rows * 192).fill(0.25) });
    const loaded = load({ ...timm, pos_embed: table(10) }, vit);
    expect(loaded['encoder.pos_embed']).toMatchObject({ shape: [1, 10, 192] });
    const parameters = Object.fromEntries(
      Object.entries(loaded).map(([name, { shape, data }]) => [name, tensor(data, [...shape])]),
    );
    const { encoded } = runNetwork(parameters, tensor(new Float32Array(3 * 32 * 32), [1, 3, 32, 32]), vit);
    expect(encoded.grid).toEqual([2, 2]);
    expect(encoded.tokens.dataSync().every(Number.isFinite)).toBe(true);

    expect(() => load({ ...timm, pos_embed: table(8) }, vit)).toThrow(
      'tensor "pos_embed" has shape (1, 8, 192), the encoder vit-tiny expects (1, 197, 192)',
    );
  });
});

describe('a new run', () => {
  it('starts from the same weights for the same seed, and from others for another', () => {
    const config = tinyRecipe();
    expect(initialWeights(config, 2)).toEqual(initialWeights(config, 2));
    const other = initialWeights({ ...config, seed: 1 }, 2);
    expect(other['classifier.weight']).not.toEqual(initialWeights(config, 2)['classifier.weight']);
  });

  it('has the warm-up’s own weights only where there is a warm-up, beside those of the network', () => {
    const names = (iterations: string) =>
      Object.keys(initialWeights(withSettings(hybrid, { 'warmUp.iterations': iterations }), 2));
    const network = new Set(names('0'));
    const extra = names('5').filter((name) => !network.has(name));
    expect(extra.sort()).toEqual(['warm-up.decoder.bias', 'warm-up.decoder.weight']);
  });
});
