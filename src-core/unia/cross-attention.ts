// Cross-attention of UniA's Eq. (5), (6) and (10).
import { bindShape, linear, mul, type Tensor } from '../tensor/index.ts';
import { attend, mergeHeads, splitHeads } from './attention.ts';
import { constant, linearValues, type InitialValues } from './initialisation.ts';
import { parameter, type Parameters, type Random } from './parameters.ts';

/** `inside`: softmax(q kᵀ / √d) v. `outside`: softmax(q kᵀ) v / √d, Eq. (5) as it is printed. */
export type ScalePlace = 'inside' | 'outside';

/** How many heads UniA's attentions use where the channels allow it. */
const MOST_HEADS = 16;

/** The number of heads for C channels: 16, or the largest divisor of C below it. */
export function headsFor(channels: number): number {
  let heads = MOST_HEADS;
  while (channels % heads !== 0) heads--;
  return heads;
}

/**
 * Tokens ask, sources answer.
 *
 * @param parameters - `q`, `k`, `v` and perhaps an output projection `proj`: `weight` `(C, C)`, `bias` optional
 * @param tokens - queries; `(N, L, C)`
 * @param sources - keys and values; `(N, K, C)`
 * @returns `(N, L, C)`
 */
export function crossAttention(
  parameters: Parameters,
  tokens: Tensor,
  sources: Tensor,
  heads: number,
  scalePlace: ScalePlace = 'inside',
): Tensor {
  const { N, C } = bindShape('tokens', tokens.shape, 'N L C');
  bindShape('sources', sources.shape, 'N K C', { N, C });
  const scale = 1 / Math.sqrt(C / heads);
  const project = (name: string, x: Tensor, factor = 1): Tensor =>
    splitHeads(scaledLinear(parameters, name, x, factor), heads);
  const k = project('k', sources);
  const q = project('q', tokens, scalePlace === 'inside' ? scale : 1);
  const v = project('v', sources, scalePlace === 'inside' ? 1 : scale);
  const output = mergeHeads(attend(q, k, v));
  return parameters['proj.weight'] ? scaledLinear(parameters, 'proj', output, 1) : output;
}

/** A linear layer times a factor; the factor goes into the weights, which are smaller than the tokens. */
function scaledLinear(parameters: Parameters, name: string, x: Tensor, factor: number): Tensor {
  const weight = parameter(parameters, `${name}.weight`);
  const bias = parameters[`${name}.bias`];
  if (factor === 1) return linear(x, weight, bias);
  return linear(x, mul(weight, factor), bias && mul(bias, factor));
}

/** Initial weights; values start at zero, so that a new attention adds nothing and learns from there. */
export function initialiseCrossAttention(width: number, random: Random): InitialValues {
  return {
    ...linearValues('q', [width, width], random),
    ...linearValues('k', [width, width], random),
    'v.weight': constant([width, width], 0),
    'v.bias': constant([width], 0),
  };
}
