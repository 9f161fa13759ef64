import type { Tensor } from '@tensorflow/tfjs-core';
import type { HostTensor, TensorSpec } from './values.ts';

export type Tensors = Readonly<Record<string, Tensor>>;
export type HostTensors = Readonly<Record<string, HostTensor>>;

/**
 * A computation over the tensor door with fixed shapes. `state` stays on the engine between runs; `run` returns outputs
 * for the host and the next values of any part of the state.
 */
export interface Program {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly state: Readonly<Record<string, TensorSpec>>;
  run(inputs: Tensors, state: Tensors): { readonly outputs: Tensors; readonly state?: Tensors };
  /** The same in two parts, for engines that update state where it lies. */
  readonly inPlace?: InPlaceStep;
}

/** A training step as its gradients and what AdamW does with them. */
export interface InPlaceStep {
  /** Takes the same inputs; gives the outputs of the whole step, the gradients and, if there is one, their scale. */
  readonly gradients: Program;
  /** The output that every gradient is multiplied by. */
  readonly scale?: string;
  readonly betas: readonly [number, number];
  /** Moves of weights; one whose gradient is not among the outputs is left out. */
  readonly moves: readonly InPlaceMove[];
}

/** One weight's AdamW update, by names. */
export interface InPlaceMove {
  readonly gradient: string;
  /** Parts of the state. */
  readonly weight: string;
  readonly first: string;
  readonly second: string;
  /** Scalar inputs. */
  readonly rate: string;
  readonly epsilon: string;
  readonly keep: string;
}

/** Where programs run. Implementations live in src-main/engines. */
export interface Engine {
  /** `onnxruntime:cpu`, `onnxruntime:webgpu`, `tfjs:wasm`, … */
  readonly name: string;
  /** The device in words, for a person. */
  readonly device: string;
  allocate(values: HostTensors): Promise<EngineState>;
  compile(program: Program): Promise<CompiledProgram>;
  dispose(): Promise<void>;
}

/** Named tensors that live on the engine. */
export interface EngineState {
  /** Copies to the host; all names when none are given. */
  read(names?: readonly string[]): Promise<HostTensors>;
  /** Replaces values; a name that is not held, or another shape, is an error. */
  write(values: HostTensors): Promise<void>;
  dispose(): Promise<void>;
}

export interface CompiledProgram {
  /** Runs once. State that the program updates is updated in `state`. */
  run(inputs: HostTensors, state: EngineState): Promise<HostTensors>;
  dispose(): Promise<void>;
}

/** Throws unless the values given are exactly those the program declares. */
export function checkInputs(program: Program, inputs: HostTensors): void {
  for (const [name, spec] of Object.entries(program.inputs)) {
    const value = inputs[name];
    if (!value) throw new Error(`${program.name}: input "${name}" is missing`);
    if (value.dtype !== spec.dtype || value.shape.join() !== spec.shape.join()) {
      throw new RangeError(
        `${program.name}: input "${name}" expected ${spec.dtype} (${spec.shape.join(', ')}), got ${value.dtype} (${value.shape.join(', ')})`,
      );
    }
  }
  const extra = Object.keys(inputs).find((name) => !(name in program.inputs));
  if (extra !== undefined) throw new Error(`${program.name}: unknown input "${extra}"`);
}
