import { gather, matMul, reshape, tensor2d, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Bilinear resize of the last two axes, half-pixel centres (align_corners false), no antialiasing.
 * Written as two matrix products with constant matrices, so it has a gradient on every engine.
 *
 * @param x - `(..., H, W)`
 * @returns `(..., height, width)`
 */
export function resizeBilinear(x: Tensor, [height, width]: readonly [number, number]): Tensor {
  return resizeLinearly(x, height, width, bilinearTaps);
}

/** Bicubic resize of the last two axes with a = -0.75, half-pixel centres, no antialiasing (PyTorch's `bicubic`). */
export function resizeBicubic(x: Tensor, [height, width]: readonly [number, number]): Tensor {
  return resizeLinearly(x, height, width, bicubicTaps);
}

/** Nearest-neighbour resize of the last two axes: source index floor(i · in / out) (method.md 10). No gradient. */
export function resizeNearest(x: Tensor, [height, width]: readonly [number, number]): Tensor {
  const rows = gather(x, nearestIndices(x.shape.at(-2)!, height), x.rank - 2);
  return gather(rows, nearestIndices(x.shape.at(-1)!, width), x.rank - 1);
}

function nearestIndices(from: number, to: number): Tensor {
  const indices = Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
  return reshape(tensor2d([indices], [1, to], 'int32'), [to]);
}

type Taps = (from: number, to: number, i: number) => readonly (readonly [index: number, weight: number])[];

function resizeLinearly(x: Tensor, height: number, width: number, taps: Taps): Tensor {
  const [h, w] = [x.shape.at(-2)!, x.shape.at(-1)!];
  const outer = x.shape.slice(0, -2);
  const planes = outer.reduce((product, size) => product * size, 1);
  let result = x;
  // One flat product for the width, then one batched product for the height.
  if (w !== width) {
    const flat = reshape(result, [planes * h, w]);
    result = matMul(flat, interpolationMatrix(w, width, taps), false, true);
  }
  if (h !== height) {
    const stacked = reshape(result, [planes, h, width]);
    const rows = reshape(interpolationMatrix(h, height, taps), [1, height, h]);
    result = matMul(rows, stacked);
  }
  return reshape(result, [...outer, height, width]);
}

/** `(to, from)`: row i holds the weights with which output i reads the inputs. */
function interpolationMatrix(from: number, to: number, taps: Taps): Tensor {
  const values = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    for (const [index, weight] of taps(from, to, i)) {
      const clamped = Math.min(Math.max(index, 0), from - 1);
      values[i * from + clamped]! += weight;
    }
  }
  return tensor2d(values, [to, from]);
}

const bilinearTaps: Taps = (from, to, i) => {
  const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
  const left = Math.floor(position);
  const fraction = position - left;
  return [
    [left, 1 - fraction],
    [left + 1, fraction],
  ];
};

const BICUBIC_A = -0.75;

const bicubicTaps: Taps = (from, to, i) => {
  const position = ((i + 0.5) * from) / to - 0.5;
  const left = Math.floor(position);
  const fraction = position - left;
  return [-1, 0, 1, 2].map((offset) => [left + offset, cubic(Math.abs(offset - fraction))] as const);
};

function cubic(t: number): number {
  const a = BICUBIC_A;
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return 0;
}
