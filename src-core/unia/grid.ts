import { bindShape, matMul, reshape, resizeBilinear, tensor, transpose, type Tensor } from '../tensor/index.ts';

/** Height and width of the token grid, H and W of method.md. */
export type Grid = readonly [height: number, width: number];

/**
 * Tokens as maps.
 *
 * @param tokens - `(N, L, C)` with L = H·W
 * @returns `(N, C, H, W)`
 */
export function tokensToMaps(tokens: Tensor, [H, W]: Grid): Tensor {
  const { N, C } = bindShape('tokens', tokens.shape, 'N L C', { L: H * W });
  return reshape(transpose(tokens, [0, 2, 1]), [N, C, H, W]);
}

/**
 * Maps as tokens.
 *
 * @param maps - `(N, C, H, W)`
 * @returns `(N, L, C)`
 */
export function mapsToTokens(maps: Tensor): Tensor {
  const { N, C, H, W } = bindShape('maps', maps.shape, 'N C H W');
  return transpose(reshape(maps, [N, C, H * W]), [0, 2, 1]);
}

/**
 * Bilinear resize of features whose channels come last, as two products and without transposes.
 *
 * @param x - `(N, H, W, C)`
 * @returns `(N, height, width, C)`
 */
export function resizeFeatures(x: Tensor, [height, width]: Grid): Tensor {
  const { N, H, W, C } = bindShape('features', x.shape, 'N H W C');
  const rows = reshape(interpolation(H, height), [1, height, H]);
  const columns = reshape(interpolation(W, width), [1, width, W]);
  const tall = matMul(rows, reshape(x, [N, H, W * C]));
  const wide = matMul(columns, reshape(tall, [N * height, W, C]));
  return reshape(wide, [N, height, width, C]);
}

/** `(to, from)`: the bilinear resize of the identity. */
function interpolation(from: number, to: number): Tensor {
  const identity = new Float32Array(from * from);
  for (let i = 0; i < from; i++) identity[i * from + i] = 1;
  return transpose(resizeBilinear(tensor(identity, [from, from]), [from, to]));
}
