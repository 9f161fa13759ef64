import type { DataType } from '@tensorflow/tfjs-core';
import { traceKernel, type KernelCall } from '../tracing-backend.ts';
import type { Graph, Value } from '../graph.ts';

type Binary = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min' | 'Pow';

export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    return x === 1 ? y : x;
  });
}

/** The one number a constant consists of, if all its elements are equal. */
function uniformValue(value: Value): number | undefined {
  const data = value.constant;
  if (!data || data.length === 0) return undefined;
  const first = data[0]!;
  return data.every((x) => x === first) ? first : undefined;
}

export function scalar(graph: Graph, value: number, dtype: DataType): Value {
  const data =
    dtype === 'int32' ? Int32Array.of(value) : dtype === 'bool' ? Uint8Array.of(value) : Float32Array.of(value);
  return graph.constant(data, [], dtype);
}

export function filled(graph: Graph, shape: readonly number[], value: number, dtype: DataType): Value {
  const size = shape.reduce((product, n) => product * n, 1);
  const data =
    dtype === 'int32' ? new Int32Array(size) : dtype === 'bool' ? new Uint8Array(size) : new Float32Array(size);
  return graph.constant(data.fill(value), shape, dtype);
}

export function one(
  graph: Graph,
  operator: string,
  inputs: readonly (Value | string)[],
  shape: readonly number[],
  dtype: DataType,
  attributes: Parameters<Graph['node']>[3] = {},
): Value {
  const names = inputs.map((input) => (typeof input === 'string' ? input : input.name));
  return graph.node(operator, names, [{ shape, dtype }], attributes)[0]!;
}

/** A constant that is the same everywhere need not be stored at full size where it is broadcast anyway. */
function shrink(graph: Graph, value: Value, other: Value, shape: readonly number[]): Value {
  const uniform = uniformValue(value);
  if (uniform === undefined || other.shape.join() !== shape.join()) return value;
  return scalar(graph, uniform, value.dtype);
}

function binary(operator: Binary) {
  return ({ inputs, graph }: KernelCall): Value => {
    const a = inputs['a']!;
    const b = inputs['b']!;
    const shape = broadcastShape(a.shape, b.shape);
    const [ua, ub] = [uniformValue(a), uniformValue(b)];
    const keepsA = a.shape.join() === shape.join();
    const keepsB = b.shape.join() === shape.join();
    if (keepsA && ((operator === 'Mul' && ub === 1) || (operator === 'Div' && ub === 1))) return a;
    if (keepsB && operator === 'Mul' && ua === 1) return b;
    if (keepsA && (operator === 'Add' || operator === 'Sub') && ub === 0) return a;
    if (keepsB && operator === 'Add' && ua === 0) return b;
    if (operator === 'Mul' && (ua === 0 || ub === 0)) return filled(graph, shape, 0, a.dtype);
    return one(graph, operator, [shrink(graph, a, b, shape), shrink(graph, b, a, shape)], shape, a.dtype);
  };
}

function comparison(operator: string, negated = false) {
  return ({ inputs, graph }: KernelCall): Value => {
    const a = inputs['a']!;
    const b = inputs['b']!;
    const shape = broadcastShape(a.shape, b.shape);
    const result = one(graph, operator, [shrink(graph, a, b, shape), shrink(graph, b, a, shape)], shape, 'bool');
    return negated ? one(graph, 'Not', [result], shape, 'bool') : result;
  };
}

function unary(operator: string, attributes = {}) {
  return ({ inputs, graph }: KernelCall): Value => {
    const x = inputs['x']!;
    return one(graph, operator, [x], x.shape, x.dtype, attributes);
  };
}

