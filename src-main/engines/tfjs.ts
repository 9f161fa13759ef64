import { engine, keep, ready, setBackend, tensor, type Tensor } from '@tensorflow/tfjs-core';
import {
  checkInputs,
  type CompiledProgram,
  type ElementData,
  type Engine,
  type EngineState,
  type HostTensor,
  type HostTensors,
  type Program,
} from '../../src-core/compile/index.ts';
import { processorName } from './device.ts';
import { completeWasmKernels } from './wasm-kernels.ts';

export type TfjsBackend = 'cpu' | 'wasm' | 'tensorflow';

class TfjsState implements EngineState {
  readonly tensors: Map<string, Tensor>;

  constructor(values: HostTensors) {
    this.tensors = new Map(Object.entries(values).map(([name, value]) => [name, keep(toTensor(value))]));
  }

  async read(names: readonly string[] = [...this.tensors.keys()]): Promise<HostTensors> {
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await toHost(this.get(name))] as const)),
    );
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous for devices
  async write(values: HostTensors): Promise<void> {
    for (const [name, value] of Object.entries(values)) {
      const held = this.get(name);
      if (held.shape.join() !== value.shape.join()) {
        throw new RangeError(
          `state "${name}": expected shape (${held.shape.join(', ')}), got (${value.shape.join(', ')})`,
        );
      }
      this.replace(name, toTensor(value));
    }
  }

  get(name: string): Tensor {
    const found = this.tensors.get(name);
    if (!found) throw new Error(`state "${name}" is not allocated`);
    return found;
  }

  replace(name: string, value: Tensor): void {
    this.get(name).dispose();
    this.tensors.set(name, keep(value));
  }

  dispose(): Promise<void> {
    for (const held of this.tensors.values()) held.dispose();
    this.tensors.clear();
    return Promise.resolve();
  }
}

let wasmComplete = false;

/** The eager engine: the same programs, run operation by operation on a tfjs backend. */
export async function createTfjsEngine(backend: TfjsBackend): Promise<Engine> {
  if (backend === 'wasm' && !wasmComplete) {
    completeWasmKernels();
    wasmComplete = true;
  }
  if (!(await setBackend(backend))) throw new Error(`The tfjs backend "${backend}" does not start`);
  await ready();
  return {
    name: `tfjs:${backend}`,
    device: backend === 'tensorflow' ? 'TensorFlow' : processorName(),
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous for devices
    async allocate(values) {
      return new TfjsState(values);
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous for devices
    async compile(program) {
      return interpret(program, backend);
    },
    dispose: () => Promise.resolve(),
  };
}

function interpret(program: Program, backend: TfjsBackend): CompiledProgram {
  return {
    async run(inputs, state) {
      checkInputs(program, inputs);
      await setBackend(backend);
      const held = state as TfjsState;
      engine().startScope();
      try {
        const feeds = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, toTensor(value)]));
        const current = Object.fromEntries(Object.keys(program.state).map((name) => [name, held.get(name)]));
        const result = program.run(feeds, current);
        const outputs = await Promise.all(
          Object.entries(result.outputs).map(async ([name, value]) => [name, await toHost(value)] as const),
        );
        // A program may return a state tensor as it is; a clone makes the next value its own.
        const next = Object.entries(result.state ?? {}).map(([name, value]) => [name, keep(value.clone())] as const);
        for (const [name, value] of next) held.replace(name, value);
        return Object.fromEntries(outputs);
      } finally {
        engine().endScope();
      }
    },
    dispose: () => Promise.resolve(),
  };
}

function toTensor({ data, shape, dtype }: HostTensor): Tensor {
  return tensor(data, [...shape], dtype);
}

async function toHost(value: Tensor): Promise<HostTensor> {
  const data = (await value.data()) as ElementData;
  return { shape: value.shape, dtype: value.dtype === 'int32' ? 'int32' : 'float32', data: data.slice() };
}
