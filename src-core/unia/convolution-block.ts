// Convolutions with PyTorch's weight layout and the normalised blocks of the hybrid encoder and the pyramid decoder.
import {
  add,
  bindShape,
  convolution,
  mean,
  mul,
  relu,
  reshape,
  rsqrt,
  square,
  sub,
  transpose,
  type Tensor,
} from '../tensor/index.ts';
import { constant, kaimingNormal, normValues, type InitialValues } from './initialisation.ts';
import { parameter, type Parameters, type Random } from './parameters.ts';
import { norm, NORM_EPSILON } from './transformer-block.ts';

/** `layer`: over the channels of each pixel. `group`: over 8 channels and all pixels of an image. */
export type FeatureNorm = 'layer' | 'group';

const GROUP_CHANNELS = 8;

/**
 * Convolution that keeps the size, with weights in PyTorch's layout; the bias is used where there is one.
 *
 * @param parameters - holds `name.weight` `(O, I, KH, KW)` and perhaps `name.bias` `(O)`
 * @param x - `(N, H, W, I)`
 * @returns `(N, H, W, O)`
 */
export function convolve(parameters: Parameters, name: string, x: Tensor, dilation = 1): Tensor {
  const weight = parameter(parameters, `${name}.weight`);
  bindShape(`${name}.weight`, weight.shape, 'O I KH KW', { I: x.shape.at(-1)! });
  const result = convolution(x, transpose(weight, [2, 3, 1, 0]), dilation);
  const bias = parameters[`${name}.bias`];
  return bias ? add(result, bias) : result;
}

/** Convolution `name`, then the norm `name.norm`. */
export function convolveAndNormalise(parameters: Parameters, name: string, x: Tensor, kind: FeatureNorm): Tensor {
  const features = convolve(parameters, name, x);
  return kind === 'layer'
    ? norm(parameters, `${name}.norm`, features)
    : groupNorm(parameters, `${name}.norm`, features);
}

/** Two normalised 3x3 convolutions around a shortcut; `(N, H, W, C)` in and out. */
export function residualBlock(parameters: Parameters, name: string, x: Tensor, kind: FeatureNorm): Tensor {
  const inner = relu(convolveAndNormalise(parameters, `${name}.conv1`, x, kind));
  return relu(add(x, convolveAndNormalise(parameters, `${name}.conv2`, inner, kind)));
}

function groupNorm(parameters: Parameters, name: string, x: Tensor): Tensor {
  const { N, H, W, C } = bindShape('features', x.shape, 'N H W C');
  const size = C % GROUP_CHANNELS === 0 ? GROUP_CHANNELS : C;
  const grouped = reshape(x, [N, H * W, C / size, size]);
  const centred = sub(grouped, mean(grouped, [1, 3], true));
  const inverse = rsqrt(add(mean(square(centred), [1, 3], true), NORM_EPSILON));
  const normalised = reshape(mul(centred, inverse), [N, H, W, C]);
  return add(mul(normalised, parameter(parameters, `${name}.weight`)), parameter(parameters, `${name}.bias`));
}

/** `name.weight` and a zero `name.bias` of a convolution. */
export function convolutionValues(
  name: string,
  [outputs, inputs, side]: readonly [number, number, number],
  random: Random,
): InitialValues {
  return {
    [`${name}.weight`]: kaimingNormal([outputs, inputs, side, side], random),
    [`${name}.bias`]: constant([outputs], 0),
  };
}

/** A convolution and its norm. */
export function normalisedConvolutionValues(
  name: string,
  shape: readonly [number, number, number],
  random: Random,
): InitialValues {
  return { ...convolutionValues(name, shape, random), ...normValues(`${name}.norm`, shape[0]) };
}

/** A residual block of C channels. */
export function residualBlockValues(name: string, channels: number, random: Random): InitialValues {
  return {
    ...normalisedConvolutionValues(`${name}.conv1`, [channels, channels, 3], random),
    ...normalisedConvolutionValues(`${name}.conv2`, [channels, channels, 3], random),
  };
}
