// Sampling the inferred Gaussians: UniA, section III-B, Eq. (7), and what the reviewer sees of the uncertainty.
// Differs from the paper: the mean of K samples is drawn as one Gaussian with std / √K, the same distribution at 1/K of the cost.
import { add, bindShape, expandDims, max, mean, mul, reshape, resizeBilinear, type Tensor } from '../tensor/index.ts';
import type { Grid } from './grid.ts';

/** K of the paper's best row: 10/30/50/70 give 72.7/73.5/74.1/73.7. */
export const SAMPLES = 50;

/**
 * S_dis: the mean of K samples z = mu + eps·std, averaged over channels.
 *
 * @param mu - `(N, L, C)`
 * @param std - `(N, L, C)`
 * @param noise - standard normal; `(N, L, C)`
 * @returns `(N, H, W)`
 */
export function sampleDistribution(mu: Tensor, std: Tensor, noise: Tensor, grid: Grid, samples = SAMPLES): Tensor {
  const { N, L, C } = bindShape('mu', mu.shape, 'N L C', { L: grid[0] * grid[1] });
  bindShape('std', std.shape, 'N L C', { N, L, C });
  bindShape('noise', noise.shape, 'N L C', { N, L, C });
  if (!(samples >= 1)) throw new RangeError(`samples: expected at least 1, got ${samples}`);
  const drawn = add(mu, mul(std, mul(noise, 1 / Math.sqrt(samples))));
  return reshape(mean(drawn, 2), [N, ...grid]);
}

/**
 * S_dis as Eq. (7) has it: K samples drawn one by one.
 *
 * @param noise - standard normal; `(K, N, L, C)`
 * @returns `(N, H, W)`
 */
export function sampleDistributionLiterally(mu: Tensor, std: Tensor, noise: Tensor, grid: Grid): Tensor {
  const { N, L, C } = bindShape('mu', mu.shape, 'N L C', { L: grid[0] * grid[1] });
  bindShape('std', std.shape, 'N L C', { N, L, C });
  bindShape('noise', noise.shape, 'K N L C', { N, L, C });
  const drawn = add(expandDims(mu, 0), mul(expandDims(std, 0), noise));
  return reshape(mean(drawn, [0, 3]), [N, ...grid]);
}

/** What the reviewer sees. */
export interface UncertaintyReview {
  /** Largest uncertainty over channels, at the image's size; `(N, height, width)`, 0..1. */
  readonly map: Tensor;
  /** Mean of the map: the place in the review queue; `(N)`. */
  readonly score: Tensor;
}

/** Uncertainty for display. @param uncertainty - U; `(N, L, C)` */
export function reviewUncertainty(uncertainty: Tensor, grid: Grid, size: Grid): UncertaintyReview {
  const { N } = bindShape('uncertainty', uncertainty.shape, 'N L C', { L: grid[0] * grid[1] });
  const map = resizeBilinear(reshape(max(uncertainty, 2), [N, ...grid]), size);
  return { map, score: mean(map, [1, 2]) };
}
