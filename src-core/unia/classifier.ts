// Classifiers and the class activation map: UniA, section III-A, Eq. (1) and (2).
// Differs from the paper: the auxiliary classifier on earlier tokens is the release's; `lse` pooling serves training from scratch;
// classes of which a tag says nothing are left out of the mean.
import {
  add,
  bindShape,
  div,
  linear,
  logSumExp,
  max,
  maximum,
  mul,
  neg,
  relu,
  reshape,
  softplus,
  sub,
  sum,
  type Tensor,
} from '../tensor/index.ts';
import { tokensToMaps, type Grid } from './grid.ts';
import { truncatedNormal, type InitialValues } from './initialisation.ts';
import type { Random } from './parameters.ts';

/** `gmp`: the classifier reads the features' maximum over tokens. `lse`: log-sum-exp of the class maps over tokens. */
export type Pooling = 'gmp' | 'lse';

/** How sharp log-sum-exp pooling is: towards infinity it becomes the maximum. */
const LSE_SHARPNESS = 4;

/**
 * Multi-label soft margin loss, Eq. (1): mean over images and the classes that their tags speak of; 0 where none does.
 *
 * @param logits - `(N, M)`
 * @param present - image-level labels, 1, 0 or `UNKNOWN` (2); `(N, M)`
 */
export function multiLabelSoftMargin(logits: Tensor, present: Tensor): Tensor {
  const { N, M } = bindShape('image logits', logits.shape, 'N M');
  bindShape('image labels', present.shape, 'N M', { N, M });
  // -log σ(x) = softplus(-x), exact where the sigmoid rounds to 0 or 1
  const missed = mul(present, softplus(neg(logits)));
  const known = sub(1, relu(sub(present, 1)));
  const losses = mul(known, add(missed, mul(sub(1, present), softplus(logits))));
  return div(sum(losses), maximum(sum(known), 1));
}

/**
 * Image logits: the classifier on pooled tokens.
 *
 * @param tokens - `(N, L, C)`
 * @param weight - classifier; `(M, C)`
 * @returns `(N, M)`
 */
export function imageLogits(tokens: Tensor, weight: Tensor, pooling: Pooling): Tensor {
  const { C } = bindShape('tokens', tokens.shape, 'N L C');
  bindShape('classifier', weight.shape, 'M C', { C });
  switch (pooling) {
    case 'gmp':
      return linear(max(tokens, 1), weight);
    case 'lse':
      return mul(logSumExp(mul(linear(tokens, weight), LSE_SHARPNESS), 1), 1 / LSE_SHARPNESS);
  }
}

/**
 * Image-level logits of windows, each pooled over the tokens inside it.
 *
 * @param tokens - `(N, L, C)`
 * @param weight - classifier; `(M, C)`
 * @param windows - 1 where the token's centre lies in the window; `(N, W, L)`
 * @returns `(N·W, M)`
 */
export function windowLogits(tokens: Tensor, weight: Tensor, windows: Tensor, pooling: Pooling): Tensor {
  const { N, L, C } = bindShape('tokens', tokens.shape, 'N L C');
  const { M } = bindShape('classifier', weight.shape, 'M C', { C });
  const { W } = bindShape('windows', windows.shape, 'N W L', { N, L });
  const outside = mul(sub(windows, 1), OUTSIDE);
  const inside = add(reshape(linear(tokens, weight), [N, 1, L, M]), reshape(outside, [N, W, L, 1]));
  const flat = reshape(inside, [N * W, L, M]);
  switch (pooling) {
    case 'gmp':
      return max(flat, 1);
    case 'lse':
      return mul(logSumExp(mul(flat, LSE_SHARPNESS), 1), 1 / LSE_SHARPNESS);
  }
}

/** Far below any logit: what it is added to takes no part in a maximum or a sum of exponentials. */
const OUTSIDE = 1e4;

/**
 * The classifier applied to every token, without a ReLU: what the multi-scale CAM upsamples.
 *
 * @param tokens - `(N, L, C)`
 * @param weight - `(M, C)`
 * @returns `(N, M, H, W)`
 */
export function classMaps(tokens: Tensor, weight: Tensor, grid: Grid): Tensor {
  return tokensToMaps(linear(tokens, weight), grid);
}

/** Class activation map, Eq. (2): ReLU(Wᵀ Z); `(N, M, H, W)`. */
export function cam(tokens: Tensor, weight: Tensor, grid: Grid): Tensor {
  return relu(classMaps(tokens, weight, grid));
}

/** Initial weights of the classifier and the auxiliary classifier: `classifier.weight`, `auxiliary.weight`, `(M, C)` each. */
export function initialiseClassifiers(classes: number, width: number, random: Random): InitialValues {
  return {
    'classifier.weight': truncatedNormal([classes, width], random),
    'auxiliary.weight': truncatedNormal([classes, width], random),
  };
}
