import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamw, adamwStepSize, type AdamwOptions } from '../../../src-core/training/adamw.ts';
import { tensor } from '../../../src-core/tensor/index.ts';

const OPTIONS: AdamwOptions = { betas: [0.9, 0.999], epsilon: 1e-8, decay: 0.01 };

/** Weights after every gradient, by our step. */
function traced(options: AdamwOptions, rate: number, weight: number[], gradients: readonly number[][]): number[][] {
  const zeros = weight.map(() => 0);
  let state = { weight: tensor(weight), first: tensor(zeros), second: tensor(zeros) };
  return gradients.map((gradient, i) => {
    const sizes = adamwStepSize(options, rate, i + 1);
    const size = { rate: tensor(sizes.rate), epsilon: tensor(sizes.epsilon), keep: tensor(sizes.keep) };
    state = adamw(options, size, state, tensor(gradient));
    return [...state.weight.dataSync()];
  });
}

/** Algorithm 2 of "Decoupled Weight Decay Regularization" as it is printed, in double precision. */
function printed(options: AdamwOptions, rate: number, weight: number[], gradients: readonly number[][]): number[][] {
  const [beta1, beta2] = options.betas;
  const [m, v, w] = [weight.map(() => 0), weight.map(() => 0), [...weight]];
  return gradients.map((gradient, step) => {
    gradient.forEach((g, i) => {
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const mean = m[i] / (1 - beta1 ** (step + 1));
      const spread = Math.sqrt(v[i] / (1 - beta2 ** (step + 1)));
      w[i] = w[i]! - rate * options.decay * w[i]! - (rate * mean) / (spread + options.epsilon);
    });
    return [...w];
  });
}

describe('AdamW', () => {
  it('moves the first step by the rate against the sign of the gradient, after the decay', () => {
    // w 2, g 0.5: both corrected moments cancel to a step of the rate; decay takes 0.1 · 0.01 · 2.
    const [[after]] = traced(OPTIONS, 0.1, [2], [[0.5]]) as [[number]];
    expect(after).toBeCloseTo(2 - 0.1 * 0.01 * 2 - 0.1, 6);
  });

  it('takes the step that the second gradient gives by hand', () => {
    // g 1, then -1: m = 0.9·0.1 - 0.1 = -0.01, /0.19 = -0.0526316; v corrected = 1. 1 - 0.1 + 0.00526316.
    const steps = traced({ ...OPTIONS, decay: 0 }, 0.1, [1], [[1], [-1]]);
    expect(steps[1]![0]).toBeCloseTo(0.90526316, 6);
  });

  it('only decays where there is no gradient', () => {
    expect(traced(OPTIONS, 0.1, [2], [[0]])[0]![0]).toBeCloseTo(2 * 0.999, 6);
  });

  it('agrees with the printed algorithm on any gradients', () => {
    const value = fc.double({ min: -3, max: 3, noNaN: true }).map(Math.fround);
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 3, maxLength: 3 }),
        fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 8 }),
        fc.constantFrom<AdamwOptions>(OPTIONS, { betas: [0.9, 0.98], epsilon: 1e-3, decay: 0.05 }),
        (weight, gradients, options) => {
          const [got, want] = [traced(options, 0.01, weight, gradients), printed(options, 0.01, weight, gradients)];
          // Gradients near epsilon are rounded in float32; a step is at most about the rate.
          got.forEach((step, t) => step.forEach((w, i) => expect(Math.abs(w - want[t]![i]!)).toBeLessThan(2e-5)));
        },
      ),
      { numRuns: 40 },
    );
  });
});
