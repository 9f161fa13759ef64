import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupNumber, splitGroups, type Group } from '../../../src-core/datasets/split.ts';

const patients = (count: number): Group[] =>
  Array.from({ length: count }, (_, index) => ({ name: `patient${String(index + 1).padStart(3, '0')}` }));
const sides = (splits: ReadonlyMap<string, string>, side: string) =>
  [...splits].filter(([, s]) => s === side).map(([name]) => name);

describe('splits by patient', () => {
  it('tests on every patient whose number divides, and validates on a tenth of the others', () => {
    const splits = splitGroups(patients(75), { kind: 'modulus', modulus: 5, validation: 0.1, seed: 0 });
    expect(sides(splits, 'test')).toEqual(
      patients(75)
        .map(({ name }) => name)
        .filter((name) => Number(name.slice(7)) % 5 === 0),
    );
    expect(sides(splits, 'validation')).toHaveLength(6);
    expect(sides(splits, 'train')).toHaveLength(54);
  });

  it('places every group once, in the stated shares, the same for the same seed whatever the order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer(), (count, seed) => {
        const rule = { kind: 'shares', test: 0.2, validation: 0.1, seed } as const;
        const splits = splitGroups(patients(count), rule);
        expect(splits.size).toBe(count);
        expect(sides(splits, 'test')).toHaveLength(Math.max(1, Math.round(0.2 * count)));
        expect(sides(splits, 'train').length).toBeGreaterThan(0);
        const turned = splitGroups(patients(count).reverse(), rule);
        expect([...turned].sort()).toEqual([...splits].sort());
      }),
    );
  });

  it('keeps patients where their source placed them', () => {
    const groups: Group[] = [
      ...patients(10).map((group) => ({ ...group, given: 'train' as const })),
      { name: 'x', given: 'test' },
    ];
    const splits = splitGroups(groups, { kind: 'shares', test: 0.2, validation: 0.1, seed: 3 });
    expect(sides(splits, 'test')).toEqual(['x']);
    expect(sides(splits, 'validation')).toHaveLength(1);
  });

  it('validates on what the source validates on, and on no more', () => {
    const groups = [
      ...patients(10).map((group) => ({ ...group, given: 'train' as const })),
      { name: 'x', given: 'validation' as const },
    ];
    const splits = splitGroups(groups, { kind: 'shares', test: 0.2, validation: 0.5, seed: 0 });
    expect([...splits].filter(([, split]) => split !== 'train')).toEqual([['x', 'validation']]);
  });

  it('follows a list', () => {
    const splits = splitGroups(patients(3), { kind: 'list', splits: { patient002: 'test', patient003: 'validation' } });
    expect([...splits.values()]).toEqual(['train', 'test', 'validation']);
  });

  it('does not empty the training side for a single group', () => {
    const splits = splitGroups(patients(1), { kind: 'shares', test: 0.5, validation: 0.5, seed: 0 });
    expect([...splits.values()]).toEqual(['train']);
  });

  it('refuses shares and moduli that make no sense', () => {
    expect(() => splitGroups(patients(3), { kind: 'shares', test: 1, validation: 0, seed: 0 })).toThrow(
      'test share: expected 0 to below 1, got 1',
    );
    expect(() => splitGroups(patients(3), { kind: 'modulus', modulus: 1, validation: 0, seed: 0 })).toThrow(
      'modulus: expected an integer of 2 or more, got 1',
    );
  });

  it('reads the number of a group from its last digits', () => {
    expect([groupNumber('patient005'), groupNumber('site2/case_10b'), groupNumber('anna')]).toEqual([5, 10, undefined]);
  });
});
