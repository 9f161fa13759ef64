// AdamW (decoupled weight decay), method.md 7. Traced into the training step.
import { add, div, mul, sqrt, square, sub, type Tensor } from '../tensor/index.ts';

export interface AdamwOptions {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly decay: number;
}

/** What changes with the step t = 1, 2, …; scalars, so that one compiled step serves all. */
export interface AdamwStepSize {
  readonly rate: Tensor;
  readonly epsilon: Tensor;
  /** 1 - lr · decay */
  readonly keep: Tensor;
}

/**
 * The scalars of step t for a learning rate. Bias corrections and the factors 1 - beta move out of the passes over
 * memory into these numbers.
 */
export function adamwStepSize(
  options: AdamwOptions,
  learningRate: number,
  t: number,
): Record<keyof AdamwStepSize, number> {
  const [beta1, beta2] = options.betas;
  const secondScale = Math.sqrt((1 - beta2) / (1 - beta2 ** t));
  return {
    rate: (learningRate * (1 - beta1)) / (1 - beta1 ** t) / secondScale,
    epsilon: options.epsilon / secondScale,
    keep: 1 - learningRate * options.decay,
  };
}

export interface AdamwState {
  readonly weight: Tensor;
  /** Σ beta1^i g: the usual first moment divided by (1 - beta1), which saves one pass over memory. */
  readonly first: Tensor;
  /** Σ beta2^i g²: likewise. */
  readonly second: Tensor;
}

/** One update. The moments are kept unscaled; the step sizes make up for it, so the result is that of the usual form. */
export function adamw(options: AdamwOptions, size: AdamwStepSize, state: AdamwState, gradient: Tensor): AdamwState {
  const [beta1, beta2] = options.betas;
  const first = add(mul(state.first, beta1), gradient);
  const second = add(mul(state.second, beta2), square(gradient));
  const step = div(mul(first, size.rate), add(sqrt(second), size.epsilon));
  const weight = sub(mul(state.weight, size.keep), step);
  return { weight, first, second };
}
