import {
  add,
  bindShape,
  customGrad,
  mul,
  pad,
  reshape,
  reverse,
  slice,
  stack,
  sum,
  type Tensor,
} from '../tensor/index.ts';

/**
 * Depth-wise 2-D convolution, stride 1, zero padding that keeps the size.
 *
 * @param x - `(N, H, W, C)`
 * @param weight - `(KH, KW, C)`, odd sides
 * @returns `(N, H, W, C)`
 */
export function depthwiseConvolution(x: Tensor, weight: Tensor): Tensor {
  const { C } = bindShape('depth-wise input', x.shape, 'N H W C');
  const { KH, KW } = bindShape('depth-wise weight', weight.shape, 'KH KW C', { C });
  if (KH % 2 === 0 || KW % 2 === 0) throw new RangeError(`depth-wise weight: expected odd sides, got ${KH}x${KW}`);
  // tfjs types the gradient function over its abstract Tensor class only, hence the casts.
  const withGradient = customGrad<Tensor>(((input: Tensor, kernel: Tensor, save: (kept: Tensor[]) => void) => {
    save([input, kernel]);
    return {
      value: correlate(input, kernel),
      gradFunc: (dy: Tensor, [savedInput, savedKernel]: Tensor[]) => {
        const taps = shifts(savedInput!, KH, KW).map((shifted) => sum(mul(shifted, dy), [0, 1, 2]));
        return [correlate(dy, reverse(savedKernel!, [0, 1])), reshape(stack(taps), [KH, KW, C])];
      },
    };
  }) as never);
  return withGradient(x, weight);
}

function correlate(x: Tensor, weight: Tensor): Tensor {
  const [KH, KW, C] = weight.shape as [number, number, number];
  const taps = shifts(x, KH, KW).map((shifted, tap) => {
    const at = [Math.floor(tap / KW), tap % KW, 0];
    return mul(shifted, reshape(slice(weight, at, [1, 1, C]), [C]));
  });
  return taps.reduce((total, tap) => add(total, tap));
}

/** The input moved to every tap of the kernel, row by row. */
function shifts(x: Tensor, KH: number, KW: number): Tensor[] {
  const [rows, columns] = [(KH - 1) / 2, (KW - 1) / 2];
  const padded = pad(x, [
    [0, 0],
    [rows, rows],
    [columns, columns],
    [0, 0],
  ]);
  return Array.from({ length: KH * KW }, (_, tap) => slice(padded, [0, Math.floor(tap / KW), tap % KW, 0], x.shape));
}
