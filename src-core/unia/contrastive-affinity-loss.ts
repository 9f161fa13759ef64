// Contrastive affinity loss: UniA, section III-C, Eq. (16).
// Differs from the paper: `released` is the negative logarithm of a row softmax over all tokens, averaged over positive pairs of the whole
// batch within a radius, divided by 2N; `paper` is Eq. (16) as printed, without a logarithm, mean over images
// that have a positive pair.
import {
  add,
  bindShape,
  div,
  exp,
  log,
  logSumExp,
  max,
  maximum,
  minimum,
  mul,
  neg,
  sigmoid,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from '../tensor/index.ts';
import { withinRadius } from './affinity.ts';
import { pairRelations } from './grid-labels.ts';
import type { Grid } from './grid.ts';

export interface ContrastiveAffinityOptions {
  readonly form: 'paper' | 'released';
  /** τ */
  readonly temperature: number;
  /** Chebyshev distance of positive pairs, tokens; `released` only. */
  readonly radius: number;
}

export const CONTRASTIVE_AFFINITY_DEFAULTS: ContrastiveAffinityOptions = {
  form: 'released',
  temperature: 0.5,
  radius: 7,
};

/**
 * Pulls tokens of one label together. 0 where no pair is positive.
 *
 * @param affinity - A; `(N, L, L)`
 * @param labels - pseudo mask; `(N, H', W')`
 */
export function contrastiveAffinityLoss(
  affinity: Tensor,
  labels: Tensor,
  grid: Grid,
  options: ContrastiveAffinityOptions = CONTRASTIVE_AFFINITY_DEFAULTS,
): Tensor {
  const { N } = bindShape('affinity', affinity.shape, 'N L L', { L: grid[0] * grid[1] });
  bindShape('labels', labels.shape, 'N S T', { N });
  const scaled = mul(affinity, 1 / options.temperature);
  const { positive, negative } = pairRelations(labels, grid);
  if (options.form === 'paper') return printedForm(scaled, positive, negative);
  return mul(logForm(scaled, mul(positive, withinRadius(grid, options.radius))), 1 / (2 * N));
}

/** Mean of -log softmax over positive pairs; rows are summed first, so no L x L logarithm is made. */
function logForm(scaled: Tensor, positive: Tensor): Tensor {
  const pairsOfRow = sum(positive, 2);
  const pairs = sum(pairsOfRow);
  const total = sub(sum(mul(pairsOfRow, logSumExp(scaled, 2))), sum(mul(positive, scaled)));
  return div(total, maximum(pairs, 1));
}

/** Keeps the logarithm finite where an image has no negative pair. */
const SMALLEST = 1e-30;

/** -(1/N⁺) Σ e^q / (e^q + Σ e^k), the ratio written as sigmoid(q - log Σ e^k). */
function printedForm(scaled: Tensor, positive: Tensor, negative: Tensor): Tensor {
  const top = stopGradient(max(scaled, [1, 2], true));
  const shifted = sub(scaled, top);
  const others = sum(mul(negative, exp(shifted)), [1, 2], true);
  const ratio = sigmoid(sub(shifted, log(add(others, SMALLEST))));
  const pairs = sum(positive, [1, 2]);
  const perImage = div(sum(mul(positive, ratio), [1, 2]), maximum(pairs, 1));
  const imagesWithPairs = sum(minimum(pairs, 1));
  return neg(div(sum(perImage), maximum(imagesWithPairs, 1)));
}
