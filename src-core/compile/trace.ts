import '../tensor/index.ts';
import { engine, getBackend, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { Graph, type GraphOutput } from './graph.ts';
import { registerBlocks } from './kernels/blocks.ts';
import { registerElementwise } from './kernels/elementwise.ts';
import { registerProducts } from './kernels/products.ts';
import { registerReductions } from './kernels/reductions.ts';
import { registerShapes } from './kernels/shapes.ts';
import type { Program, Tensors } from './program.ts';
import { TRACE_BACKEND, tracingBackend } from './tracing-backend.ts';
import { elementType, type TensorSpec } from './values.ts';

/** A program as one ONNX model. State comes in under its own name and leaves, where updated, as `next:NAME`. */
export interface TracedModel {
  readonly name: string;
  readonly model: Uint8Array;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** Names of the state tensors that the program updates. */
  readonly updated: readonly string[];
  /** Names of the inputs and states that the computation really reads; the others are not in the model. */
  readonly operators: ReadonlyMap<string, number>;
}

export const NEXT_PREFIX = 'next:';

let kernelsRegistered = false;

/**
 * Runs a program once on the tracing backend and gives it as an ONNX model (opset 20, static shapes).
 * An operation without a trace kernel fails with its name.
 */
export function trace(program: Program): TracedModel {
  const backend = tracingBackend();
  if (!kernelsRegistered) {
    registerElementwise();
    registerReductions();
    registerShapes();
    registerProducts();
    registerBlocks();
    kernelsRegistered = true;
  }
  const graph = new Graph();
  // Nothing has started yet when the first thing a process does is to trace.
  const previous = (getBackend() as string | undefined) ?? 'cpu';
  backend.begin(graph);
  void setBackend(TRACE_BACKEND);
  engine().startScope();
  try {
    const wrap = (specs: Readonly<Record<string, TensorSpec>>): Tensors =>
      Object.fromEntries(
        Object.entries(specs).map(([name, { shape, dtype }]) => {
          const info = backend.info(graph.input(name, shape, dtype));
          return [name, engine().makeTensorFromTensorInfo(info)];
        }),
      );
    const result = program.run(wrap(program.inputs), wrap(program.state));
    const output = (name: string, tensor: Tensor): GraphOutput => ({ name, value: backend.value(tensor) });
    const updated = Object.keys(result.state ?? {});
    const outputs = [
      ...Object.entries(result.outputs).map(([name, tensor]) => output(name, tensor)),
      ...Object.entries(result.state ?? {}).map(([name, tensor]) => output(NEXT_PREFIX + name, tensor)),
    ];
    return {
      name: program.name,
      model: graph.serialise(program.name, outputs),
      outputs: Object.fromEntries(
        Object.entries(result.outputs).map(([name, { shape, dtype }]) => [
          name,
          { shape: [...shape], dtype: elementType(dtype, `${program.name}: output "${name}"`) },
        ]),
      ),
      updated,
      operators: graph.operators(outputs),
    };
  } catch (cause) {
    throw new Error(`Cannot trace "${program.name}": ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  } finally {
    engine().endScope();
    void setBackend(previous);
    backend.end();
  }
}
