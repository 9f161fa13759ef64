import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, mul, ones, sum, tensor, zeros, type Tensor } from '../../../src-core/tensor/index.ts';
import { createRandom } from '../../../src-core/training/random.ts';
import { headsFor, initialiseCrossAttention } from '../../../src-core/unia/cross-attention.ts';
import { softAmbiguityMasking } from '../../../src-core/unia/soft-ambiguity-masking.ts';
import {
  inferUncertainty,
  initialiseUncertaintyInference,
  UNCERTAINTY_INFERENCE_DEFAULTS as DEFAULTS,
  windowMaxPool,
  windowSize,
  type UncertaintyInferenceConfig,
} from '../../../src-core/unia/uncertainty-inference.ts';
import {
  reviewUncertainty,
  sampleDistribution,
  sampleDistributionLiterally,
} from '../../../src-core/unia/uncertainty-sampling.ts';
import { distance, expectGradient, normals, perturbed, valuesOf } from './finite-difference.ts';

const grid = [3, 5] as const;
const tokens = normals([2, 15, 8], 1);
const weightsFor = (config: UncertaintyInferenceConfig) =>
  perturbed(initialiseUncertaintyInference(8, config, createRandom(1)), 30, 0.4);

describe('uncertainty inference', () => {
  it('takes windows of four tokens, and smaller ones on small grids', () => {
    expect(windowSize([28, 14])).toEqual([4, 3]);
    expect(windowSize([7, 1])).toEqual([1, 1]);
  });

  it('pools windows to their maximum, partial ones included', () => {
    const row = tensor([3, -1, -5, -4, -2], [1, 5, 1]);
    expect(valuesOf(windowMaxPool(row, [1, 5], [1, 2]))).toEqual([3, -4, -2]);
  });

  it('reads sigma as log-variance or as a deviation', () => {
    const released = inferUncertainty(weightsFor(DEFAULTS), tokens, grid, { ...DEFAULTS, reading: 'released' });
    const paper = inferUncertainty(weightsFor(DEFAULTS), tokens, grid, { ...DEFAULTS, reading: 'paper' });
    const sigma = valuesOf(released.sigma);
    valuesOf(released.std).forEach((std, i) => expect(std).toBeCloseTo(Math.exp(sigma[i]! / 2), 4));
    valuesOf(released.uncertainty).forEach((u, i) => expect(u).toBeCloseTo(1 / (1 + Math.exp(-sigma[i]!)), 5));
    valuesOf(paper.uncertainty).forEach((u, i) => expect(u).toBeCloseTo(Math.min(1, Math.max(0, sigma[i]!)), 5));
  });

  it('starts as the tokens themselves with one uncertainty everywhere', () => {
    const initial = initialiseUncertaintyInference(8, DEFAULTS, createRandom(1));
    const parameters = perturbed(initial, 1, 0);
    const { mu, uncertainty } = inferUncertainty(parameters, tokens, grid);
    expect(distance(mu, tokens)).toBeLessThan(1e-6);
    expect(new Set(valuesOf(uncertainty)).size).toBe(1);
  });

  it('has no uncertainty with the mean alone', () => {
    const { std, uncertainty } = inferUncertainty(weightsFor(DEFAULTS), tokens, grid, {
      ...DEFAULTS,
      deviation: false,
    });
    expect(Math.max(...valuesOf(add(std, uncertainty)))).toBe(0);
  });

  it('adds the two attentions', () => {
    const parameters = weightsFor(DEFAULTS);
    const infer = (switches: Partial<UncertaintyInferenceConfig>): Tensor =>
      inferUncertainty(parameters, tokens, grid, { ...DEFAULTS, ...switches }).mu;
    expect(distance(infer({}), add(infer({ spatial: false }), infer({ channel: false })))).toBeLessThan(1e-5);
    expect(() => infer({ spatial: false, channel: false })).toThrow(/got neither/);
  });

  it.each(['none', 'bottleneck'] as const)(
    'has the gradient that finite differences measure, projection %s',
    (projection) => {
      const config = { ...DEFAULTS, projection };
      const parameters = weightsFor(config);
      const probe = normals([2, 15, 8], 3);
      const names = ['spatial.sigma.k.weight', 'channel.sigma.weight', 'spatial.mu.v.bias'];
      expectGradient(
        (z, ...values) => {
          const replaced = { ...parameters, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
          const { mu, std, uncertainty } = inferUncertainty(replaced, z, grid, config);
          return sum(mul(add(mu, add(std, uncertainty)), probe));
        },
        [tokens, ...names.map((name) => parameters[name]!)],
        1e-3,
        0.04,
      );
    },
  );

  it('uses sixteen heads, or the largest divisor of the channels', () => {
    expect([384, 192, 128, 8, 12, 7].map(headsFor)).toEqual([16, 16, 16, 8, 12, 7]);
  });
});

describe('sampling', () => {
  const mu = tensor([1, 3], [1, 1, 2]);
  const std = tensor([2, 4], [1, 1, 2]);

  it('averages fifty samples as one with a fifth of a root of two of the deviation', () => {
    const sampled = sampleDistribution(mu, std, ones([1, 1, 2]), [1, 1], 4);
    expect(valuesOf(sampled)).toEqual([(1 + 2 / 2 + 3 + 4 / 2) / 2]);
  });

  it('equals the samples one by one for a single sample', () => {
    const noise = normals([2, 15, 8], 4);
    const deviation = normals([2, 15, 8], 5);
    const one = sampleDistribution(tokens, deviation, noise, grid, 1);
    const literal = sampleDistributionLiterally(tokens, deviation, noise.reshape([1, 2, 15, 8]), grid);
    expect(distance(one, literal)).toBeLessThan(1e-6);
  });

  it('is the mean of the channels without noise', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), (samples) => {
        expect(valuesOf(sampleDistribution(mu, std, zeros([1, 1, 2]), [1, 1], samples))).toEqual([2]);
      }),
    );
  });

  it('has the gradient that finite differences measure', () => {
    const noise = normals([2, 15, 8], 4);
    const probe = normals([2, 3, 5], 6);
    expectGradient((m, s) => sum(mul(sampleDistribution(m, s, noise, grid), probe)), [tokens, normals([2, 15, 8], 5)]);
  });

  it('refuses fewer than one sample and noise of another shape', () => {
    expect(() => sampleDistribution(mu, std, mu, [1, 1], 0)).toThrow(/samples: expected at least 1, got 0/);
    expect(() => sampleDistribution(mu, std, ones([1, 1, 3]), [1, 1])).toThrow(/noise/);
  });

  it('scores a constant uncertainty by its value', () => {
    const { map, score } = reviewUncertainty(mul(ones([2, 15, 8]), 0.25), grid, [12, 20]);
    expect(map.shape).toEqual([2, 12, 20]);
    valuesOf(score).forEach((value) => expect(value).toBeCloseTo(0.25, 5));
  });
});

