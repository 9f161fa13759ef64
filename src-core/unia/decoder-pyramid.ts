// Pyramid decoder: from tokens up to half the image's resolution, joined by the stem's features where there is a stem.
// Differs from the paper: its decoder is LargeFOV at the token grid; this one keeps small anatomy sharp.
import { bindShape, concat, relu, reshape, transpose, type Tensor } from '../tensor/index.ts';
import { convolve, convolveAndNormalise, normalisedConvolutionValues, type FeatureNorm } from './convolution-block.ts';
import type { EncoderConfig } from './encoder.ts';
import { encoderStride } from './encoder.ts';
import type { EncoderOutput } from './encoder-output.ts';
import { resizeFeatures } from './grid.ts';
import { constant, merged, truncatedNormal, type InitialValues } from './initialisation.ts';
import type { Parameters, Random } from './parameters.ts';

export interface PyramidDecoderConfig {
  /** Channels of the finest stages; the last is at half the image's resolution. */
  readonly widths: readonly number[];
  readonly norm: FeatureNorm;
}

export const PYRAMID_DECODER_DEFAULTS: PyramidDecoderConfig = { widths: [64, 48, 32], norm: 'layer' };

/**
 * Segmentation logits at half the image's resolution.
 *
 * @param features - tokens and, from a hybrid encoder, the pyramid
 * @returns `(N, M+1, S/2, S/2)`
 */
export function decodePyramid(
  parameters: Parameters,
  features: Pick<EncoderOutput, 'tokens' | 'grid' | 'pyramid'>,
  encoder: EncoderConfig,
  config: PyramidDecoderConfig = PYRAMID_DECODER_DEFAULTS,
): Tensor {
  const [H, W] = features.grid;
  const { N, C } = bindShape('tokens', features.tokens.shape, 'N L C', { L: H * W });
  let x = reshape(features.tokens, [N, H, W, C]);
  pyramidStages(encoder, config).forEach((_, i) => {
    if (i > 0) x = joined(resizeFeatures(x, [H * 2 ** i, W * 2 ** i]), features.pyramid?.at(-1 - i));
    x = relu(convolveAndNormalise(parameters, `stages.${i}`, x, config.norm));
  });
  return transpose(convolve(parameters, 'output', x), [0, 3, 1, 2]);
}

function joined(x: Tensor, skip: Tensor | undefined): Tensor {
  return skip ? concat([x, skip], 3) : x;
}

/** Channels of each stage from the token grid to half resolution; strides coarser than the widths repeat the first. */
function pyramidStages(encoder: EncoderConfig, { widths }: PyramidDecoderConfig): number[] {
  const count = Math.log2(encoderStride(encoder));
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`pyramid decoder: expected a stride that is a power of two, got ${encoderStride(encoder)}`);
  }
  return Array.from({ length: count }, (_, i) => widths[Math.max(0, widths.length - count + i)]!);
}

/** Initial weights for M classes and background. */
export function initialisePyramidDecoder(
  classes: number,
  encoder: EncoderConfig,
  random: Random,
  config: PyramidDecoderConfig = PYRAMID_DECODER_DEFAULTS,
): InitialValues {
  const stages = pyramidStages(encoder, config);
  const skips = encoder.kind === 'hybrid' ? encoder.stem : [];
  const values = stages.map((outputs, i) => {
    const inputs = i === 0 ? encoder.width : stages[i - 1]! + (skips.at(-1 - i) ?? 0);
    return normalisedConvolutionValues(`stages.${i}`, [outputs, inputs, 3], random);
  });
  return {
    ...merged(values),
    'output.weight': truncatedNormal([classes + 1, stages.at(-1)!, 1, 1], random),
    'output.bias': constant([classes + 1], 0),
  };
}
