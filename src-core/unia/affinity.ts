// Affinity of tokens and the random walk over it: UniA, section III-C, Eq. 11 (method.md 5, 10).
// Differs from the paper: `sinkhorn` is the paper's; `learned` is the release's; `cosine` needs no trained attention and
// works from the first iteration.
import {
  add,
  bindShape,
  div,
  exp,
  matMul,
  maximum,
  mean,
  mul,
  ones,
  pow,
  reshape,
  sigmoid,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  transpose,
  type Tensor,
} from '../tensor/index.ts';
import type { Size } from './class-activation-map.ts';

/** Keeps the division by an all-zero row or column finite. */
const SUM_FLOOR = 1e-12;

/**
 * Doubly stochastic affinity from attention, Eq. 11: maps averaged, rows and columns normalised in turn, symmetric mean.
 *
 * @param attention - post-softmax maps, patch tokens only; `(N, maps, L, L)`
 * @returns `(N, L, L)`
 */
export function sinkhornAffinity(attention: Tensor, rounds = 3): Tensor {
  bindShape('attention', attention.shape, 'N maps L L');
  let affinity = mean(attention, 1);
  for (let round = 0; round < rounds; round++) {
    affinity = normaliseColumns(normaliseRows(affinity));
  }
  return mul(add(affinity, transpose(affinity, [0, 2, 1])), 0.5);
}

/**
 * Learned affinity: sigmoid of a 1x1 convolution over M + Mᵀ.
 *
 * @param scores - pre-softmax maps M; `(N, maps, L, L)`
 * @param weight - `(maps)`
 * @param bias - a single number
 * @returns `(N, L, L)`, 0..1
 */
export function learnedAffinity(scores: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const { N, maps, L } = bindShape('scores', scores.shape, 'N maps L L');
  bindShape('affinity weight', weight.shape, 'maps', { maps });
  // A copy per image as a product: its gradient is one, too.
  const perImage = reshape(matMul(ones([N, 1]), reshape(weight, [1, maps])), [N, 1, maps]);
  // The convolution is linear, so it comes before the transpose: one map to turn instead of all.
  const mixed = reshape(matMul(perImage, reshape(scores, [N, maps, L * L])), [N, L, L]);
  return sigmoid(add(add(mixed, transpose(mixed, [0, 2, 1])), reshape(bias, [])));
}

/** How the cosine affinity sharpens and how far it reaches. */
export interface CosineOptions {
  readonly temperature: number;
  /** Chebyshev distance on the token grid; null for no limit. */
  readonly radius: number | null;
}

export const COSINE_DEFAULTS: CosineOptions = { temperature: 0.1, radius: 4 };

/**
 * Cosine affinity exp((cos - 1) / τ) of token features, zero beyond the radius. With the walk's column normalisation
 * it is a softmax over the neighbourhood.
 *
 * @param tokens - row-major over the grid; `(N, L, C)`
 * @returns `(N, L, L)`, 0..1, ones on the diagonal
 */
export function cosineAffinity(
  tokens: Tensor,
  grid: Size,
  { temperature, radius }: CosineOptions = COSINE_DEFAULTS,
): Tensor {
  bindShape('tokens', tokens.shape, 'N L C', { L: grid[0] * grid[1] });
  const length = sqrt(sum(square(tokens), 2, true));
  const directions = div(tokens, maximum(length, SUM_FLOOR));
  const cosine = matMul(directions, directions, false, true);
  const sharpened = exp(mul(sub(cosine, 1), 1 / temperature));
  return radius === null ? sharpened : mul(sharpened, withinRadius(grid, radius));
}

/**
 * Which pairs of tokens lie within a Chebyshev radius of each other.
 *
 * @returns `(L, L)`, 1 or 0
 */
export function withinRadius([height, width]: Size, radius: number): Tensor {
  const L = height * width;
  const near = new Float32Array(L * L);
  for (let i = 0; i < L; i++) {
    for (let j = 0; j < L; j++) {
      const rows = Math.abs(Math.floor(i / width) - Math.floor(j / width));
      const columns = Math.abs((i % width) - (j % width));
      if (Math.max(rows, columns) <= radius) near[i * L + j] = 1;
    }
  }
  return tensor(near, [L, L]);
}

/** How an affinity is prepared for the walk. */
export interface WalkOptions {
  /** Element-wise exponent. */
  readonly power: number;
  /** Chebyshev distance on the token grid; null for no limit. */
  readonly radius: number | null;
  /** Whether every column is divided by its sum. */
  readonly columnNorm: boolean;
}

export const WALK_DEFAULTS: WalkOptions = { power: 1, radius: null, columnNorm: true };

/**
 * One step of maps along the affinity, out_j = Σ_i map_i A_ij, after radius cut, power and column normalisation.
 *
 * @param maps - on the token grid; `(N, C, h, w)`
 * @param affinity - `(N, L, L)`
 * @returns `(N, C, h, w)`
 */
export function randomWalk(maps: Tensor, affinity: Tensor, options: WalkOptions = WALK_DEFAULTS): Tensor {
  const { N, C, h, w } = bindShape('walk maps', maps.shape, 'N C h w');
  bindShape('affinity', affinity.shape, 'N L L', { N, L: h * w });
  const transition = transitions(affinity, [h, w], options);
  return reshape(matMul(reshape(maps, [N, C, h * w]), transition), [N, C, h, w]);
}

function transitions(affinity: Tensor, grid: Size, { power, radius, columnNorm }: WalkOptions): Tensor {
  const cut = radius === null ? affinity : mul(affinity, withinRadius(grid, radius));
  const raised = power === 1 ? cut : pow(cut, power);
  return columnNorm ? normaliseColumns(raised) : raised;
}

function normaliseRows(affinity: Tensor): Tensor {
  return div(affinity, maximum(sum(affinity, 2, true), SUM_FLOOR));
}

function normaliseColumns(affinity: Tensor): Tensor {
  return div(affinity, maximum(sum(affinity, 1, true), SUM_FLOOR));
}
