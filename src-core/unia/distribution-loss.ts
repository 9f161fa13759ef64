// Distribution loss: UniA, section III-B, Eq. (8) and (9).
// Differs from the paper: `released` computes KL(mask‖S) where the paper writes KL(S‖mask); the Gaussian regulariser is the paper's, with
// sigma read as in uncertainty-inference.ts.
import {
  add,
  bindShape,
  cast,
  exp,
  expandDims,
  greater,
  log,
  logSumExp,
  mean,
  mul,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
} from '../tensor/index.ts';
import type { Reading } from './uncertainty-inference.ts';

/**
 * Reweighted CAM, Eq. (8): values above lambda stay, the rest is 0.
 *
 * @param cam - normalised; `(N, M, H, W)`
 */
export function reweightedCam(cam: Tensor, lambda: number): Tensor {
  bindShape('CAM', cam.shape, 'N M H W');
  return mul(cam, cast(greater(cam, lambda), 'float32'));
}

/**
 * Divergence between S_dis and the foreground mask, both as a softmax over the grid, Eq. (9): summed over tokens,
 * mean over images.
 *
 * @param sampled - S_dis; `(N, H, W)`
 * @param mask - foreground at the grid, 0 or 1; `(N, H, W)`
 */
export function distributionLoss(sampled: Tensor, mask: Tensor, reading: Reading): Tensor {
  const { N, H, W } = bindShape('S_dis', sampled.shape, 'N H W');
  bindShape('foreground mask', mask.shape, 'N H W', { N, H, W });
  const logSampled = logSpatialSoftmax(sampled, N, H * W);
  const logMask = logSpatialSoftmax(cast(mask, 'float32'), N, H * W);
  return reading === 'released' ? divergence(logMask, logSampled) : divergence(logSampled, logMask);
}

/** log softmax over the tokens; `(N, L)`. */
function logSpatialSoftmax(map: Tensor, N: number, L: number): Tensor {
  const flat = reshape(map, [N, L]);
  return sub(flat, expandDims(logSumExp(flat, 1), 1));
}

/** KL(p‖q) of log probabilities, mean over images. */
function divergence(logP: Tensor, logQ: Tensor): Tensor {
  return mean(sum(mul(exp(logP), sub(logP, logQ)), 1));
}

/** Keeps the logarithm of a vanishing standard deviation finite. */
const VARIANCE_FLOOR = 1e-8;

/**
 * KL(N(mu, sigma)‖N(0, I)), mean over images, tokens and channels; 0.1 of L_dis in the paper.
 *
 * @param mu - any shape
 * @param sigma - of the same shape: log-variance for `released`, standard deviation for `paper`
 */
export function gaussianDivergence(mu: Tensor, sigma: Tensor, reading: Reading): Tensor {
  const variance = reading === 'released' ? exp(sigma) : square(sigma);
  const logVariance = reading === 'released' ? sigma : log(add(variance, VARIANCE_FLOOR));
  return mul(mean(sub(sub(add(square(mu), variance), logVariance), 1)), 0.5);
}
