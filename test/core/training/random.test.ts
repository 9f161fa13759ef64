import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, shuffled } from '../../../src-core/training/random.ts';

const draws = (random: ReturnType<typeof createRandom>, count: number): number[] =>
  Array.from({ length: count }, (_, i) =>
    i % 3 === 0 ? random.uniform() : i % 3 === 1 ? random.normal() : random.below(7),
  );

describe('random numbers', () => {
  it('goes on from a stored state as if it had never stopped, even between the two values of a normal pair', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(40), (seed, before) => {
        const random = createRandom(seed);
        draws(random, before);
        // A state goes through JSON in a checkpoint.
        const restored = createRandom(JSON.parse(JSON.stringify(random.state())) as ReturnType<typeof random.state>);
        expect(draws(restored, 20)).toEqual(draws(random, 20));
      }),
    );
  });

  it('gives other numbers for other seeds and other forks', () => {
    const first = (seed: number, name?: string): number =>
      (name === undefined ? createRandom(seed) : createRandom(seed).fork(name)).uniform();
    expect(new Set([first(0), first(1), first(2 ** 32), first(0, 'a'), first(0, 'b'), first(1, 'a')]).size).toBe(6);
  });

  it('stays where it is when it is forked', () => {
    const [one, other] = [createRandom(5), createRandom(5)];
    one.fork('aside').uniform();
    expect(one.uniform()).toBe(other.uniform());
  });

  it('is uniform in [0, 1) and normal with mean 0 and variance 1', () => {
    const random = createRandom(3);
    const uniforms = Array.from({ length: 20_000 }, () => random.uniform());
    const normals = Array.from({ length: 20_000 }, () => random.normal());
    const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(uniforms.every((x) => x >= 0 && x < 1)).toBe(true);
    // Standard errors: 0.002 and 0.007.
    expect(mean(uniforms)).toBeCloseTo(0.5, 1);
    expect(Math.abs(mean(normals))).toBeLessThan(0.03);
    expect(mean(normals.map((x) => x * x))).toBeCloseTo(1, 1);
  });

  it('shuffles into a permutation and leaves the input as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
        const before = [...values];
        expect(shuffled(values, createRandom(seed)).sort()).toEqual([...values].sort());
        expect(values).toEqual(before);
      }),
    );
  });
});
