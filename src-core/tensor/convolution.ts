import {
  concat,
  conv2d,
  customGrad,
  engine,
  getKernel,
  matMul,
  pad,
  reshape,
  reverse,
  slice,
  stack,
  transpose,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { bindShape } from './shape.ts';

/** Kernel that only the tracer registers: one ONNX Conv. */
export const CONVOLUTION_KERNEL = 'unia.Convolution';

/**
 * 2-D convolution, stride 1, zero padding that keeps the size (odd kernels).
 *
 * @param x - `(N, H, W, I)`
 * @param weight - `(KH, KW, I, O)`
 * @returns `(N, H, W, O)`
 */
export function convolution(x: Tensor, weight: Tensor, dilation = 1): Tensor {
  const { I } = bindShape('convolution input', x.shape, 'N H W I');
  const { KH, KW } = bindShape('convolution weight', weight.shape, 'KH KW I O', { I });
  if (KH % 2 === 0 || KW % 2 === 0) {
    throw new RangeError(`convolution weight: expected odd kernel sides, got ${KH}x${KW}`);
  }
  const withGradient = customGrad<Tensor>(((input: Tensor, w: Tensor, save: (tensors: Tensor[]) => void) => {
    save([input, w]);
    return {
      value: correlate(input, w, dilation),
      gradFunc: (dy: Tensor, [savedInput, savedWeight]: Tensor[]) => {
        const turned = transpose(reverse(savedWeight!, [0, 1]), [0, 1, 3, 2]);
        return [correlate(dy, turned, dilation), weightGradient(savedInput!, dy, [KH, KW], dilation)];
      },
    };
  }) as never);
  return withGradient(x, weight);
}

function correlate(x: Tensor, weight: Tensor, dilation: number): Tensor {
  const [KH, KW, I, O] = weight.shape as [number, number, number, number];
  const [N, H, W] = x.shape as [number, number, number];
  if (KH === 1 && KW === 1) return reshape(matMul(reshape(x, [N * H * W, I]), reshape(weight, [I, O])), [N, H, W, O]);
  if (getKernel(CONVOLUTION_KERNEL, engine().backendName)) {
    return engine().runKernel<Tensor>(CONVOLUTION_KERNEL, { x, weight }, { dilation });
  }
  return conv2d(x as Tensor4D, weight as Tensor4D, 1, 'same', 'NHWC', dilation);
}

/** One product of the shifted input with dy for every tap: ONNX has no operator for it, and this needs no patch matrix. */
function weightGradient(x: Tensor, dy: Tensor, [KH, KW]: readonly [number, number], dilation: number): Tensor {
  const [N, H, W, I] = x.shape as [number, number, number, number];
  const O = dy.shape[3]!;
  const rows = ((KH - 1) / 2) * dilation;
  const columns = ((KW - 1) / 2) * dilation;
  const padded = pad(x, [
    [0, 0],
    [rows, rows],
    [columns, columns],
    [0, 0],
  ]);
  const flatDy = reshape(dy, [N * H * W, O]);
  const taps: Tensor[] = [];
  for (let i = 0; i < KH; i++) {
    for (let j = 0; j < KW; j++) {
      const shifted = slice(padded, [0, i * dilation, j * dilation, 0], [N, H, W, I]);
      taps.push(matMul(reshape(shifted, [N * H * W, I]), flatDy, true, false));
    }
  }
  return reshape(stack(taps), [KH, KW, I, O]);
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
