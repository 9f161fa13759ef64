// Kernels that the WASM backend of tfjs 4.22 lacks or gets wrong, as loops over its memory, which this process shares.
import '@tensorflow/tfjs-backend-wasm';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  getKernel,
  registerKernel,
  unregisterKernel,
  type DataType,
  type KernelFunc,
  type NamedAttrMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

type Call = (x: Readonly<Record<string, TensorInfo>>, attributes: NamedAttrMap, backend: BackendWasm) => TensorInfo;

/** Puts the missing kernels in place; to be called once, before the backend is used. */
export function completeWasmKernels(): void {
  register('UnsortedSegmentSum', unsortedSegmentSum);
  replace('OneHot', oneHot);
  const castNumbers = getKernel('Cast', 'wasm').kernelFunc;
  replace('Cast', (inputs, attributes, backend) =>
    attributes['dtype'] === 'bool'
      ? castToBoolean(inputs['x']!, backend)
      : (castNumbers({ inputs, attrs: attributes, backend }) as TensorInfo),
  );
}

function replace(kernelName: string, call: Call): void {
  unregisterKernel(kernelName, 'wasm');
  register(kernelName, call);
}

function register(kernelName: string, call: Call): void {
  const kernelFunc: KernelFunc = ({ inputs, attrs, backend }) =>
    // One tensor for each name: none of these kernels takes a list.
    call(inputs as Record<string, TensorInfo>, attrs ?? {}, backend as BackendWasm);
  registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

/** The gradient of gather: rows added up by index. */
function unsortedSegmentSum(
  { x, segmentIds }: Readonly<Record<string, TensorInfo>>,
  attributes: NamedAttrMap,
  backend: BackendWasm,
): TensorInfo {
  const count = attributes['numSegments'] as number;
  const [rows, ...rest] = x!.shape as [number, ...number[]];
  const out = backend.makeOutput([count, ...rest], x!.dtype);
  const sums = backend.typedArrayFromHeap(out).fill(0);
  const values = backend.typedArrayFromHeap(x!);
  const ids = backend.typedArrayFromHeap(segmentIds!);
  const width = values.length / rows;
  ids.forEach((id: number, row: number) => {
    if (id < 0 || id >= count) return;
    for (let i = 0; i < width; i++) sums[id * width + i]! += values[row * width + i]!;
  });
  return out;
}

/** The backend's own writes integers whatever the element type. */
function oneHot(
  { indices }: Readonly<Record<string, TensorInfo>>,
  attributes: NamedAttrMap,
  backend: BackendWasm,
): TensorInfo {
  const { depth, onValue, offValue } = attributes as Record<'depth' | 'onValue' | 'offValue', number>;
  const out = backend.makeOutput([...indices!.shape, depth], attributes['dtype'] as DataType);
  const values = backend.typedArrayFromHeap(out).fill(offValue);
  backend.typedArrayFromHeap(indices!).forEach((index: number, i: number) => {
    if (index >= 0 && index < depth) values[i * depth + index] = onValue;
  });
  return out;
}

/** The backend's own keeps the low byte: -1 becomes 255 and 0.5 becomes false. */
function castToBoolean(x: TensorInfo, backend: BackendWasm): TensorInfo {
  const out = backend.makeOutput(x.shape, 'bool');
  const result = backend.typedArrayFromHeap(out);
  backend.typedArrayFromHeap(x).forEach((value: number, i: number) => {
    result[i] = value === 0 ? 0 : 1;
  });
  return out;
}
