// Between the arrays of reference cases and tensors, for adapters of differentiable functions.
import { addN, grads, mul, sum, tensor, tidy, type Tensor } from '../../src-core/tensor/index.ts';
import type { NpyArray } from './npz.ts';
import { npy, type Adapter, type CaseOutputs, type CaseRun } from './registry.ts';

/** Inputs as tensors: integers stay integers, all else is float32. */
export function toTensor({ shape, data }: NpyArray): Tensor {
  const integer = data instanceof Int32Array || data instanceof Uint8Array;
  return integer
    ? tensor(Int32Array.from(data), [...shape], 'int32')
    : tensor(Float32Array.from(data as ArrayLike<number>), [...shape]);
}

/** A tensor's values as an output array, of the kind named. */
export function toArray(x: Tensor, kind: 'float' | 'int32' | 'uint8' = 'float'): NpyArray {
  const values = x.dataSync();
  if (kind === 'int32') return npy(x.shape, Int32Array.from(values));
  if (kind === 'uint8') return npy(x.shape, Uint8Array.from(values));
  return npy(x.shape, Float64Array.from(values));
}

/** Inputs under a prefix such as `p.`, without it. */
export function weights(inputs: Readonly<Record<string, Tensor>>, prefix: string): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** What a tensor program needs of a case. */
export interface TensorCase {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly options: CaseRun['options'];
  readonly folder: string;
}

export interface AdapterOptions {
  /** Inputs to differentiate by: the outputs, each times its `probe_*` where there is one, are summed. */
  readonly gradients?: (input: string, run: CaseRun) => boolean;
  readonly kind?: 'float' | 'int32' | 'uint8';
}

/** An adapter of a tensor program: its outputs and, where the case is differentiable, its gradients. */
export function tensorAdapter(
  program: (given: TensorCase) => Record<string, Tensor>,
  { gradients, kind = 'float' }: AdapterOptions = {},
): Adapter {
  return (run) =>
    tidy(() => {
      const inputs = Object.fromEntries(Object.entries(run.inputs).map(([name, array]) => [name, toTensor(array)]));
      const given = { inputs, options: run.options, folder: run.folder };
      const outputs: CaseOutputs = {};
      for (const [name, value] of Object.entries(program(given))) outputs[name] = toArray(value, kind);
      const differentiable = Object.keys(inputs).filter((name) => !name.startsWith('probe_') && gradients?.(name, run));
      if (differentiable.length === 0) return outputs as never;
      const objective = (...values: Tensor[]): Tensor => {
        const replaced = Object.fromEntries(differentiable.map((name, i) => [name, values[i]!]));
        return probed(program({ ...given, inputs: { ...inputs, ...replaced } }), inputs);
      };
      const slopes = grads(objective)(differentiable.map((name) => inputs[name]!));
      differentiable.forEach((name, i) => (outputs[`grad_${name}`] = toArray(slopes[i]!)));
      return outputs as never;
    });
}

function probed(outputs: Record<string, Tensor>, inputs: Readonly<Record<string, Tensor>>): Tensor {
  const terms = Object.entries(outputs).map(([name, value]) => {
    const probe = inputs[`probe_${name}`];
    return sum(probe ? mul(value, probe) : value);
  });
  return addN(terms);
}

/** An option that is a pair, such as a grid or a window. */
export function gridOf(option: unknown): readonly [number, number] {
  const [height, width] = option as [number, number]; // index.json
  return [height, width];
}
