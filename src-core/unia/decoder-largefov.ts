// LargeFOV decoder, method.md 2: two dilated 3x3 convolutions and a 1x1, at the token grid.
// Differs from the paper: nothing. Biases are used where the weights hold some; new decoders have none.
import { bindShape, relu, reshape, transpose, type Tensor } from '../tensor/index.ts';
import { convolve } from './convolution-block.ts';
import type { Grid } from './grid.ts';
import { kaimingNormal, truncatedNormal, type InitialValues } from './initialisation.ts';
import type { Parameters, Random } from './parameters.ts';

const DILATION = 5;
/** Channels between the convolutions, in the paper. */
const HIDDEN_CHANNELS = 512;

/**
 * Segmentation logits at the token grid.
 *
 * @param parameters - `conv1.weight` `(512, C, 3, 3)`, `conv2.weight`, `conv3.weight` `(M+1, 512, 1, 1)`
 * @param tokens - `(N, L, C)`
 * @returns `(N, M+1, H, W)`
 */
export function decodeLargeFieldOfView(parameters: Parameters, tokens: Tensor, [H, W]: Grid): Tensor {
  const { N, C } = bindShape('tokens', tokens.shape, 'N L C', { L: H * W });
  const first = relu(convolve(parameters, 'conv1', reshape(tokens, [N, H, W, C]), DILATION));
  const second = relu(convolve(parameters, 'conv2', first, DILATION));
  return transpose(convolve(parameters, 'conv3', second), [0, 3, 1, 2]);
}

/** Initial weights for M classes and background. */
export function initialiseLargeFieldOfView(
  classes: number,
  width: number,
  random: Random,
  hidden = HIDDEN_CHANNELS,
): InitialValues {
  return {
    'conv1.weight': kaimingNormal([hidden, width, 3, 3], random),
    'conv2.weight': kaimingNormal([hidden, hidden, 3, 3], random),
    'conv3.weight': truncatedNormal([classes + 1, hidden, 1, 1], random),
  };
}
