// State tensors of onnxruntime programs, and those resident on a WebGPU device. Those in host memory: host-state.ts.
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import {
  trace,
  type ElementData,
  type EngineState,
  type HostTensor,
  type HostTensors,
  type TensorSpec,
} from '../../src-core/compile/index.ts';

/** What a compiled program needs of the state it runs on. */
export abstract class OnnxRuntimeState implements EngineState {
  protected readonly tensors = new Map<string, OrtTensor>();

  abstract read(names?: readonly string[]): Promise<HostTensors>;
  abstract dispose(): Promise<void>;
  /** Puts checked values in place. */
  protected abstract place(values: HostTensors): Promise<void>;
  /** A buffer for the next value, or null for the runtime to make one. */
  abstract fetch(name: string): OrtTensor | null;
  /** Makes the result of a run the current value. */
  abstract advance(name: string, next: OrtTensor): void;

  async write(values: HostTensors): Promise<void> {
    for (const [name, { shape }] of Object.entries(values)) {
      const held = this.get(name);
      if (held.dims.join() !== shape.join()) {
        throw new RangeError(`state "${name}": expected shape (${held.dims.join(', ')}), got (${shape.join(', ')})`);
      }
    }
    await this.place(values);
  }

  get(name: string): OrtTensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`state "${name}" is not allocated`);
    return tensor;
  }
}

/**
 * State that stays in the buffers of a WebGPU device from its first update on. Two traps of onnxruntime-node 1.30 shape
 * this: asking a tensor on the device for its data aborts the process, so values come to the host through a small
 * session; and a tensor's buffer dies with the session that made it, so it is brought home before that is released.
 */
export class DeviceState extends OnnxRuntimeState {
  static of(values: HostTensors): DeviceState {
    const state = new DeviceState();
    void state.place(values);
    return state;
  }

  async read(names: readonly string[] = [...this.tensors.keys()]): Promise<HostTensors> {
    const wanted = Object.fromEntries(names.map((name) => [name, this.get(name)]));
    const copies = await copyToHost(wanted);
    return Object.fromEntries(names.map((name) => [name, copyOf(toHost(copies[name]!))]));
  }

  /** Moves all values to the host; the next run takes them back to the device. */
  async bringHome(): Promise<void> {
    await this.place(await this.read());
  }

  protected place(values: HostTensors): Promise<void> {
    for (const [name, value] of Object.entries(values)) this.#replace(name, toOrt(copyOf(value)));
    return Promise.resolve();
  }

  fetch(): null {
    return null;
  }

  advance(name: string, next: OrtTensor): void {
    this.#replace(name, next);
  }

  dispose(): Promise<void> {
    for (const tensor of this.tensors.values()) tensor.dispose();
    this.tensors.clear();
    return Promise.resolve();
  }

  #replace(name: string, tensor: OrtTensor): void {
    this.tensors.get(name)?.dispose();
    this.tensors.set(name, tensor);
  }
}

const COPY_PREFIX = 'copy:';

/** Copies tensors from the device in one run of a graph of Identity nodes; those on the host are given as they are. */
async function copyToHost(tensors: Readonly<Record<string, OrtTensor>>): Promise<Record<string, OrtTensor>> {
  const onDevice = Object.entries(tensors).filter(([, { location }]) => location === 'gpu-buffer');
  if (onDevice.length === 0) return tensors;
  const { model } = trace({
    name: 'copy to the host',
    inputs: Object.fromEntries(onDevice.map(([name, tensor]) => [name, specOf(tensor)])),
    state: {},
    run: (inputs) => ({
      outputs: Object.fromEntries(onDevice.map(([name]) => [COPY_PREFIX + name, inputs[name]!])),
    }),
  });
  const session = await InferenceSession.create(model, { executionProviders: ['webgpu'], logSeverityLevel: 3 });
  try {
    const copies = await session.run(Object.fromEntries(onDevice));
    return {
      ...tensors,
      ...Object.fromEntries(onDevice.map(([name]) => [name, copies[COPY_PREFIX + name] as OrtTensor])),
    };
  } finally {
    await session.release();
  }
}

function specOf({ dims, type }: OrtTensor): TensorSpec {
  return { shape: dims, dtype: type as TensorSpec['dtype'] };
}

export function toOrt({ data, shape, dtype }: HostTensor): OrtTensor {
  return dtype === 'int32'
    ? new OrtTensor('int32', data as Int32Array, [...shape])
    : new OrtTensor('float32', data as Float32Array, [...shape]);
}

export function toHost(tensor: OrtTensor): HostTensor {
  return { ...specOf(tensor), data: tensor.data as ElementData };
}

export function copyOf({ shape, dtype, data }: HostTensor): HostTensor {
  return { shape, dtype, data: data.slice() };
}
