// State of onnxruntime programs in host memory.
import type { Tensor as OrtTensor } from 'onnxruntime-node';
import type { ElementData, HostTensor, HostTensors, InPlaceStep } from '../../src-core/compile/index.ts';
import { adamwOn, type AdamwKernel } from './adamw-kernel.ts';
import { copyOf, OnnxRuntimeState, toHost, toOrt } from './onnxruntime-state.ts';

/** What the scalars of a move are at this step. */
export interface MoveSizes {
  readonly scale: number;
  readonly betas: readonly [number, number];
  readonly rate: number;
  readonly epsilon: number;
  readonly keep: number;
}

const ELEMENT_BYTES = 4;
/** What four lanes of the kernel take at a time. */
const ALIGNMENT = 16;
const PAGE_BYTES = 65_536;
const MOST_BYTES = 65_536 * PAGE_BYTES;
/** Gradients pass through the memory in parts of this many elements, which stay in the processor's cache. */
const PART = 16_384;

/** All values in one WebAssembly memory, where the AdamW kernel moves them; the runtime reads them from there. */
export class HostState extends OnnxRuntimeState {
  readonly #memory: WebAssembly.Memory;
  readonly #gradient: Float32Array;
  #kernel: AdamwKernel | undefined;

  constructor(values: HostTensors) {
    super();
    let bytes = PART * ELEMENT_BYTES;
    const offsets = Object.values(values).map(({ data }) => {
      const offset = bytes;
      bytes += Math.ceil(data.byteLength / ALIGNMENT) * ALIGNMENT;
      return offset;
    });
    if (bytes > MOST_BYTES) {
      throw new RangeError(
        `state: expected at most 4 GiB of weights and moments, got ${(bytes / 2 ** 30).toFixed(1)} GiB`,
      );
    }
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
    this.#gradient = new Float32Array(this.#memory.buffer, 0, PART);
    Object.entries(values).forEach(([name, value], i) => this.tensors.set(name, toOrt(this.#hold(value, offsets[i]!))));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous for devices
  async read(names: readonly string[] = [...this.tensors.keys()]): Promise<HostTensors> {
    return Object.fromEntries(names.map((name) => [name, copyOf(toHost(this.get(name)))]));
  }

  /** The runtime's binding copies every host output into an array of its own, also one that it was given a buffer for. */
  fetch(): null {
    return null;
  }

  advance(name: string, next: OrtTensor): void {
    this.#array(name).set(next.data as ElementData);
  }

  /** AdamW on a weight and its moments. */
  move(module: WebAssembly.Module, names: InPlaceStep['moves'][number], gradient: ElementData, sizes: MoveSizes): void {
    this.#kernel ??= adamwOn(module, this.#memory);
    const { scale, betas, rate, epsilon, keep } = sizes;
    const [weight, first, second] = [names.weight, names.first, names.second].map(
      (name) => this.#array(name).byteOffset,
    );
    for (let at = 0; at < gradient.length; at += PART) {
      const part = gradient.subarray(at, at + PART);
      this.#gradient.set(part);
      const to = at * ELEMENT_BYTES;
      this.#kernel(weight! + to, first! + to, second! + to, 0, part.length, scale, ...betas, rate, epsilon, keep);
    }
  }

  dispose(): Promise<void> {
    this.tensors.clear();
    return Promise.resolve();
  }

  protected place(values: HostTensors): Promise<void> {
    for (const [name, { data }] of Object.entries(values)) this.#array(name).set(data);
    return Promise.resolve();
  }

  #array(name: string): ElementData {
    return this.get(name).data as ElementData; // as `#hold` made it
  }

  #hold({ shape, dtype, data }: HostTensor, offset: number): HostTensor {
    const held = new (dtype === 'int32' ? Int32Array : Float32Array)(this.#memory.buffer, offset, data.length);
    held.set(data);
    return { shape, dtype, data: held };
  }
}
