import type { Tensor } from '../tensor/index.ts';

/** Named weights of the network, timm's names for the encoder. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** Initial values of one weight. */
export interface ParameterValues {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Seeded source of numbers; the only randomness of the core. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/** The weight called `prefix + name`, or an error that names it. */
export function parameter(parameters: Parameters, name: string): Tensor {
  const found = parameters[name];
  if (!found) throw new Error(`Missing weight "${name}"`);
  return found;
}

/** The weights whose name starts with `prefix`, with the prefix removed. */
export function under(parameters: Parameters, prefix: string): Parameters {
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
