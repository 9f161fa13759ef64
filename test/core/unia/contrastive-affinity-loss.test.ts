import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fill, mul, ones, tensor, zeros } from '../../../src-core/tensor/index.ts';
import {
  contrastiveAffinityLoss,
  CONTRASTIVE_AFFINITY_DEFAULTS as RELEASED,
} from '../../../src-core/unia/contrastive-affinity-loss.ts';
import { tokenContrastLoss } from '../../../src-core/unia/token-contrast-loss.ts';
import { expectGradient, normals, scalarOf } from './finite-difference.ts';

const PAPER = { ...RELEASED, form: 'paper' } as const;
const labels = tensor([0, 0, 1, 255], [1, 2, 2], 'int32');
const uniform = (N: number, L: number) => mul(ones([N, L, L]), 0.3);

describe('contrastive affinity loss', () => {
  it('is ln(L) / 2N for a uniform affinity, as in the published curves', () => {
    const N = 4;
    const loss = contrastiveAffinityLoss(uniform(N, 49), zeros([N, 28, 28], 'int32'), [7, 7]);
    expect(scalarOf(loss)).toBeCloseTo(Math.log(49) / (2 * N), 5);
    expect(Math.log(784) / 8).toBeCloseTo(0.833, 3);
  });

  it('weighs every positive pair against all negatives as the paper prints it', () => {
    // Positive pairs: the two background tokens with each other and themselves, the class token with itself: 5.
    // Negative pairs: background and class, both ways: 4. All entries equal, so every ratio is 1 / (1 + 4).
    expect(scalarOf(contrastiveAffinityLoss(uniform(1, 4), labels, [2, 2], PAPER))).toBeCloseTo(-1 / 5, 6);
  });

  it('looks no further than the radius', () => {
    const far = tensor([0, 1, 1, 0], [1, 1, 4], 'int32');
    const affinity = normals([1, 4, 4], 1);
    const all = scalarOf(contrastiveAffinityLoss(affinity, far, [1, 4], { ...RELEASED, radius: 3 }));
    const near = scalarOf(contrastiveAffinityLoss(affinity, far, [1, 4], { ...RELEASED, radius: 2 }));
    expect(all).not.toBeCloseTo(near, 3);
  });

  it('is zero where everything is ignored', () => {
    const ignored = fill([2, 4, 4], 255, 'int32');
    for (const options of [RELEASED, PAPER]) {
      expect(scalarOf(contrastiveAffinityLoss(uniform(2, 4), ignored, [2, 2], options))).toBeCloseTo(0, 12);
    }
  });

  it('rises where tokens of different labels draw closer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (seed) => {
        const affinity = normals([1, 4, 4], seed);
        const drawn = affinity.add(tensor([0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], [1, 4, 4]));
        for (const options of [RELEASED, PAPER]) {
          const before = scalarOf(contrastiveAffinityLoss(affinity, labels, [2, 2], options));
          expect(scalarOf(contrastiveAffinityLoss(drawn, labels, [2, 2], options))).toBeGreaterThan(before);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('has the gradient that finite differences measure', () => {
    for (const options of [RELEASED, PAPER]) {
      expectGradient((affinity) => contrastiveAffinityLoss(affinity, labels, [2, 2], options), [normals([1, 4, 4], 2)]);
    }
  });

  it('refuses an affinity of another grid', () => {
    expect(() => contrastiveAffinityLoss(uniform(1, 5), labels, [2, 2])).toThrow(/affinity: expected shape/);
  });
});

describe('token contrast', () => {
  const tokens = tensor([1, 0, 1, 0, 0, 1, 5, 5], [1, 4, 2]);

  it('is zero where labels and directions agree', () => {
    expect(scalarOf(tokenContrastLoss(tokens, labels, [2, 2]))).toBeCloseTo(0, 6);
  });

  it('is a half where all tokens agree and labels do not', () => {
    expect(scalarOf(tokenContrastLoss(ones([1, 4, 2]), labels, [2, 2]))).toBeCloseTo(0.5, 5);
  });

  it('is zero, not NaN, for a single or ignored token and for tokens of length zero', () => {
    expect(scalarOf(tokenContrastLoss(ones([1, 1, 2]), zeros([1, 2, 2], 'int32'), [1, 1]))).toBe(0);
    expect(scalarOf(tokenContrastLoss(tokens, fill([1, 2, 2], 255, 'int32'), [2, 2]))).toBe(0);
    expect(scalarOf(tokenContrastLoss(zeros([1, 4, 2]), labels, [2, 2]))).toBe(0.5);
  });

  it('has the gradient that finite differences measure', () => {
    expectGradient((z) => tokenContrastLoss(z, labels, [2, 2]), [normals([1, 4, 3], 3)]);
  });
});
