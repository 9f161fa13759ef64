// Token contrast: a regulariser of the release, weight 0.3 (method.md 7 and 10).
// Differs from the paper: it is not in the paper.
import {
  add,
  bindShape,
  div,
  matMul,
  maximum,
  mul,
  rsqrt,
  sign,
  square,
  sub,
  sum,
  tensor,
  type Tensor,
} from '../tensor/index.ts';
import { pairRelations } from './grid-labels.ts';
import type { Grid } from './grid.ts';

const LENGTH_FLOOR = 1e-12;

/**
 * Half the mean of 1 - |cos| over positive pairs plus half the mean of |cos| over negative pairs; a token is no pair with
 * itself, and an empty set of pairs gives 0.
 *
 * @param tokens - Z_f; `(N, L, C)`
 * @param labels - label of the auxiliary CAM; `(N, H', W')`
 */
export function tokenContrastLoss(tokens: Tensor, labels: Tensor, grid: Grid): Tensor {
  const { N, L } = bindShape('tokens', tokens.shape, 'N L C', { L: grid[0] * grid[1] });
  bindShape('labels', labels.shape, 'N S T', { N });
  const unit = mul(tokens, rsqrt(maximum(sum(square(tokens), 2, true), LENGTH_FLOOR)));
  const cosine = matMul(unit, unit, false, true);
  const similarity = mul(cosine, sign(cosine)); // |cos|, with slope 0 at 0
  const { positive, negative } = pairRelations(labels, grid);
  const pull = meanWhere(sub(1, similarity), mul(positive, sub(1, identity(L))));
  return mul(add(pull, meanWhere(similarity, negative)), 0.5);
}

/** Mean over the marked pairs of the batch; 0, not NaN, where there is none. */
function meanWhere(x: Tensor, mask: Tensor): Tensor {
  return div(sum(mul(x, mask)), maximum(sum(mask), 1));
}

function identity(L: number): Tensor {
  return tensor(
    Float32Array.from({ length: L * L }, (_, i) => (i % (L + 1) === 0 ? 1 : 0)),
    [L, L],
  );
}
