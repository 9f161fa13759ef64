import { slice_util, type DataType } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../tensor/shape.ts';
import { traceKernel } from '../tracing-backend.ts';
import type { Graph, Value } from '../graph.ts';
import { filled, one, scalar } from './elementwise.ts';

export function reshape(graph: Graph, x: Value, shape: readonly number[]): Value {
  if (shape.join() === x.shape.join()) return x;
  if (x.constant) return graph.constant(x.constant, shape, x.dtype);
  return one(graph, 'Reshape', [x, graph.int64(shape)], shape, x.dtype);
}

export function transpose(graph: Graph, x: Value, permutation: readonly number[]): Value {
  if (permutation.every((axis, i) => axis === i)) return x;
  const shape = permutation.map((axis) => x.shape[axis]!);
  // Moving axes of size 1 only is a reshape.
  const real = permutation.filter((axis) => x.shape[axis] !== 1);
  if (real.every((axis, i) => i === 0 || real[i - 1]! < axis)) return reshape(graph, x, shape);
  return one(graph, 'Transpose', [x], shape, x.dtype, { perm: permutation });
}

export function sliced(graph: Graph, x: Value, begin: readonly number[], size: readonly number[]): Value {
  if (size.join() === x.shape.join()) return x;
  const axes = size.flatMap((n, axis) => (n === x.shape[axis] ? [] : [axis]));
  const starts = graph.int64(axes.map((axis) => begin[axis]!));
  const ends = graph.int64(axes.map((axis) => begin[axis]! + size[axis]!));
  return one(graph, 'Slice', [x, starts, ends, graph.int64(axes)], size, x.dtype);
}

