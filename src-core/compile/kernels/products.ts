import { traceKernel } from '../tracing-backend.ts';
import type { Graph, Value } from '../graph.ts';
import { one } from './elementwise.ts';
import { reshape, transpose } from './shapes.ts';

export function registerProducts(): void {
  traceKernel('BatchMatMul', ({ inputs, attributes, graph }) => {
    const [a, b] = [inputs['a']!, inputs['b']!];
    const transA = attributes['transposeA'] === true;
    const transB = attributes['transposeB'] === true;
    const rows = a.shape.at(transA ? -1 : -2)!;
    const columns = b.shape.at(transB ? -2 : -1)!;
    const outer = batchShape(a, b);
    const shape = [...outer, rows, columns];
    if (outer.every((n) => n === 1)) {
      const flatA = withoutFactor(graph, reshape(graph, a, a.shape.slice(-2)));
      const flatB = withoutFactor(graph, reshape(graph, b, b.shape.slice(-2)));
      const alpha = flatA.factor * flatB.factor;
      const left = transA ? turned(graph, flatA.value) : flatA.value;
      const product = one(graph, 'Gemm', [left, flatB.value], [rows, columns], a.dtype, {
        ...(transB && { transB: 1 }),
        ...(alpha !== 1 && { alpha: { float: alpha } }),
      });
      return reshape(graph, product, shape);
    }
    const left = transA ? transpose(graph, a, swapLast(a)) : a;
    const right = transB ? transpose(graph, b, swapLast(b)) : b;
    return one(graph, 'MatMul', [left, right], shape, a.dtype);
  });
  registerConvolution();
  traceKernel('unia.Linear', ({ inputs, graph }) => {
    const [x, weight, bias] = [inputs['x']!, inputs['weight']!, inputs['bias']!];
    const free = withoutFactor(graph, x);
    return one(graph, 'Gemm', [free.value, weight, bias], [x.shape[0]!, weight.shape[0]!], x.dtype, {
      transB: 1,
      ...(free.factor !== 1 && { alpha: { float: free.factor } }),
    });
  });
}

/** NHWC outside, as the tensor door has it; NCHW inside. The runtime removes transposes that meet. */
function registerConvolution(): void {
  traceKernel('unia.Convolution', ({ inputs, attributes, graph }) => {
    const [x, weight] = [inputs['x']!, inputs['weight']!];
    const dilation = attributes['dilation'] as number;
    const [KH, KW, , O] = weight.shape as [number, number, number, number];
    const [N, H, W] = x.shape as [number, number, number];
    const [rows, columns] = [((KH - 1) / 2) * dilation, ((KW - 1) / 2) * dilation];
    const planes = transpose(graph, x, [0, 3, 1, 2]);
    const kernels = transpose(graph, weight, [3, 2, 0, 1]);
    const result = one(graph, 'Conv', [planes, kernels], [N, O, H, W], x.dtype, {
      dilations: [dilation, dilation],
      kernel_shape: [KH, KW],
      pads: [rows, columns, rows, columns],
      strides: [1, 1],
    });
    return transpose(graph, result, [0, 2, 3, 1]);
  });
}

/**
 * A value freed of a constant factor that the product can apply at no cost. The multiplication stays in the graph only
 * if something else reads it.
 */
function withoutFactor(graph: Graph, value: Value): { readonly value: Value; readonly factor: number } {
  const node = graph.producer(value);
  if (node?.operator === 'Reshape' && node.inputs[0]) {
    const inner = withoutFactor(graph, node.inputs[0]);
    return inner.factor === 1
      ? { value, factor: 1 }
      : { value: reshape(graph, inner.value, value.shape), factor: inner.factor };
  }
  if (node?.operator !== 'Mul') return { value, factor: 1 };
  const [left, right] = node.inputs;
  if (left && right?.constant?.length === 1) return { value: left, factor: right.constant[0]! };
  if (right && left?.constant?.length === 1) return { value: right, factor: left.constant[0]! };
  return { value, factor: 1 };
}

/**
 * Rows and columns of a matrix exchanged in a pass of its own. The runtime's product with a transposed left side, as
 * weight gradients need it, is a quarter slower on the CPU than pass and plain product together; it would put the two
 * back together if the matrix were not turned as a batch of one.
 */
function turned(graph: Graph, matrix: Value): Value {
  const [rows, columns] = matrix.shape as [number, number];
  const batch = reshape(graph, matrix, [1, rows, columns]);
  return reshape(graph, transpose(graph, batch, [0, 2, 1]), [columns, rows]);
}

function batchShape(a: Value, b: Value): number[] {
  const rank = Math.max(a.shape.length, b.shape.length) - 2;
  const at = (shape: readonly number[], i: number): number => shape[shape.length - 2 - rank + i] ?? 1;
  return Array.from({ length: rank }, (_, i) => Math.max(at(a.shape, i), at(b.shape, i)));
}

function swapLast({ shape }: Value): number[] {
  const axes = shape.map((_, i) => i);
  const [last, second] = [axes.pop()!, axes.pop()!];
  return [...axes, last, second];
}
