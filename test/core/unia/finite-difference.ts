import { expect } from 'vitest';
import { add, grads, mul, sizeOf, sub, sum, tensor, type Tensor } from '../../../src-core/tensor/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import type { InitialValues } from '../../../src-core/unia/initialisation.ts';
import type { Parameters } from '../../../src-core/unia/parameters.ts';

/** Standard normal values times `scale`. */
export function normals(shape: readonly number[], seed: number, scale = 1): Tensor {
  const random = createRandom(seed);
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * scale),
    [...shape],
  );
}

/** Initial values as tensors, each moved a little, so that no weight is exactly 0 or 1. */
export function perturbed(values: InitialValues, seed: number, scale = 0.2): Parameters {
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }], i) => [
      name,
      add(tensor(data, [...shape]), normals(shape, seed + i, scale)),
    ]),
  );
}

export const scalarOf = (x: Tensor): number => x.dataSync()[0]!;
export const valuesOf = (x: Tensor): number[] => [...x.dataSync()];

/**
 * Compares the gradient by every input with a central difference along a random direction.
 * float32 leaves about 1e-3 of the slope's scale, hence the tolerance.
 */
export function expectGradient(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
  step = 5e-3,
  tolerance = 2e-2,
): void {
  const slopes = grads(f)(inputs);
  inputs.forEach((input, at) => {
    const direction = normals(input.shape, 900 + at);
    const moved = (by: number): number =>
      scalarOf(f(...inputs.map((other, i) => (i === at ? add(other, mul(direction, by)) : other))));
    const measured = (moved(step) - moved(-step)) / (2 * step);
    const derived = scalarOf(sum(mul(slopes[at]!, direction)));
    expect(Math.abs(derived - measured), `input ${at}: derived ${derived}, measured ${measured}`).toBeLessThanOrEqual(
      tolerance * Math.max(Math.abs(measured), Math.abs(derived), 0.05),
    );
  });
}

/** Largest absolute difference. */
export function distance(a: Tensor, b: Tensor): number {
  return Math.max(...valuesOf(sub(a, b)).map(Math.abs));
}

/** Weights whose feature norms lift every feature above zero, so that no step crosses a rectifier's kink. */
export function withOpenRectifiers(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, name.endsWith('.norm.bias') ? add(value, 8) : value]),
  );
}
