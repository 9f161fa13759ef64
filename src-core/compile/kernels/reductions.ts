import { traceKernel, type KernelCall } from '../tracing-backend.ts';
import type { Value } from '../graph.ts';
import { one } from './elementwise.ts';

function axesOf(x: Value, given: unknown): number[] {
  const axes = given === undefined || given === null ? x.shape.map((_, i) => i) : [given as number | number[]].flat();
  return axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)).sort((a, b) => a - b);
}

/** @param axisAttribute - the name tfjs gives the axes; Max and Min call them reductionIndices. */
function reduction(operator: string, axisAttribute: string) {
  return ({ inputs, attributes, graph }: KernelCall): Value => {
    const x = inputs['x']!;
    const axes = axesOf(x, attributes[axisAttribute]);
    const keep = attributes['keepDims'] === true;
    const shape = x.shape.flatMap((size, i) => (axes.includes(i) ? (keep ? [1] : []) : [size]));
    if (axes.every((axis) => x.shape[axis] === 1)) {
      return one(graph, 'Reshape', [x, graph.int64(shape)], shape, x.dtype);
    }
    return one(graph, operator, [x, graph.int64(axes)], shape, x.dtype, { keepdims: keep ? 1 : 0 });
  };
}

function argument(operator: string) {
  return ({ inputs, attributes, graph }: KernelCall): Value => {
    const x = inputs['x']!;
    const axis = axesOf(x, attributes['axis'])[0]!;
    const shape = x.shape.filter((_, i) => i !== axis);
    // ONNX gives int64; its element type never leaves this pair of nodes.
    const wide = one(graph, operator, [x], shape, 'int32', { axis, keepdims: 0 });
    return one(graph, 'Cast', [wide], shape, 'int32', { to: 6 });
  };
}

export function registerReductions(): void {
  traceKernel('Sum', reduction('ReduceSum', 'axis'));
  traceKernel('Mean', reduction('ReduceMean', 'axis'));
  traceKernel('Prod', reduction('ReduceProd', 'axis'));
  traceKernel('Max', reduction('ReduceMax', 'reductionIndices'));
  traceKernel('Min', reduction('ReduceMin', 'axis'));
  traceKernel('ArgMax', argument('ArgMax'));
  traceKernel('ArgMin', argument('ArgMin'));
  traceKernel('Cumsum', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const axis = axesOf(x, attributes['axis'])[0]!;
    return one(graph, 'CumSum', [x, graph.int64([axis])], x.shape, x.dtype, {
      exclusive: attributes['exclusive'] ? 1 : 0,
      reverse: attributes['reverse'] ? 1 : 0,
    });
  });
  traceKernel('unia.LayerNormalization', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const statistics = [...x.shape.slice(0, -1), 1];
    return graph.node(
      'LayerNormalization',
      [x.name, inputs['scale']!.name, inputs['shift']!.name],
      [x.shape, statistics, statistics].map((shape) => ({ shape, dtype: 'float32' })),
      { axis: -1, epsilon: { float: attributes['epsilon'] as number } },
    );
  });
}
