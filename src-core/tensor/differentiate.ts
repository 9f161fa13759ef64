import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** Value and gradients of a scalar function; undefined where the value does not depend on a variable. */
export function differentiate(
  f: () => Tensor,
  variables: readonly Tensor[],
): { readonly value: Tensor; readonly gradients: readonly (Tensor | undefined)[] } {
  const allowUnreached = true;
  const { value, grads } = engine().gradients(f, [...variables], undefined, allowUnreached);
  return { value, gradients: grads };
}
