import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import {
  checkInputs,
  NEXT_PREFIX,
  trace,
  type CompiledProgram,
  type ElementData,
  type Engine,
  type EngineState,
  type HostTensor,
  type HostTensors,
  type Program,
  type TensorSpec,
} from '../../src-core/compile/index.ts';

export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

export interface OnnxRuntimeOptions {
  readonly provider: ExecutionProvider;
  /** Threads within one operator on the CPU; all cores when left out. */
  readonly threads?: number;
}

/** State tensors of one allocation. On the CPU a second set of buffers receives the next values, then the two swap. */
class OnnxRuntimeState implements EngineState {
  readonly tensors: Map<string, OrtTensor>;
  readonly spare = new Map<string, OrtTensor>();

  constructor(values: HostTensors) {
    this.tensors = new Map(Object.entries(values).map(([name, value]) => [name, toOrt(copyOf(value))]));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous for devices
  async read(names: readonly string[] = [...this.tensors.keys()]): Promise<HostTensors> {
    return Object.fromEntries(names.map((name) => [name, copyOf(toHost(this.get(name)))]));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous for devices
  async write(values: HostTensors): Promise<void> {
    for (const [name, value] of Object.entries(values)) {
      const held = this.get(name);
      if (held.dims.join() !== value.shape.join()) {
        throw new RangeError(
          `state "${name}": expected shape (${held.dims.join(', ')}), got (${value.shape.join(', ')})`,
        );
      }
      this.tensors.set(name, toOrt(copyOf(value)));
    }
  }

  get(name: string): OrtTensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`state "${name}" is not allocated`);
    return tensor;
  }

  dispose(): Promise<void> {
    this.tensors.clear();
    this.spare.clear();
    return Promise.resolve();
  }
}

export function createOnnxRuntimeEngine(options: OnnxRuntimeOptions): Engine {
  return {
    name: `onnxruntime:${options.provider}`,
    device: options.provider === 'cpu' ? 'CPU' : options.provider,
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous for devices
    async allocate(values) {
      return new OnnxRuntimeState(values);
    },
    compile: (program) => compile(program, options),
    dispose: () => Promise.resolve(),
  };
}

async function compile(program: Program, options: OnnxRuntimeOptions): Promise<CompiledProgram> {
  const traced = trace(program);
  const session = await InferenceSession.create(traced.model, {
    executionProviders: [options.provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    enableMemPattern: true,
    logSeverityLevel: 3,
    ...(options.threads !== undefined && { intraOpNumThreads: options.threads }),
  });
  const wanted = new Set(session.inputNames);
  return {
    async run(inputs, state) {
      checkInputs(program, inputs);
      const held = state as OnnxRuntimeState;
      const feeds: Record<string, OrtTensor> = {};
      for (const [name, value] of Object.entries(inputs)) if (wanted.has(name)) feeds[name] = toOrt(value);
      for (const name of Object.keys(program.state)) if (wanted.has(name)) feeds[name] = held.get(name);
      const fetches: Record<string, OrtTensor | null> = {};
      for (const name of Object.keys(traced.outputs)) fetches[name] = null;
      for (const name of traced.updated) fetches[NEXT_PREFIX + name] = spareFor(held, name);
      const results = await session.run(feeds, fetches);
      for (const name of traced.updated) {
        held.spare.set(name, held.get(name));
        held.tensors.set(name, results[NEXT_PREFIX + name] as OrtTensor);
      }
      return Object.fromEntries(Object.keys(traced.outputs).map((name) => [name, toHost(results[name] as OrtTensor)]));
    },
    dispose: () => session.release(),
  };
}

/** A buffer of the right size to write the next value into, so that no step allocates its state anew. */
function spareFor(state: OnnxRuntimeState, name: string): OrtTensor {
  const known = state.spare.get(name);
  if (known) return known;
  const current = state.get(name);
  return toOrt({ shape: current.dims, dtype: current.type as TensorSpec['dtype'], data: emptyLike(current) });
}

function emptyLike(tensor: OrtTensor): ElementData {
  return tensor.type === 'int32' ? new Int32Array(tensor.size) : new Float32Array(tensor.size);
}

function toOrt({ data, shape, dtype }: HostTensor): OrtTensor {
  return dtype === 'int32'
    ? new OrtTensor('int32', data as Int32Array, [...shape])
    : new OrtTensor('float32', data as Float32Array, [...shape]);
}

function toHost(tensor: OrtTensor): HostTensor {
  return { shape: tensor.dims, dtype: tensor.type as TensorSpec['dtype'], data: tensor.data as ElementData };
}

function copyOf({ shape, dtype, data }: HostTensor): HostTensor {
  return { shape, dtype, data: data.slice() };
}
