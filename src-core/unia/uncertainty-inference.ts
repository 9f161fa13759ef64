// Uncertainty inference network (UiN): UniA, section III-B, Eq. (3)-(7); after the final norm, before every head.
// Differs from the paper:
// - `released` reads sigma as log-variance: std = exp(sigma / 2), U = sigmoid(sigma); `paper` reads it as std, U = clamp(sigma, 0, 1);
// - the window of Eq. (4) is not given there: min(4, grid / 4) tokens a side, partial windows kept;
// - the release's bottleneck around the branches is the option `projection`.
import {
  add,
  bindShape,
  clipByValue,
  exp,
  gelu,
  max,
  mul,
  pad,
  reshape,
  rsqrt,
  sigmoid,
  square,
  sum,
  linear,
  zerosLike,
  type Tensor,
} from '../tensor/index.ts';
import { crossAttention, headsFor, initialiseCrossAttention, type ScalePlace } from './cross-attention.ts';
import type { Grid } from './grid.ts';
import { constant, linearValues, merged, named, type InitialValues } from './initialisation.ts';
import { parameter, under, type Parameters, type Random } from './parameters.ts';
import { layer } from './transformer-block.ts';

/** Which source decides where paper and release differ. */
export type Reading = 'paper' | 'released';

/** Options of the network. The switches serve the paper's ablation. */
export interface UncertaintyInferenceConfig {
  readonly reading: Reading;
  /** Channel attention, Eq. (3). */
  readonly channel: boolean;
  /** Spatial attention, Eq. (4)-(6). */
  readonly spatial: boolean;
  /** False keeps the mean alone: no deviation, no uncertainty. */
  readonly deviation: boolean;
  readonly projection: 'none' | 'bottleneck';
  /** Attention heads; by default 16 or the largest divisor of the channels below. */
  readonly heads?: number;
  readonly scalePlace: ScalePlace;
}

export const UNCERTAINTY_INFERENCE_DEFAULTS: UncertaintyInferenceConfig = {
  reading: 'released',
  channel: true,
  spatial: true,
  deviation: true,
  projection: 'none',
  scalePlace: 'inside',
};

/** One Gaussian per token and channel; `(N, L, C)` each. */
export interface UncertaintyInference {
  /** μ */
  readonly mu: Tensor;
  /** σ as the network gives it: log-variance for `released`, standard deviation for `paper`. */
  readonly sigma: Tensor;
  readonly std: Tensor;
  /** U, 0..1 */
  readonly uncertainty: Tensor;
}

/** Tokens along each side of a window, Eq. (4): at most 4, fewer on grids below 16. */
export function windowSize([height, width]: Grid): Grid {
  const side = (tokens: number): number => Math.max(1, Math.min(4, Math.floor(tokens / 4)));
  return [side(height), side(width)];
}

/** Below every feature, so that it never wins a maximum. */
const LOWEST = -1e30;

/**
 * Prototypes S_p, Eq. (4): the maximum of every window, partial windows at the far borders included.
 *
 * @param tokens - `(N, L, C)`
 * @returns `(N, windows, C)`
 */
export function windowMaxPool(tokens: Tensor, [H, W]: Grid, [wh, ww]: Grid): Tensor {
  const { N, C } = bindShape('tokens', tokens.shape, 'N L C', { L: H * W });
  const [rows, columns] = [Math.ceil(H / wh), Math.ceil(W / ww)];
  const map = reshape(tokens, [N, H, W, C]);
  const fits = rows * wh === H && columns * ww === W;
  const filled = fits ? map : pad(map, [[0, 0], [0, rows * wh - H], [0, columns * ww - W], [0, 0]], LOWEST); // prettier-ignore
  return reshape(max(reshape(filled, [N, rows, wh, columns, ww, C]), [2, 4]), [N, rows * columns, C]);
}

/**
 * The Gaussian of every token, Eq. (3)-(7).
 *
 * @param parameters - weights of this network alone: `channel.mu.weight`, `spatial.mu.q.weight` and so on
 * @param tokens - Z; `(N, L, C)`
 */
