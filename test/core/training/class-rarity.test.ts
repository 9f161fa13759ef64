import { describe, expect, test } from 'vitest';
import { UNKNOWN } from '../../../src-core/review/tag.ts';
import { classRarity } from '../../../src-core/training/class-rarity.ts';

const tags = (rows: readonly (readonly number[])[]) => rows.map((present, i) => ({ item: `${i}`, present }));

describe('class rarity', () => {
  test('is the inverse document frequency, the rarest class scaled to 1', () => {
    // Of four tags two show A and one shows B: ln 2 against ln 4.
    const { data } = classRarity(
      tags([
        [1, 1],
        [1, 0],
        [0, 0],
        [0, 0],
      ]),
      2,
    );
    expect([...data]).toEqual([expect.closeTo(0.5, 6), 1]);
  });

  test('counts only the tags that speak of a class', () => {
    const rows = [
      [1, UNKNOWN],
      [0, UNKNOWN],
      [UNKNOWN, 1],
      [UNKNOWN, 0],
    ];
    expect([...classRarity(tags(rows), 2).data]).toEqual([1, 1]);
  });

  test('a single class weighs 1', () => {
    expect([...classRarity(tags([[1], [0]]), 1).data]).toEqual([1]);
  });

  test('a class that every tag shows weighs little but not nothing', () => {
    const [always, sometimes] = classRarity(
      tags([
        [1, 1],
        [1, 0],
      ]),
      2,
    ).data;
    expect(always).toBeCloseTo(0.05);
    expect(sometimes).toBe(1);
  });

  test('without any difference, and without tags, all classes weigh the same', () => {
    expect([...classRarity(tags([[1, 1]]), 2).data]).toEqual([1, 1]);
    expect([...classRarity([], 2).data]).toEqual([1, 1]);
  });
});
