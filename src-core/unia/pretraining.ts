// Masked autoencoding: He et al., "Masked Autoencoders Are Scalable Vision Learners", section 3, for starting without
// pretrained weights.
// Differs from that paper: hidden patches stay in the sequence (static shapes), and the decoder is one linear layer.
import { add, bindShape, div, maximum, mean, mul, rsqrt, square, sub, sum, type Tensor } from '../tensor/index.ts';
import { encode, encoderStride, initialiseEncoder, type EncoderConfig } from './encoder.ts';
import { linearValues, named, truncatedNormal, type InitialValues } from './initialisation.ts';
import { under, type Parameters, type Random } from './parameters.ts';
import { layer } from './transformer-block.ts';
import { cutIntoPatches } from './vision-transformer.ts';

const PATCH_VARIANCE_FLOOR = 1e-6;

/**
 * Mean squared error of the hidden patches' pixels, each patch brought to mean 0 and variance 1 as in that paper.
 *
 * @param parameters - the encoder's weights under `encoder.`, the pixel decoder's under `decoder.`
 * @param images - `(N, 3, S, S)`
 * @param mask - 1 hidden, 0 seen; `(N, L)`
 */
export function maskedAutoencodingLoss(
  parameters: Parameters,
  images: Tensor,
  mask: Tensor,
  config: EncoderConfig,
): Tensor {
  const { patches } = cutIntoPatches(images, encoderStride(config));
  const { N, L } = bindShape('patches', patches.shape, 'N L P');
  bindShape('mask', mask.shape, 'N L', { N, L });
  const { tokens } = encode(under(parameters, 'encoder.'), images, config, { mask });
  const pixels = layer(parameters, 'decoder', tokens);
  const errors = mean(square(sub(pixels, standardised(patches))), 2);
  return div(sum(mul(errors, mask)), maximum(sum(mask), 1));
}

function standardised(patches: Tensor): Tensor {
  const centred = sub(patches, mean(patches, 2, true));
  return mul(centred, rsqrt(add(mean(square(centred), 2, true), PATCH_VARIANCE_FLOOR)));
}

/** Initial weights of encoder and pixel decoder; a ViT also gets its mask token. */
export function initialisePretraining(config: EncoderConfig, random: Random): InitialValues {
  const pixels = 3 * encoderStride(config) ** 2;
  const maskToken =
    config.kind === 'vit' ? { 'encoder.mask_token': truncatedNormal([1, 1, config.width], random) } : {};
  return {
    ...named('encoder.', initialiseEncoder(config, random)),
    ...maskToken,
    ...linearValues('decoder', [pixels, config.width], random),
  };
}
