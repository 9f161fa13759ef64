import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgreementCounter } from '../../../src-core/measure/reader-agreement.ts';

const plane = (width: number, ...data: number[]) => ({
  width,
  height: data.length / width,
  data: Uint8Array.from(data),
});

describe('agreement of two readers', () => {
  it('is measured by class over all slices that both have read', () => {
    const counter = new AgreementCounter(['LV', 'MYO', 'RV']);
    // LV: 3 and 2 pixels, 2 of them shared, the ends one pixel of 2 mm apart. MYO: only the second drew it. RV: neither.
    const [first, second] = [plane(5, 1, 1, 1, 0, 0), plane(5, 1, 1, 0, 2, 255)];
    counter.add({ first, second, spacingMm: [1, 2] });
    const { slices, classes, kappa } = counter.finish();
    expect(slices).toBe(1);
    expect(classes[0]).toMatchObject({ name: 'LV', dice: 4 / 5, oneSided: 0 });
    // The open pixel is left out: 2 yes-yes, 1 yes-no, 1 no-no of 4; .75 against .5 by chance.
    expect(classes[0]!.kappa).toBeCloseTo(0.5, 12);
    // Distances from the first: 0, 0, 2; their 95th percentile is 1.8. From the second: 0, 0.
    expect(classes[0]!.hd95).toEqual({ value: expect.closeTo(1.8, 12) as number, counted: 1, leftOut: 0 });
    expect(classes[1]).toMatchObject({ dice: 0, oneSided: 1, hd95: { value: NaN, counted: 0 } });
    expect(classes[2]).toMatchObject({ dice: NaN, kappa: NaN, oneSided: 0 });
    // Pairs 11, 11, 10, 02: half agree; by chance 3/4 · 1/2 + 1/4 · 1/4.
    expect(kappa).toBeCloseTo((0.5 - 7 / 16) / (1 - 7 / 16), 12);
  });

  it('has no distance in mm where the size of a pixel is unknown', () => {
    const counter = new AgreementCounter(['LV']);
    counter.add({ first: plane(2, 1, 0), second: plane(2, 0, 1), spacingMm: null });
    expect(counter.finish().classes[0]!.hd95).toEqual({ value: NaN, counted: 0, leftOut: 1 });
  });

  it('is full for equal readings and does not depend on who is first', () => {
    const labels = fc.array(fc.constantFrom(0, 1, 2), { minLength: 12, maxLength: 12 });
    const measure = (first: number[], second: number[]) => {
      const counter = new AgreementCounter(['a', 'b']);
      counter.add({ first: plane(4, ...first), second: plane(4, ...second), spacingMm: [1, 1] });
      return counter.finish();
    };
    fc.assert(
      fc.property(labels, labels, (first, second) => {
        for (const { dice, hd95 } of measure(first, first).classes) {
          expect([1, NaN]).toContainEqual(dice);
          expect([0, NaN]).toContainEqual(hd95.value);
        }
        const [there, back] = [measure(first, second), measure(second, first)];
        expect(there.classes.map(({ dice, hd95 }) => [dice, hd95])).toEqual(
          back.classes.map(({ dice, hd95 }) => [dice, hd95]),
        );
      }),
    );
  });

  it('refuses readings of different sizes', () => {
    const counter = new AgreementCounter(['a']);
    expect(() => counter.add({ first: plane(2, 1, 0), second: plane(1, 1), spacingMm: null })).toThrow(
      'second reading: expected 2 x 1 pixels like the first, got 1 x 1',
    );
  });
});
