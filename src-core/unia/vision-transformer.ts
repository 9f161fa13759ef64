// Encoder, method.md section 1: a ViT with the layout and parameter names of timm's vit_*_patch16_224.
import {
  add,
  bindShape,
  broadcastTo,
  concat,
  expandDims,
  linear,
  mul,
  reshape,
  slice,
  sub,
  transpose,
  type Tensor,
} from '../tensor/index.ts';
import { patchAttention, type EncoderOptions, type EncoderOutput } from './encoder-output.ts';
import type { Grid } from './grid.ts';
import { constant, merged, named, normValues, truncatedNormal, type InitialValues } from './initialisation.ts';
import { parameter, under, type Parameters, type Random } from './parameters.ts';
import { resizePositionEmbedding } from './position-embedding.ts';
import { initialiseTransformerBlock, norm, transformerBlock, type BlockOutput } from './transformer-block.ts';

/** Sizes of a vision transformer. */
export interface VisionTransformerConfig {
  readonly kind: 'vit';
  /** Side of a patch, px. */
  readonly patch: number;
  /** Channels C. */
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  /** Side of the square position table, in tokens: 14 in timm's 224 px models. */
  readonly tableSide: number;
}

/** Tokens and attention maps of the images. @param images - `(N, 3, S, S)`, sides multiples of the patch */
export function encodeWithVisionTransformer(
  parameters: Parameters,
  images: Tensor,
  config: VisionTransformerConfig,
  options: EncoderOptions = {},
): EncoderOutput {
  const { grid, patches } = cutIntoPatches(images, config.patch);
  const L = grid[0] * grid[1];
  const outputs: BlockOutput[] = [];
  let tokens = embed(parameters, patches, grid, options.mask);
  for (let i = 0; i < config.depth; i++) {
    const withMaps = options.attention === true && i >= config.depth - 2;
    const output = transformerBlock(under(parameters, `blocks.${i}.`), tokens, config.heads, withMaps);
    outputs.push(output);
    tokens = output.tokens;
  }
  const auxiliary = outputs[Math.max(0, config.depth - 3)]!.tokens;
  return {
    grid,
    tokens: norm(parameters, 'norm', withoutClass(tokens, L)),
    auxiliary: withoutClass(auxiliary, L),
    ...patchAttention(outputs, L),
  };
}

/**
 * The images cut into patches, each a row in channel, row, column order as in a convolution's weight.
 *
 * @param images - `(N, I, S, S)`
 * @returns patches `(N, L, I·patch²)`
 */
export function cutIntoPatches(images: Tensor, patch: number): { readonly grid: Grid; readonly patches: Tensor } {
  const [N, I, height, width] = images.shape as [number, number, number, number];
  if (images.rank !== 4 || height % patch !== 0 || width % patch !== 0) {
    throw new RangeError(`images: expected (N, I, S, S) with sides in multiples of ${patch}, got (${images.shape})`);
  }
  const grid: Grid = [height / patch, width / patch];
  const cut = transpose(reshape(images, [N, I, grid[0], patch, grid[1], patch]), [0, 2, 4, 1, 3, 5]);
  return { grid, patches: reshape(cut, [N, grid[0] * grid[1], I * patch * patch]) };
}

/** `(N, 1 + L, C)`: class token and embedded patches with their positions. */
function embed(parameters: Parameters, patches: Tensor, grid: Grid, mask: Tensor | undefined): Tensor {
  const { N, L, P } = bindShape('patches', patches.shape, 'N L P');
  const kernel = parameter(parameters, 'patch_embed.proj.weight');
  const C = kernel.shape[0];
  let embedded = linear(patches, reshape(kernel, [C, P]), parameter(parameters, 'patch_embed.proj.bias'));
  if (mask) {
    bindShape('mask', mask.shape, 'N L', { N, L });
    const hidden = expandDims(mask, 2);
    embedded = add(mul(embedded, sub(1, hidden)), mul(parameter(parameters, 'mask_token'), hidden));
  }
  const classToken = broadcastTo(parameter(parameters, 'cls_token'), [N, 1, C]);
  return add(concat([classToken, embedded], 1), resizePositionEmbedding(parameter(parameters, 'pos_embed'), grid));
}

function withoutClass(tokens: Tensor, L: number): Tensor {
  return slice(tokens, [0, 1, 0], [tokens.shape[0], L, tokens.shape[2]!]);
}

/** Initial weights with timm's names. The mask token of the pretraining is part of the pretraining's own weights. */
export function initialiseVisionTransformer(config: VisionTransformerConfig, random: Random): InitialValues {
  const { width, patch, depth, tableSide } = config;
  const blocks = Array.from({ length: depth }, (_, i) =>
    named(`blocks.${i}.`, initialiseTransformerBlock(width, random)),
  );
  return {
    cls_token: truncatedNormal([1, 1, width], random),
    pos_embed: truncatedNormal([1, 1 + tableSide ** 2, width], random),
    'patch_embed.proj.weight': truncatedNormal([width, 3, patch, patch], random),
    'patch_embed.proj.bias': constant([width], 0),
    ...merged(blocks),
    ...normValues('norm', width),
  };
}