export function inferUncertainty(
  parameters: Parameters,
  tokens: Tensor,
  grid: Grid,
  config: UncertaintyInferenceConfig = UNCERTAINTY_INFERENCE_DEFAULTS,
): UncertaintyInference {
  if (!config.channel && !config.spatial)
    throw new RangeError('UiN: expected channel or spatial attention, got neither');
  const wrapped = config.projection === 'bottleneck';
  const features = wrapped ? enterBottleneck(under(parameters, 'projection.'), tokens) : tokens;
  const branch = (kind: 'mu' | 'sigma'): Tensor => {
    const value = attentionBranch(parameters, features, grid, kind, config);
    return wrapped ? layer(parameters, `projection.back.${kind}`, value) : value;
  };
  const mu = branch('mu');
  if (!config.deviation) return { mu, sigma: zerosLike(mu), std: zerosLike(mu), uncertainty: zerosLike(mu) };
  const sigma = branch('sigma');
  switch (config.reading) {
    case 'released':
      return { mu, sigma, std: exp(mul(sigma, 0.5)), uncertainty: sigmoid(sigma) };
    case 'paper':
      return { mu, sigma, std: sigma, uncertainty: clipByValue(sigma, 0, 1) };
  }
}

/** mu = mu_c + mu_s, and likewise sigma. */
function attentionBranch(
  parameters: Parameters,
  tokens: Tensor,
  grid: Grid,
  kind: 'mu' | 'sigma',
  config: UncertaintyInferenceConfig,
): Tensor {
  const parts: Tensor[] = [];
  if (config.channel) {
    const weight = parameter(parameters, `channel.${kind}.weight`);
    parts.push(add(mul(tokens, weight), parameter(parameters, `channel.${kind}.bias`)));
  }
  if (config.spatial) {
    const prototypes = windowMaxPool(tokens, grid, windowSize(grid));
    const heads = config.heads ?? headsFor(tokens.shape[2]!);
    const weights = under(parameters, `spatial.${kind}.`);
    parts.push(crossAttention(weights, tokens, prototypes, heads, config.scalePlace));
  }
  return parts.reduce((total, part) => add(total, part));
}

/** The release's way into the branches: an MLP C, 2C, 2C, C/3, then unit length, then a linear layer with unit rows to 4C/3. */
function enterBottleneck(parameters: Parameters, tokens: Tensor): Tensor {
  const hidden = gelu(layer(parameters, 'fc2', gelu(layer(parameters, 'fc1', tokens))));
  const narrow = unitLength(layer(parameters, 'fc3', hidden));
  return linear(narrow, unitLength(parameter(parameters, 'last.weight')));
}

/** Keeps the direction of a zero vector finite. */
const SQUARE_FLOOR = 1e-24;

function unitLength(x: Tensor): Tensor {
  return mul(x, rsqrt(add(sum(square(x), -1, true), SQUARE_FLOOR)));
}

/** Where sigma starts: a small standard deviation, inside the range where its uncertainty has a slope. */
const SIGMA_START: Readonly<Record<Reading, number>> = { released: -2, paper: 0.1 };

/** Initial weights: mu starts as the tokens, sigma as a constant. */
export function initialiseUncertaintyInference(
  width: number,
  config: UncertaintyInferenceConfig,
  random: Random,
): InitialValues {
  const inner = config.projection === 'bottleneck' ? bottleneckSizes(width).outer : width;
  const branches = (['mu', 'sigma'] as const).map((kind) => ({
    [`channel.${kind}.weight`]: constant([inner], kind === 'mu' ? 1 : 0),
    [`channel.${kind}.bias`]: constant([inner], kind === 'mu' ? 0 : SIGMA_START[config.reading]),
    ...named(`spatial.${kind}.`, initialiseCrossAttention(inner, random)),
  }));
  const projection = config.projection === 'bottleneck' ? bottleneckValues(width, random) : {};
  return { ...merged(branches), ...projection };
}

/** Sizes in proportion to the release's 768-2048-2048-256 and 1024; the outer one a multiple of the heads. */
function bottleneckSizes(width: number): { readonly hidden: number; readonly narrow: number; readonly outer: number } {
  return { hidden: 2 * width, narrow: Math.round(width / 3), outer: 16 * Math.max(1, Math.round(width / 12)) };
}

function bottleneckValues(width: number, random: Random): InitialValues {
  const { hidden, narrow, outer } = bottleneckSizes(width);
  return {
    ...linearValues('projection.fc1', [hidden, width], random),
    ...linearValues('projection.fc2', [hidden, hidden], random),
    ...linearValues('projection.fc3', [narrow, hidden], random),
    ...linearValues('projection.last', [outer, narrow], random, false),
    ...linearValues('projection.back.mu', [width, outer], random),
    ...linearValues('projection.back.sigma', [width, outer], random),
  };
}