export function registerElementwise(): void {
  const binaries: Record<string, Binary> = {
    Add: 'Add',
    Sub: 'Sub',
    Multiply: 'Mul',
    RealDiv: 'Div',
    Maximum: 'Max',
    Minimum: 'Min',
    Pow: 'Pow',
  };
  for (const [kernel, operator] of Object.entries(binaries)) traceKernel(kernel, binary(operator));

  traceKernel('Equal', comparison('Equal'));
  traceKernel('NotEqual', comparison('Equal', true));
  traceKernel('Greater', comparison('Greater'));
  traceKernel('GreaterEqual', comparison('GreaterOrEqual'));
  traceKernel('Less', comparison('Less'));
  traceKernel('LessEqual', comparison('LessOrEqual'));
  traceKernel('LogicalAnd', comparison('And'));
  traceKernel('LogicalOr', comparison('Or'));

  for (const operator of [
    'Abs',
    'Neg',
    'Exp',
    'Log',
    'Sqrt',
    'Sign',
    'Erf',
    'Sigmoid',
    'Tanh',
    'Relu',
    'Softplus',
    'Reciprocal',
    'Floor',
    'Ceil',
    'Round',
  ]) {
    traceKernel(operator, unary(operator));
  }
  traceKernel('LogicalNot', unary('Not'));
  traceKernel('Square', ({ inputs, graph }) => {
    const x = inputs['x']!;
    return one(graph, 'Mul', [x, x], x.shape, x.dtype);
  });
  traceKernel('SquaredDifference', ({ inputs, graph }) => {
    const [a, b] = [inputs['a']!, inputs['b']!];
    const shape = broadcastShape(a.shape, b.shape);
    const difference = one(graph, 'Sub', [a, b], shape, a.dtype);
    return one(graph, 'Mul', [difference, difference], shape, a.dtype);
  });
  traceKernel('Rsqrt', ({ inputs, graph }) => {
    const x = inputs['x']!;
    const root = one(graph, 'Sqrt', [x], x.shape, x.dtype);
    return one(graph, 'Reciprocal', [root], x.shape, x.dtype);
  });
  traceKernel('Step', ({ inputs, graph, attributes }) => {
    const x = inputs['x']!;
    const alpha = attributes['alpha'] as number;
    const positive = one(graph, 'Greater', [x, scalar(graph, 0, x.dtype)], x.shape, 'bool');
    if (alpha === 0 && x.dtype === 'float32') return one(graph, 'Cast', [positive], x.shape, x.dtype, { to: 1 });
    return one(graph, 'Where', [positive, scalar(graph, 1, x.dtype), scalar(graph, alpha, x.dtype)], x.shape, x.dtype);
  });
  traceKernel('ClipByValue', ({ inputs, graph, attributes }) => {
    const x = inputs['x']!;
    const low = scalar(graph, attributes['clipValueMin'] as number, x.dtype);
    const high = scalar(graph, attributes['clipValueMax'] as number, x.dtype);
    return one(graph, 'Clip', [x, low, high], x.shape, x.dtype);
  });
  traceKernel('AddN', ({ list, graph }) => {
    const first = list[0]!;
    return list.length === 1 ? first : one(graph, 'Sum', list, first.shape, first.dtype);
  });
  traceKernel('Select', ({ inputs, graph }) => {
    const [condition, t, e] = [inputs['condition']!, inputs['t']!, inputs['e']!];
    const shape = broadcastShape(condition.shape, broadcastShape(t.shape, e.shape));
    return one(graph, 'Where', [condition, t, e], shape, t.dtype);
  });
  traceKernel('Cast', ({ inputs, graph, attributes }) => {
    const x = inputs['x']!;
    const dtype = attributes['dtype'] as DataType;
    if (dtype === x.dtype) return x;
    const code = { float32: 1, int32: 6, bool: 9 }[dtype as string];
    if (code === undefined) throw new TypeError(`Cast: no ONNX element type for ${dtype}`);
    return one(graph, 'Cast', [x], x.shape, dtype, { to: code });
  });
  traceKernel('Softmax', ({ inputs, graph, attributes }) => {
    const x = inputs['logits']!;
    const dim = attributes['dim'] as number;
    return one(graph, 'Softmax', [x], x.shape, x.dtype, { axis: dim < 0 ? dim + x.shape.length : dim });
  });
  traceKernel('LogSoftmax', ({ inputs, graph, attributes }) => {
    const x = inputs['logits']!;
    const axis = attributes['axis'] as number;
    return one(graph, 'LogSoftmax', [x], x.shape, x.dtype, { axis: axis < 0 ? axis + x.shape.length : axis });
  });
}
