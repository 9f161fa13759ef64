import { describe, expect, it } from 'vitest';
import { awaitsReview, ITEM_STATES, supervises } from '../../../src-core/review/item-state.ts';
import { isNone, learnability } from '../../../src-core/review/tag.ts';

describe('states of items', () => {
  it('lend masks to training only after a person accepted or corrected them', () => {
    expect(ITEM_STATES.filter(supervises)).toEqual(['accepted', 'corrected']);
    expect(ITEM_STATES.filter(awaitsReview)).toEqual(['pending', 'flagged']);
  });
});

describe('tags', () => {
  it('say "none" when no class is there', () => {
    expect([isNone([0, 0]), isNone([0, 1])]).toEqual([true, false]);
  });

  it('cannot teach a class that is in all of them or in none', () => {
    expect(learnability('LV', { positive: 3, negative: 0 })).toContain('every tag shows "LV"');
    expect(learnability('LV', { positive: 0, negative: 3 })).toContain('no tag shows "LV"');
    expect(learnability('LV', { positive: 0, negative: 0 })).toContain('nothing is tagged');
    expect(learnability('LV', { positive: 1, negative: 1 })).toBeUndefined();
  });
});
