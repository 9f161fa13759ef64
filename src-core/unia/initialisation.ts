import { sizeOf } from '../tensor/index.ts';
import type { ParameterValues, Random } from './parameters.ts';

/** Initial weights by name. */
export type InitialValues = Readonly<Record<string, ParameterValues>>;

/** Standard deviation of a vision transformer's weights. */
const TRANSFORMER_DEVIATION = 0.02;

/** Normal values, redrawn beyond two standard deviations. */
export function truncatedNormal(
  shape: readonly number[],
  random: Random,
  deviation = TRANSFORMER_DEVIATION,
): ParameterValues {
  return filled(shape, () => {
    let value = random.normal();
    while (Math.abs(value) > 2) value = random.normal();
    return value * deviation;
  });
}

/** He's normal initialisation for a layer followed by a rectifier; shape `(O, I, ...)`. */
export function kaimingNormal(shape: readonly number[], random: Random): ParameterValues {
  const deviation = Math.sqrt(2 / sizeOf(shape.slice(1)));
  return filled(shape, () => random.normal() * deviation);
}

/** One value everywhere. */
export function constant(shape: readonly number[], value: number): ParameterValues {
  return filled(shape, () => value);
}

/** `weight` `(O, I)` and, unless told otherwise, a zero `bias` of a linear layer, transformer style. */
export function linearValues(
  name: string,
  [outputs, inputs]: readonly [number, number],
  random: Random,
  bias = true,
): InitialValues {
  const weight = { [`${name}.weight`]: truncatedNormal([outputs, inputs], random) };
  return bias ? { ...weight, [`${name}.bias`]: constant([outputs], 0) } : weight;
}

/** `weight` of ones and `bias` of zeros. */
export function normValues(name: string, channels: number): InitialValues {
  return { [`${name}.weight`]: constant([channels], 1), [`${name}.bias`]: constant([channels], 0) };
}

/** The same weights with `prefix` before every name. */
export function named(prefix: string, values: InitialValues): InitialValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

/** Several groups of weights as one. */
export function merged(groups: readonly InitialValues[]): InitialValues {
  return Object.fromEntries(groups.flatMap((group) => Object.entries(group)));
}

function filled(shape: readonly number[], next: () => number): ParameterValues {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = next();
  return { shape, data };
}
