import {
  DataStorage,
  engine,
  findBackend,
  getKernel,
  KernelBackend,
  registerBackend,
  registerKernel,
  type DataType,
  type KernelFunc,
  type NamedAttrMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { DataId } from '@tensorflow/tfjs-core/dist/tensor_info.js';
import type { BackendValues } from '@tensorflow/tfjs-core/dist/types.js';
import type { Graph } from './graph.ts';
import { type Value } from './graph.ts';

export const TRACE_BACKEND = 'unia-trace';

/** Operations up to this many elements are computed while tracing when all their inputs are constant. */
const FOLD_LIMIT = 1 << 22;

/** A tfjs backend whose tensors are values of an ONNX graph under construction. */
export class TracingBackend extends KernelBackend {
  readonly #values: DataStorage<Value> = new DataStorage(this, engine());
  #graph: Graph | undefined;

  get graph(): Graph {
    if (!this.#graph) throw new Error('Tracing backend used outside trace()');
    return this.#graph;
  }

  begin(graph: Graph): void {
    this.#graph = graph;
  }

  end(): void {
    this.#graph = undefined;
  }

  info(value: Value): TensorInfo {
    const dataId: DataId = {};
    this.#values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  /** The graph value behind a tensor, with the tensor's own shape (a reshape shares data). */
  value(tensor: TensorInfo): Value {
    return this.#values.get(tensor.dataId);
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId: DataId = {};
    this.move(dataId, values, shape, dtype);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType): void {
    this.#values.set(dataId, this.graph.constant(typed(values, dtype), shape, dtype));
  }

  override readSync(dataId: DataId): BackendValues {
    const { constant, name } = this.#values.get(dataId);
    if (!constant)
      throw new Error(`A traced program cannot read the value of ${name}: shapes and control flow must be static`);
    return constant;
  }

  override read(dataId: DataId): Promise<BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override disposeData(dataId: DataId): boolean {
    this.#values.delete(dataId);
    return true;
  }

  override incRef(): void {}

  override refCount(): number {
    return 1;
  }

  override numDataIds(): number {
    return this.#values.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {}
}

function typed(values: BackendValues, dtype: DataType): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'float32')
    return values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values as ArrayLike<number>);
  if (dtype === 'bool') return values instanceof Uint8Array ? values : Uint8Array.from(values as ArrayLike<number>);
  throw new TypeError(`A traced program cannot hold ${dtype} values`);
}

/** What a kernel is given: the inputs as graph values, the attributes, and the graph to add nodes to. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, Value>>;
  /** The inputs in their order, for kernels that take a list. */
  readonly list: readonly Value[];
  readonly attributes: NamedAttrMap;
  readonly graph: Graph;
}

export type TraceKernel = (call: KernelCall) => Value | readonly Value[];

/** Registers the kernel that records `kernelName`; a call whose inputs are all constant is computed instead. */
export function traceKernel(kernelName: string, record: TraceKernel): void {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) => {
    const tracer = backend as TracingBackend;
    const tensors = Object.values(inputs).flat() as TensorInfo[];
    const folded = fold(kernelName, inputs as Record<string, TensorInfo>, attrs ?? {}, tracer, tensors);
    if (folded) return folded;
    const named = Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => [name, tracer.value(tensor as TensorInfo)]),
    );
    const result = record({
      inputs: named,
      list: tensors.map((tensor) => tracer.value(tensor)),
      attributes: attrs ?? {},
      graph: tracer.graph,
    });
    return Array.isArray(result) ? result.map((value: Value) => tracer.info(value)) : tracer.info(result as Value);
  };
  registerKernel({ kernelName, backendName: TRACE_BACKEND, kernelFunc });
}

function fold(
  kernelName: string,
  inputs: Record<string, TensorInfo>,
  attrs: NamedAttrMap,
  tracer: TracingBackend,
  tensors: readonly TensorInfo[],
): TensorInfo | TensorInfo[] | undefined {
  const cpuKernel = getKernel(kernelName, 'cpu');
  if (!cpuKernel) return undefined;
  const values = tensors.map((tensor) => tracer.value(tensor));
  if (!values.every(({ constant }) => constant && constant.length <= FOLD_LIMIT)) return undefined;
  const cpu = findBackend('cpu');
  const toCpu = (tensor: TensorInfo): TensorInfo => {
    const { constant } = tracer.value(tensor);
    return { dataId: cpu.write(constant!, tensor.shape, tensor.dtype), shape: tensor.shape, dtype: tensor.dtype };
  };
  const cpuInputs = Array.isArray(inputs)
    ? (inputs as TensorInfo[]).map(toCpu)
    : Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toCpu(tensor)]));
  const result = cpuKernel.kernelFunc({ inputs: cpuInputs as never, attrs, backend: cpu });
  const fromCpu = ({ dataId, shape, dtype }: TensorInfo): TensorInfo =>
    tracer.info(tracer.graph.constant(typed(cpu.readSync(dataId), dtype), shape, dtype));
  return Array.isArray(result) ? result.map(fromCpu) : fromCpu(result);
}

let registered: TracingBackend | undefined;

/** The one tracing backend of this process. */
export function tracingBackend(): TracingBackend {
  if (!registered) {
    const created = new TracingBackend();
    registered = created;
    // Priority below every real backend: it is never chosen by default.
    registerBackend(TRACE_BACKEND, () => created, -1);
  }
  return registered;
}
