// Position embedding of the encoder: timm's table, resized to the input's grid (method.md 1 and 10).
import { bindShape, concat, resizeBicubic, slice, type Tensor } from '../tensor/index.ts';
import { mapsToTokens, tokensToMaps, type Grid } from './grid.ts';

/**
 * The position table resized bicubically to another grid; the class position is kept as it is.
 *
 * @param table - class position, then a square grid row by row; `(1, 1 + G², C)`
 * @returns `(1, 1 + H·W, C)`
 */
export function resizePositionEmbedding(table: Tensor, [H, W]: Grid): Tensor {
  const { T, C } = bindShape('position table', table.shape, '1 T C');
  const side = Math.round(Math.sqrt(T - 1));
  if (side < 1 || side * side !== T - 1) {
    throw new RangeError(`position table: expected 1 + a square number of rows, got ${T}`);
  }
  if (side === H && side === W) return table;
  const classPosition = slice(table, [0, 0, 0], [1, 1, C]);
  const patches = slice(table, [0, 1, 0], [1, T - 1, C]);
  const resized = resizeBicubic(tokensToMaps(patches, [side, side]), [H, W]);
  return concat([classPosition, mapsToTokens(resized)], 1);
}
