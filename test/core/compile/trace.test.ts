import onnxProto, { type onnx } from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { trace, type Program, type Tensors } from '../../../src-core/compile/index.ts';
import {
  add,
  exp,
  gather,
  matMul,
  mul,
  ones,
  reshape,
  sum,
  tensor,
  type Tensor,
} from '../../../src-core/tensor/index.ts';
import { prod, unique } from '@tensorflow/tfjs-core';

const program = (run: (x: Tensor, state: Tensors) => Tensors, state: Program['state'] = {}): Program => ({
  name: 'small',
  inputs: { x: { shape: [2, 3], dtype: 'float32' } },
  state,
  run: ({ x }, held) => ({ outputs: run(x!, held) }),
});

function graphOf(given: Program): onnx.IGraphProto {
  return onnxProto.onnx.ModelProto.decode(trace(given).model).graph!;
}
const operators = (graph: onnx.IGraphProto): string[] => graph.node!.map(({ opType }) => opType!);

describe('tracing a program', () => {
  it('names an operation that has no trace kernel, and the program', () => {
    expect(() => trace(program((x) => ({ y: unique(reshape(x, [6])).values })))).toThrow(
      /Cannot trace "small": .*'Unique'.*not registered/,
    );
  });

  it('refuses to read a value: control flow must be static', () => {
    expect(() => trace(program((x) => ({ y: x.dataSync()[0]! > 0 ? x : exp(x) })))).toThrow(
      'Cannot trace "small": A traced program cannot read the value of x: shapes and control flow must be static',
    );
  });

  it('refuses a boolean output by its name', () => {
    expect(() => trace(program((x) => ({ mask: x.greater(0) })))).toThrow(
      'small: output "mask": expected float32 or int32, got bool',
    );
  });

  it('computes what depends on constants only while it traces', () => {
    const graph = graphOf(program((x) => ({ y: mul(x, sum(exp(matMul(ones([2, 2]), ones([2, 2]))))) })));
    expect(operators(graph)).toEqual(['Mul']);
    const [constant] = graph.initializer!;
    const value = new DataView(Uint8Array.from(constant!.rawData!).buffer).getFloat32(0, true);
    expect(value).toBeCloseTo(4 * Math.exp(2), 4);
  });

  it('writes equal constants once', () => {
    const weights = (): Tensor => tensor([0, 1, 2, 3, 4, 5], [2, 3]);
    const graph = graphOf(program((x) => ({ y: add(mul(x, weights()), weights()) })));
    expect(graph.initializer).toHaveLength(1);
  });

  it('tells constants of equal bytes and other shapes or types apart', () => {
    const graph = graphOf(
      program((x) => ({
        y: add(mul(x, tensor([1, 2, 3])), tensor([1, 2, 3], [3, 1]).reshape([1, 3])),
        z: gather(x, tensor([1, 0], [2], 'int32')),
        w: prod(add(x, tensor([1.401298464324817e-45, 0], [2, 1]))),
      })),
    );
    const kinds = graph.initializer!.map(({ dims, dataType }) => `${String(dataType)}:${dims!.join()}`);
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  it('writes equal nodes once', () => {
    const graph = graphOf(program((x) => ({ y: mul(exp(x), exp(x)) })));
    expect(operators(graph)).toEqual(['Exp', 'Mul']);
  });

  it('leaves out nodes and constants that nobody reads', () => {
    const graph = graphOf(
      program((x) => {
        exp(mul(x, tensor([1, 2, 3])));
        return { y: add(x, x) };
      }),
    );
    expect(operators(graph)).toEqual(['Add']);
    expect(graph.initializer).toHaveLength(0);
  });

  it('gives an input, a constant and one value under two names as outputs', () => {
    const graph = graphOf(program((x) => ({ same: x, one: ones([2]), twice: exp(x), again: exp(x) })));
    expect(graph.output!.map(({ name }) => name)).toEqual(['same', 'one', 'twice', 'again']);
    expect(operators(graph).sort()).toEqual(['Exp', 'Identity', 'Identity', 'Identity']);
  });

  it('gives updated state as next values and lists it', () => {
    const traced = trace({
      ...program(() => ({}), { w: { shape: [2, 3], dtype: 'float32' }, kept: { shape: [1], dtype: 'float32' } }),
      run: ({ x }, { w }) => ({ outputs: {}, state: { w: add(w!, x!) } }),
    });
    expect(traced.updated).toEqual(['w']);
    const graph = onnxProto.onnx.ModelProto.decode(traced.model).graph!;
    expect(graph.output!.map(({ name }) => name)).toEqual(['next:w']);
  });

  it('gives the same bytes every time', () => {
    const once = (): Uint8Array => trace(program((x) => ({ y: sum(exp(x)) }))).model;
    expect(Buffer.compare(once(), once())).toBe(0);
  });
});
