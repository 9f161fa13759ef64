import { describe, expect, it } from 'vitest';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { maskDisagreement, suggestionFacts } from '../../../src-core/review/suggestion.ts';

const plane = (...labels: number[]): LabelPlane => ({ width: labels.length, height: 1, data: Uint8Array.from(labels) });

describe('the suggested mask of an item', () => {
  it('is the segmentation where there is one, else the pseudo mask, else none', () => {
    const [segmentation, pseudo] = [plane(0, 1, 2, 2), plane(0, 1, 1, 255)];
    // DSC of class 1: 2 of 3, of class 2: 0; the open pixel does not count.
    expect(suggestionFacts({ segmentation, pseudo })).toEqual({
      kind: 'segmentation',
      disagreement: 1 - (2 / 3 + 0) / 2,
      areas: [1, 1, 2],
    });
    expect(suggestionFacts({ pseudo, p1: segmentation })).toEqual({
      kind: 'pseudo',
      disagreement: null,
      areas: [1, 2],
    });
    expect(suggestionFacts({ p1: pseudo })).toBeUndefined();
  });
});

describe('disagreement of two masks', () => {
  it('is 0 for equal and for empty ones, 1 where nothing is shared', () => {
    expect(maskDisagreement(plane(1, 2), plane(1, 2))).toBe(0);
    expect(maskDisagreement(plane(0, 0), plane(0, 255))).toBe(0);
    expect(maskDisagreement(plane(1, 0), plane(0, 2))).toBe(1);
  });

  it('refuses masks of different sizes', () => {
    expect(() => maskDisagreement(plane(1), plane(1, 2))).toThrow('mask: expected 1 x 1 pixels, got 2 x 1');
  });
});