export function padded(
  graph: Graph,
  x: Value,
  paddings: readonly (readonly [before: number, after: number])[],
  constant: number,
): Value {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((n, i) => n + paddings[i]![0] + paddings[i]![1]);
  const pads = graph.int64([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  return one(graph, 'Pad', [x, pads, scalar(graph, constant, x.dtype)], shape, x.dtype, { mode: 'constant' });
}

function resolveShape(wanted: readonly number[], size: number): number[] {
  const known = wanted.reduce((product, n) => (n === -1 ? product : product * n), 1);
  return wanted.map((n) => (n === -1 ? size / known : n));
}

export function registerShapes(): void {
  traceKernel('Reshape', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    return reshape(graph, x, resolveShape(attributes['shape'] as number[], sizeOf(x.shape)));
  });
  traceKernel('ExpandDims', ({ inputs, attributes, graph }) => {
    const x = inputs['input']!;
    const dim = attributes['dim'] as number;
    const shape = [...x.shape];
    shape.splice(dim < 0 ? x.shape.length + dim + 1 : dim, 0, 1);
    return reshape(graph, x, shape);
  });
  traceKernel('Identity', ({ inputs }) => inputs['x']!);
  traceKernel('Transpose', ({ inputs, attributes, graph }) =>
    transpose(graph, inputs['x']!, attributes['perm'] as number[]),
  );
  traceKernel('Slice', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const [begin, size] = slice_util.parseSliceParams(
      { ...x, shape: [...x.shape], dataId: {} },
      attributes['begin'] as number[],
      attributes['size'] as number[],
    );
    return sliced(graph, x, begin!, size!);
  });
  traceKernel('Concat', ({ list, attributes, graph }) => {
    const first = list[0]!;
    const axis = ((attributes['axis'] as number) + first.shape.length) % first.shape.length;
    const parts = list.filter(({ shape }) => sizeOf(shape) > 0);
    if (parts.length === 1) return parts[0]!;
    const total = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    const shape = first.shape.map((n, i) => (i === axis ? total : n));
    return one(graph, 'Concat', parts, shape, first.dtype, { axis });
  });
  traceKernel('Pack', ({ list, attributes, graph }) => {
    const first = list[0]!;
    const rank = first.shape.length + 1;
    const axis = ((attributes['axis'] as number) + rank) % rank;
    const expanded = [...first.shape.slice(0, axis), 1, ...first.shape.slice(axis)];
    const parts = list.map((value) => reshape(graph, value, expanded));
    if (parts.length === 1) return parts[0]!;
    const shape = expanded.map((n, i) => (i === axis ? parts.length : n));
    return one(graph, 'Concat', parts, shape, first.dtype, { axis });
  });
  traceKernel('Unpack', ({ inputs, attributes, graph }) => {
    const x = inputs['value']!;
    const axis = ((attributes['axis'] as number) + x.shape.length) % x.shape.length;
    const rest = x.shape.filter((_, i) => i !== axis);
    return Array.from({ length: x.shape[axis]! }, (_, at) => {
      const begin = x.shape.map((__, i) => (i === axis ? at : 0));
      const size = x.shape.map((n, i) => (i === axis ? 1 : n));
      return reshape(graph, sliced(graph, x, begin, size), rest);
    });
  });
  traceKernel('SplitV', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const axis = ((attributes['axis'] as number) + x.shape.length) % x.shape.length;
    const given = attributes['numOrSizeSplits'] as number | number[];
    const parts = typeof given === 'number' ? Array<number>(given).fill(x.shape[axis]! / given) : given;
    const rest = x.shape[axis]! - parts.reduce((sum, n) => sum + Math.max(n, 0), 0);
    let at = 0;
    return parts.map((n) => {
      const length = n === -1 ? rest : n;
      const begin = x.shape.map((_, i) => (i === axis ? at : 0));
      at += length;
      return sliced(
        graph,
        x,
        begin,
        x.shape.map((size, i) => (i === axis ? length : size)),
      );
    });
  });
  traceKernel('PadV2', ({ inputs, attributes, graph }) =>
    padded(graph, inputs['x']!, attributes['paddings'] as [number, number][], attributes['constantValue'] as number),
  );
  traceKernel('MirrorPad', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const mode = attributes['mode'] as string;
    if (mode !== 'reflect') throw new Error(`MirrorPad: mode ${mode} has no ONNX counterpart in use`);
    const paddings = attributes['paddings'] as [number, number][];
    const shape = x.shape.map((n, i) => n + paddings[i]![0] + paddings[i]![1]);
    const pads = graph.int64([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
    return one(graph, 'Pad', [x, pads], shape, x.dtype, { mode: 'reflect' });
  });
  traceKernel('Tile', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const reps = attributes['reps'] as number[];
    const shape = x.shape.map((n, i) => n * reps[i]!);
    // Repeating axes of size 1 is broadcasting, which runs faster than a tile.
    const operator = x.shape.every((n, i) => n === 1 || reps[i] === 1) ? 'Expand' : 'Tile';
    return one(graph, operator, [x, graph.int64(operator === 'Expand' ? shape : reps)], shape, x.dtype);
  });
  traceKernel('BroadcastTo', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const shape = attributes['shape'] as number[];
    return shape.join() === x.shape.join() ? x : one(graph, 'Expand', [x, graph.int64(shape)], shape, x.dtype);
  });
  traceKernel('Reverse', ({ inputs, attributes, graph }) => {
    const x = inputs['x']!;
    const axes = [attributes['dims'] as number | number[]]
      .flat()
      .map((axis) => (axis < 0 ? axis + x.shape.length : axis));
    if (axes.length === 0) return x;
    // Gathering backwards runs on every provider; slices with a negative step do not.
    return axes.reduce((value, axis) => {
      const n = x.shape[axis]!;
      const indices = graph.int64(Array.from({ length: n }, (_, i) => n - 1 - i));
      return one(graph, 'Gather', [value, indices], x.shape, x.dtype, { axis });
    }, x);
  });
  traceKernel('GatherV2', ({ inputs, attributes, graph }) => {
    const [x, indices] = [inputs['x']!, inputs['indices']!];
    if ((attributes['batchDims'] as number) !== 0) throw new Error('GatherV2: batchDims other than 0 is not traced');
    const axis = ((attributes['axis'] as number) + x.shape.length) % x.shape.length;
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return one(graph, 'Gather', [x, indices], shape, x.dtype, { axis });
  });
  // The gradient of gather: rows added up by index, as a product with the one-hot matrix.
  traceKernel('UnsortedSegmentSum', ({ inputs, attributes, graph }) => {
    const [x, segments] = [inputs['x']!, inputs['segmentIds']!];
    const count = attributes['numSegments'] as number;
    const rows = x.shape[0]!;
    const hot = oneHot(graph, segments, count, 1, 0, 'float32');
    const flat = reshape(graph, x, [rows, sizeOf(x.shape) / rows]);
    const sum = one(graph, 'Gemm', [hot, flat], [count, flat.shape[1]!], x.dtype, { transA: 1 });
    return reshape(graph, sum, [count, ...x.shape.slice(1)]);
  });
  traceKernel('OneHot', ({ inputs, attributes, graph }) =>
    oneHot(
      graph,
      inputs['indices']!,
      attributes['depth'] as number,
      attributes['onValue'] as number,
      attributes['offValue'] as number,
      attributes['dtype'] as DataType,
    ),
  );
  traceKernel('ZerosLike', ({ inputs, graph }) => filled(graph, inputs['x']!.shape, 0, inputs['x']!.dtype));
  traceKernel('OnesLike', ({ inputs, graph }) => filled(graph, inputs['x']!.shape, 1, inputs['x']!.dtype));
  traceKernel('Range', ({ attributes, graph }) => {
    const { start, stop, step } = attributes as Record<'start' | 'stop' | 'step', number>;
    const length = Math.max(0, Math.ceil((stop - start) / step));
    const dtype = (attributes['dtype'] as DataType | undefined) ?? 'float32';
    const fill = (_: unknown, i: number): number => start + i * step;
    const data = dtype === 'int32' ? Int32Array.from({ length }, fill) : Float32Array.from({ length }, fill);
    return graph.constant(data, [length], dtype);
  });
  traceKernel('Fill', ({ attributes, graph }) =>
    filled(
      graph,
      attributes['shape'] as number[],
      attributes['value'] as number,
      (attributes['dtype'] as DataType | undefined) ?? 'float32',
    ),
  );
}

function oneHot(graph: Graph, indices: Value, depth: number, on: number, off: number, dtype: DataType): Value {
  const shape = [...indices.shape, depth];
  const column = reshape(graph, indices, [...indices.shape, 1]);
  const ids = graph.constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    [depth],
    'int32',
  );
  const whole = indices.dtype === 'int32' ? column : one(graph, 'Cast', [column], column.shape, 'int32', { to: 6 });
  const equal = one(graph, 'Equal', [whole, ids], shape, 'bool');
  return one(graph, 'Where', [equal, scalar(graph, on, dtype), scalar(graph, off, dtype)], shape, dtype);
}
