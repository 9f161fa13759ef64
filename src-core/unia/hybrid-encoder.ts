// Encoder `hybrid`: a residual convolutional stem and a few transformer blocks, for training without pretrained weights.
// Differs from the paper: its encoder is a ViT; this one learns far faster from scratch and has the same outputs.
import { add, bindShape, mul, relu, reshape, sub, transpose, type Tensor } from '../tensor/index.ts';
import {
  convolutionValues,
  convolve,
  convolveAndNormalise,
  normalisedConvolutionValues,
  residualBlock,
  residualBlockValues,
  type FeatureNorm,
} from './convolution-block.ts';
import { depthwiseConvolution } from './depthwise-convolution.ts';
import { patchAttention, type EncoderOptions, type EncoderOutput } from './encoder-output.ts';
import type { Grid } from './grid.ts';
import { constant, merged, named, normValues, truncatedNormal, type InitialValues } from './initialisation.ts';
import { parameter, under, type Parameters, type Random } from './parameters.ts';
import { initialiseTransformerBlock, norm, transformerBlock, type BlockOutput } from './transformer-block.ts';

/** Sizes of a hybrid encoder. */
export interface HybridConfig {
  readonly kind: 'hybrid';
  /** Channels of the stem's stages; each halves the resolution, so the stride of a token is 2^stages. */
  readonly stem: readonly number[];
  /** Residual blocks in each stage. */
  readonly residualBlocks: number;
  readonly norm: FeatureNorm;
  /** Channels C of the tokens. */
  readonly width: number;
  /** Transformer blocks. */
  readonly depth: number;
  readonly heads: number;
}

/** Tokens, attention maps and pyramid of the images. @param images - `(N, 3, S, S)`, sides multiples of the stride */
export function encodeWithHybrid(
  parameters: Parameters,
  images: Tensor,
  config: HybridConfig,
  options: EncoderOptions = {},
): EncoderOutput {
  const grid = hybridGrid(images, config);
  const seen = options.mask ? hidePatches(images, options.mask, grid) : images;
  const pyramid = stem(parameters, seen, config);
  let tokens = positioned(parameters, pyramid.at(-1)!);
  const embedded = tokens;
  const outputs: BlockOutput[] = [];
  for (let i = 0; i < config.depth; i++) {
    const withMaps = options.attention === true && i >= config.depth - 2;
    const output = transformerBlock(under(parameters, `blocks.${i}.`), tokens, config.heads, withMaps);
    outputs.push(output);
    tokens = output.tokens;
  }
  return {
    grid,
    tokens: norm(parameters, 'norm', tokens),
    auxiliary: outputs[Math.max(0, config.depth - 3)]?.tokens ?? embedded,
    pyramid,
    ...patchAttention(outputs, grid[0] * grid[1]),
  };
}

function hybridGrid(images: Tensor, config: HybridConfig): Grid {
  const { S, T } = bindShape('images', images.shape, 'N 3 S T');
  const stride = 2 ** config.stem.length;
  if (S % stride !== 0 || T % stride !== 0) {
    throw new RangeError(`images: expected sides in multiples of ${stride}, got ${S}x${T}`);
  }
  return [S / stride, T / stride];
}

/** Pixels of hidden patches set to 0, the mean of a normalised image. */
function hidePatches(images: Tensor, mask: Tensor, [H, W]: Grid): Tensor {
  const { N, I, S, T } = bindShape('images', images.shape, 'N I S T');
  bindShape('mask', mask.shape, 'N L', { N, L: H * W });
  const patches = reshape(images, [N, I, H, S / H, W, T / W]);
  return reshape(mul(patches, sub(1, reshape(mask, [N, 1, H, 1, W, 1]))), images.shape);
}

/** Features of every stage, `(N, S/2, S/2, 24)` first. */
function stem(parameters: Parameters, images: Tensor, config: HybridConfig): Tensor[] {
  const stages: Tensor[] = [];
  let features = transpose(images, [0, 2, 3, 1]);
  config.stem.forEach((_, i) => {
    const halved = spaceToDepth(features);
    features = relu(convolveAndNormalise(parameters, `stem.${i}.down`, halved, config.norm));
    for (let b = 0; b < config.residualBlocks; b++) {
      features = residualBlock(parameters, `stem.${i}.blocks.${b}`, features, config.norm);
    }
    stages.push(features);
  });
  return stages;
}

/** `(N, H, W, C)` to `(N, H/2, W/2, 4·C)`: each 2 x 2 square becomes one pixel. */
function spaceToDepth(x: Tensor): Tensor {
  const { N, H, W, C } = bindShape('features', x.shape, 'N H W C');
  const squares = transpose(reshape(x, [N, H / 2, 2, W / 2, 2, C]), [0, 1, 3, 2, 4, 5]);
  return reshape(squares, [N, H / 2, W / 2, 4 * C]);
}

/** Tokens of the last stage, with a depth-wise convolution as position encoding; `(N, L, C)`. */
function positioned(parameters: Parameters, features: Tensor): Tensor {
  const projected = convolve(parameters, 'proj', features);
  const { N, H, W, C } = bindShape('features', projected.shape, 'N H W C');
  const kernel = reshape(transpose(parameter(parameters, 'position.weight'), [2, 3, 0, 1]), [3, 3, C]);
  const position = add(depthwiseConvolution(projected, kernel), parameter(parameters, 'position.bias'));
  return reshape(add(projected, position), [N, H * W, C]);
}

/** Initial weights. */
export function initialiseHybrid(config: HybridConfig, random: Random): InitialValues {
  const stages = config.stem.map((channels, i) => {
    const inputs = 4 * (config.stem[i - 1] ?? 3);
    const blocks = Array.from({ length: config.residualBlocks }, (_, b) =>
      residualBlockValues(`stem.${i}.blocks.${b}`, channels, random),
    );
    return merged([normalisedConvolutionValues(`stem.${i}.down`, [channels, inputs, 3], random), ...blocks]);
  });
  const blocks = Array.from({ length: config.depth }, (_, i) =>
    named(`blocks.${i}.`, initialiseTransformerBlock(config.width, random)),
  );
  return {
    ...merged(stages),
    ...convolutionValues('proj', [config.width, config.stem.at(-1)!, 1], random),
    'position.weight': truncatedNormal([config.width, 1, 3, 3], random),
    'position.bias': constant([config.width], 0),
    ...merged(blocks),
    ...normValues('norm', config.width),
  };
}
