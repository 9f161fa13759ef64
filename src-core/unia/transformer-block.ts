// Pre-norm transformer block with timm's parameter names: LayerNorm, attention with qkv bias, MLP x4 with exact GELU.
import { add, bindShape, gelu, layerNorm, linear, matMul, mul, softmax, split, type Tensor } from '../tensor/index.ts';
import { attend, mergeHeads, splitHeads } from './attention.ts';
import { linearValues, normValues, type InitialValues } from './initialisation.ts';
import { parameter, under, type Parameters, type Random } from './parameters.ts';

export const NORM_EPSILON = 1e-6;

/** One block's output, with its attention maps where they were asked for. */
export interface BlockOutput {
  readonly tokens: Tensor;
  /** Scaled q kᵀ before the softmax; `(N, heads, T, T)`. */
  readonly logits?: Tensor;
  /** After the softmax; `(N, heads, T, T)`. */
  readonly probabilities?: Tensor;
}

/**
 * One transformer block.
 *
 * @param parameters - weights of this block, `norm1.weight` and so on
 * @param tokens - `(N, T, C)`
 * @param withMaps - also return the attention maps
 */
export function transformerBlock(
  parameters: Parameters,
  tokens: Tensor,
  heads: number,
  withMaps: boolean,
): BlockOutput {
  const normalised = norm(parameters, 'norm1', tokens);
  const attention = selfAttention(under(parameters, 'attn.'), normalised, heads, withMaps);
  const attended = add(tokens, attention.tokens);
  const hidden = gelu(layer(parameters, 'mlp.fc1', norm(parameters, 'norm2', attended)));
  return { ...attention, tokens: add(attended, layer(parameters, 'mlp.fc2', hidden)) };
}

/** LayerNorm with the weights `name.weight` and `name.bias`. */
export function norm(parameters: Parameters, name: string, x: Tensor): Tensor {
  return layerNorm(x, parameter(parameters, `${name}.weight`), parameter(parameters, `${name}.bias`), NORM_EPSILON);
}

/** Linear layer with the weights `name.weight` and `name.bias`. */
export function layer(parameters: Parameters, name: string, x: Tensor): Tensor {
  return linear(x, parameter(parameters, `${name}.weight`), parameter(parameters, `${name}.bias`));
}

function selfAttention(parameters: Parameters, tokens: Tensor, heads: number, withMaps: boolean): BlockOutput {
  const { C } = bindShape('tokens', tokens.shape, 'N T C');
  // Three products over a split weight: the gradient then joins the small weight, never the tokens.
  const weights = split(parameter(parameters, 'qkv.weight'), 3, 0);
  const biases = split(parameter(parameters, 'qkv.bias'), 3, 0);
  const scale = 1 / Math.sqrt(C / heads);
  // Scaling the query weight costs C² products instead of one for each entry of the L x L map.
  const q = splitHeads(linear(tokens, mul(weights[0]!, scale), mul(biases[0]!, scale)), heads);
  const k = splitHeads(linear(tokens, weights[1]!, biases[1]), heads);
  const v = splitHeads(linear(tokens, weights[2]!, biases[2]), heads);
  if (!withMaps) return { tokens: layer(parameters, 'proj', mergeHeads(attend(q, k, v))) };
  const logits = matMul(q, k, false, true);
  const probabilities = softmax(logits);
  const output = layer(parameters, 'proj', mergeHeads(matMul(probabilities, v)));
  return { tokens: output, logits, probabilities };
}

/** Initial weights of one block of the given width. */
export function initialiseTransformerBlock(width: number, random: Random): InitialValues {
  return {
    ...normValues('norm1', width),
    ...linearValues('attn.qkv', [3 * width, width], random),
    ...linearValues('attn.proj', [width, width], random),
    ...normValues('norm2', width),
    ...linearValues('mlp.fc1', [4 * width, width], random),
    ...linearValues('mlp.fc2', [width, 4 * width], random),
  };
}
