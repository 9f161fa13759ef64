import type { DataType } from '@tensorflow/tfjs-core';

/** Element types a program may take, keep and return. */
export type ElementType = 'float32' | 'int32';

export type ElementData = Float32Array | Int32Array;

/** A tensor's values outside any engine: row-major. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  readonly data: ElementData;
}

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

/** A float32 host tensor; throws when the data does not fill the shape. */
export function float32(shape: readonly number[], data: Float32Array | readonly number[]): HostTensor {
  const values = data instanceof Float32Array ? data : Float32Array.from(data);
  const size = shape.reduce((product, n) => product * n, 1);
  if (values.length !== size)
    throw new RangeError(`float32: shape (${shape.join(', ')}) needs ${size} values, got ${values.length}`);
  return { shape, dtype: 'float32', data: values };
}

/** A scalar as a host tensor of shape (). */
export function float32Scalar(value: number): HostTensor {
  return { shape: [], dtype: 'float32', data: Float32Array.of(value) };
}

export function elementType(dtype: DataType, name: string): ElementType {
  if (dtype === 'float32' || dtype === 'int32') return dtype;
  throw new TypeError(`${name}: expected float32 or int32, got ${dtype}`);
}
