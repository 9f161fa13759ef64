import { describe, expect, it } from 'vitest';
import { addShown, nothingShown, vanishedClasses } from '../../../src-core/training/vanished-classes.ts';

/** So many pixels of each label id, background first, and undecided ones after them. */
const labels = (counts: readonly number[], undecided = 0): Uint8Array =>
  Uint8Array.from([
    ...counts.flatMap((count, id) => new Array<number>(count).fill(id)),
    ...Array<number>(undecided).fill(255),
  ]);

describe('a class that the pseudo masks show', () => {
  it('has vanished where the segmentations of all images together show none of it, or next to nothing', () => {
    const shown = nothingShown(3);
    addShown(shown, labels([10, 600, 500, 40], 50), labels([1194, 0, 5, 1]));
    expect(vanishedClasses(shown)).toEqual([0]);
    addShown(shown, labels([10, 600, 500, 0], 90), labels([1199, 1, 0, 0]));
    expect(vanishedClasses(shown)).toEqual([0, 1]);
    addShown(shown, labels([0]), labels([0, 20, 20, 0]));
    expect(vanishedClasses(shown)).toEqual([]);
  });

  it('has not where the pseudo masks show none of it either', () => {
    const shown = nothingShown(2);
    addShown(shown, labels([100, 0, 30], 5), labels([100, 0, 35]));
    expect(vanishedClasses(shown)).toEqual([]);
    expect(vanishedClasses(nothingShown(2))).toEqual([]);
  });
});