describe('soft ambiguity masking', () => {
  const parameters = perturbed(initialiseCrossAttention(8, createRandom(2)), 50, 0.4);

  it('returns the tokens where nothing is certain and the values have no bias', () => {
    const unbiased = { ...parameters, 'v.bias': zeros([8]) };
    expect(distance(softAmbiguityMasking(unbiased, tokens, ones([2, 15, 8]), true), tokens)).toBe(0);
  });

  it('leaves the tokens out without the residual', () => {
    const uncertainty = mul(ones([2, 15, 8]), 0.3);
    const whole = softAmbiguityMasking(parameters, tokens, uncertainty, true);
    const attended = softAmbiguityMasking(parameters, tokens, uncertainty, false);
    expect(distance(whole, add(tokens, attended))).toBeLessThan(1e-6);
  });

  it('has the gradient that finite differences measure', () => {
    const probe = normals([2, 15, 8], 7);
    expectGradient(
      (z, u) => sum(mul(softAmbiguityMasking(parameters, z, u, true), probe)),
      [tokens, mul(ones([2, 15, 8]), 0.4)],
    );
  });

  it('refuses an uncertainty of another shape', () => {
    expect(() => softAmbiguityMasking(parameters, tokens, ones([2, 15, 4]), true)).toThrow(/uncertainty/);
  });
});
