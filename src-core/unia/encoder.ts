// The encoders by name, method.md section 1.
import type { Tensor } from '../tensor/index.ts';
import type { EncoderOptions, EncoderOutput } from './encoder-output.ts';
import { encodeWithHybrid, initialiseHybrid, type HybridConfig } from './hybrid-encoder.ts';
import type { InitialValues } from './initialisation.ts';
import type { Parameters, Random } from './parameters.ts';
import {
  encodeWithVisionTransformer,
  initialiseVisionTransformer,
  type VisionTransformerConfig,
} from './vision-transformer.ts';

export type { EncoderOptions, EncoderOutput } from './encoder-output.ts';

export type EncoderConfig = VisionTransformerConfig | HybridConfig;

/** Encoders that a preset can name. Patch 8 keeps small anatomy; weights of patch 16 fit timm's files. */
export const ENCODERS = {
  'vit-tiny': { kind: 'vit', patch: 16, width: 192, depth: 12, heads: 3, tableSide: 14 },
  'vit-small': { kind: 'vit', patch: 16, width: 384, depth: 12, heads: 6, tableSide: 14 },
  'vit-base': { kind: 'vit', patch: 16, width: 768, depth: 12, heads: 12, tableSide: 14 },
  'vit-tiny-8': { kind: 'vit', patch: 8, width: 192, depth: 12, heads: 3, tableSide: 28 },
  'vit-small-8': { kind: 'vit', patch: 8, width: 384, depth: 12, heads: 6, tableSide: 28 },
  'vit-base-8': { kind: 'vit', patch: 8, width: 768, depth: 12, heads: 12, tableSide: 28 },
  'hybrid-tiny': {
    kind: 'hybrid',
    stem: [24, 48, 96],
    residualBlocks: 1,
    norm: 'layer',
    width: 128,
    depth: 1,
    heads: 2,
  },
} as const satisfies Record<string, EncoderConfig>;

export type EncoderName = keyof typeof ENCODERS;

/**
 * Tokens, auxiliary tokens and, where asked for, attention maps of the images.
 *
 * @param parameters - weights of the encoder alone, without a prefix
 * @param images - normalised; `(N, 3, S, S)`, sides multiples of {@link encoderStride}
 */
export function encode(
  parameters: Parameters,
  images: Tensor,
  config: EncoderConfig,
  options: EncoderOptions = {},
): EncoderOutput {
  switch (config.kind) {
    case 'vit':
      return encodeWithVisionTransformer(parameters, images, config, options);
    case 'hybrid':
      return encodeWithHybrid(parameters, images, config, options);
  }
}

/** Initial weights of an encoder. */
export function initialiseEncoder(config: EncoderConfig, random: Random): InitialValues {
  switch (config.kind) {
    case 'vit':
      return initialiseVisionTransformer(config, random);
    case 'hybrid':
      return initialiseHybrid(config, random);
  }
}

/** Side of a token, px. */
export function encoderStride(config: EncoderConfig): number {
  return config.kind === 'vit' ? config.patch : 2 ** config.stem.length;
}
