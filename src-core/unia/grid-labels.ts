// Label maps at the token grid: floor(i·S/g) for the row or column i of the grid (method.md 10).
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';
import {
  bindShape,
  cast,
  equal,
  greater,
  logicalAnd,
  logicalNot,
  notEqual,
  reshape,
  resizeNearest,
  type Tensor,
} from '../tensor/index.ts';
import type { Grid } from './grid.ts';

/**
 * Labels of the tokens.
 *
 * @param labels - label ids; `(N, H', W')`
 * @returns `(N, H, W)`
 */
export function labelsAtGrid(labels: Tensor, grid: Grid): Tensor {
  bindShape('labels', labels.shape, 'N H W');
  return resizeNearest(labels, grid);
}

/**
 * Foreground at the token grid, the target of Eq. (9): 1 where a class is, 0 on background and on ignored pixels.
 *
 * @param labels - `(N, H', W')`
 * @returns `(N, H, W)`, 0 or 1
 */
export function foregroundMask(labels: Tensor, grid: Grid): Tensor {
  const small = labelsAtGrid(labels, grid);
  return cast(logicalAnd(greater(small, BACKGROUND), notEqual(small, IGNORE)), 'float32');
}

/** Which pairs of tokens share a label and which differ. Pairs with an ignored token are neither. */
export interface PairRelations {
  /** `(N, L, L)`, 0 or 1, the diagonal included */
  readonly positive: Tensor;
  /** `(N, L, L)`, 0 or 1 */
  readonly negative: Tensor;
}

/** Relations of all token pairs, background being a label like any other. @param labels - `(N, H', W')` */
export function pairRelations(labels: Tensor, grid: Grid): PairRelations {
  const N = labels.shape[0];
  const L = grid[0] * grid[1];
  const small = cast(labelsAtGrid(labels, grid), 'float32');
  const rows = reshape(small, [N, L, 1]);
  const columns = reshape(small, [N, 1, L]);
  const known = logicalAnd(notEqual(rows, IGNORE), notEqual(columns, IGNORE));
  const same = equal(rows, columns);
  return {
    positive: cast(logicalAnd(known, same), 'float32'),
    negative: cast(logicalAnd(known, logicalNot(same)), 'float32'),
  };
}
