import {
  concat,
  customGrad,
  matMul,
  pad,
  reshape,
  reverse,
  slice,
  transpose,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { bindShape } from './shape.ts';

/**
 * 2-D convolution, stride 1, zero padding that keeps the size (odd kernels). Written as patches times matrix, so that
 * forward and both gradients are plain matrix products on every engine.
 *
 * @param x - `(N, H, W, I)`
 * @param weight - `(KH, KW, I, O)`
 * @returns `(N, H, W, O)`
 */
export function convolution(x: Tensor, weight: Tensor, dilation = 1): Tensor {
  const { I } = bindShape('convolution input', x.shape, 'N H W I');
  const { KH, KW } = bindShape('convolution weight', weight.shape, 'KH KW I O', { I });
  if (KH % 2 === 0 || KW % 2 === 0)
    throw new RangeError(`convolution weight: expected odd kernel sides, got ${KH}x${KW}`);
  const withGradient = customGrad(((input: Tensor, w: Tensor, save: (tensors: Tensor[]) => void) => {
    save([input, w]);
    return {
      value: correlate(input, w, dilation),
      gradFunc: (dy: Tensor, [savedInput, savedWeight]: Tensor[]) => {
        const turned = transpose(reverse(savedWeight!, [0, 1]), [0, 1, 3, 2]);
        const O = dy.shape[3]!;
        const columns = patches(savedInput!, KH, KW, dilation);
        const dWeight = matMul(columns, reshape(dy, [dy.size / O, O]), true, false);
        return [correlate(dy, turned, dilation), reshape(dWeight, savedWeight!.shape)];
      },
    };
  }) as never) as (input: Tensor, w: Tensor) => Tensor;
  return withGradient(x, weight);
}

function correlate(x: Tensor, weight: Tensor, dilation: number): Tensor {
  const [KH, KW, I, O] = weight.shape as [number, number, number, number];
  const columns = patches(x, KH, KW, dilation);
  const product = matMul(columns, reshape(weight, [KH * KW * I, O]));
  return reshape(product, [x.shape[0]!, x.shape[1]!, x.shape[2]!, O]);
}

/** `(N·H·W, KH·KW·I)`: every pixel's neighbourhood as a row. */
function patches(x: Tensor, KH: number, KW: number, dilation: number): Tensor {
  const [N, H, W, I] = x.shape as [number, number, number, number];
  const rows = ((KH - 1) / 2) * dilation;
  const columns = ((KW - 1) / 2) * dilation;
  const padded = pad(x, [
    [0, 0],
    [rows, rows],
    [columns, columns],
    [0, 0],
  ]);
  const shifted: Tensor[] = [];
  for (let i = 0; i < KH; i++) {
    for (let j = 0; j < KW; j++) {
      shifted.push(slice(padded, [0, i * dilation, j * dilation, 0], [N, H, W, I]));
    }
  }
  return reshape(concat(shifted, 3), [N * H * W, KH * KW * I]);
}

/**
 * Repeats the border of the last two axes `by` pixels outwards (replicate padding).
 *
 * @param x - `(..., H, W)`
 * @returns `(..., H + 2·by, W + 2·by)`
 */
export function padEdge(x: Tensor, by: number): Tensor {
  if (by === 0) return x;
  const padded = repeatBorder(x, x.rank - 1, by);
  return repeatBorder(padded, x.rank - 2, by);
}

function repeatBorder(x: Tensor, axis: number, by: number): Tensor {
  const size = x.shape[axis]!;
  const line = (at: number): Tensor => {
    const begin = x.shape.map(() => 0);
    begin[axis] = at;
    return slice(
      x,
      begin,
      x.shape.map((s, i) => (i === axis ? 1 : s)),
    );
  };
  const first = Array.from({ length: by }, () => line(0));
  const last = Array.from({ length: by }, () => line(size - 1));
  return concat([...first, x, ...last], axis);
}
