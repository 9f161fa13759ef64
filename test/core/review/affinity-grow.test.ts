import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHANTOM_LABELS } from '../../../src-core/datasets/phantom.ts';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { grownLabels, prepareGrow, SEED, type GrowModel } from '../../../src-core/review/affinity-grow.ts';
import { refinePixels, weighNeighbours } from '../../../src-core/review/pixel-refinement.ts';
import { tensor } from '../../../src-core/tensor/index.ts';
import { pixelAdaptiveRefinement } from '../../../src-core/unia/pixel-adaptive-refinement.ts';
import {
  diceOf,
  drawSeeds,
  middleOf,
  phantomSlice,
  strokeInLv,
  type PhantomSlice,
} from '../../support/grow-material.ts';

const { LV, MYO } = PHANTOM_LABELS;
const SLICES = [1, 2, 3].map((seed) => phantomSlice(seed, 128));
const modelOf = ({ truth, values, affinity }: PhantomSlice): GrowModel => prepareGrow(truth, values, affinity);
const emptyLike = ({ width, height, data }: LabelPlane): LabelPlane => ({
  width,
  height,
  data: new Uint8Array(data.length),
});

describe('a stroke in the LV', () => {
  it('fills most of it', () => {
    for (const slice of SLICES) {
      const { truth } = slice;
      const seeds = strokeInLv(truth);
      const drawn = seeds.map((seed) => (seed === SEED.is ? LV : 0));
      expect(diceOf(drawn, truth.data, LV)).toBeLessThan(0.3);
      expect(diceOf(grownLabels(modelOf(slice), emptyLike(truth), LV, seeds), truth.data, LV)).toBeGreaterThan(0.85);
    }
  });

  it('gives the same twice', () => {
    const slice = SLICES[0]!;
    const seeds = strokeInLv(slice.truth);
    const grow = (): Uint8Array => grownLabels(modelOf(slice), emptyLike(slice.truth), LV, seeds);
    expect(grow()).toEqual(grow());
  });

  it('fills it in an image larger than the refinement works on, too', () => {
    const slice = phantomSlice(1, 384);
    const grown = grownLabels(modelOf(slice), emptyLike(slice.truth), LV, strokeInLv(slice.truth));
    expect(diceOf(grown, slice.truth.data, LV)).toBeGreaterThan(0.85);
  });
});

describe('a stroke of "is not"', () => {
  it('takes away what was grown too far, and nothing else of the mask', () => {
    for (const slice of SLICES) {
      const { truth } = slice;
      // The mask has taken the muscle for cavity.
      const base = { ...truth, data: truth.data.map((label) => (label === MYO ? LV : label)) };
      const seeds = new Uint8Array(base.data.length);
      const muscle = [...truth.data.keys()].filter((i) => truth.data[i] === MYO);
      for (const i of muscle.filter((_, k) => k % 100 === 0)) {
        drawSeeds(seeds, truth, SEED.isNot, { x: (i % truth.width) + 0.5, y: Math.floor(i / truth.width) + 0.5 });
      }
      const after = grownLabels(modelOf(slice), base, LV, seeds);
      expect(diceOf(after, truth.data, LV)).toBeGreaterThan(diceOf(base.data, truth.data, LV) + 0.1);
      after.forEach((label, i) => {
        if (base.data[i] !== LV) expect(label).toBe(base.data[i]);
      });
    }
  });
});

describe('strokes', () => {
  const slice = SLICES[1]!;
  const model = modelOf(slice);
  const place = fc.record({ x: fc.integer({ min: 0, max: 127 }), y: fc.integer({ min: 0, max: 127 }) });
  const strokes = fc.array(fc.tuple(fc.constantFrom(SEED.is, SEED.isNot), place, place), { maxLength: 4 });

  it('that are none change nothing', () => {
    const seeds = new Uint8Array(slice.truth.data.length);
    expect(grownLabels(model, slice.truth, LV, seeds)).toEqual(slice.truth.data);
  });

  it('hold exactly; "is" alone takes nothing away, "is not" alone adds nothing', () => {
    fc.assert(
      fc.property(strokes, (drawn) => {
        const { truth } = slice;
        const seeds = new Uint8Array(truth.data.length);
        for (const [seed, from, to] of drawn) drawSeeds(seeds, truth, seed, from, to);
        const after = grownLabels(model, truth, LV, seeds);
        const kinds = new Set(seeds);
        after.forEach((label, i) => {
          const before = truth.data[i]!;
          if (seeds[i] === SEED.is) expect(label).toBe(LV);
          if (seeds[i] === SEED.isNot) expect(label).toBe(before === LV ? 0 : before);
          if (!kinds.has(SEED.isNot) && before === LV) expect(label).toBe(LV);
          if (!kinds.has(SEED.is) && before !== LV) expect(label).toBe(before);
        });
      }),
      { numRuns: 12 },
    );
  });

  it('leave locked classes alone', () => {
    const { truth } = slice;
    // Across the LV, the muscle around it and what is beyond.
    const seeds = new Uint8Array(truth.data.length);
    const { x, y } = middleOf(truth, LV);
    drawSeeds(seeds, truth, SEED.is, { x: x - 25, y }, { x: x + 25, y });
    const shows = (locked: ReadonlySet<number>): Uint8Array => grownLabels(model, truth, LV, seeds, locked);
    const muscle = (labels: Uint8Array): number => labels.filter((label) => label === MYO).length;
    expect(muscle(shows(new Set()))).toBeLessThan(muscle(truth.data));
    expect(muscle(shows(new Set([MYO])))).toBe(muscle(truth.data));
    expect(shows(new Set([LV]))).toEqual(truth.data);
  });

  it('and values of another size are refused', () => {
    const { truth, values, affinity } = slice;
    expect(() => grownLabels(model, truth, LV, new Uint8Array(5))).toThrow('seeds: expected 128 x 128 of them, got 5');
    expect(() => prepareGrow(truth, values.subarray(1), affinity)).toThrow('image values: expected 128 x 128');
    expect(() => prepareGrow(truth, values, { ...affinity, grid: [3, 3] })).toThrow('affinity: expected 9 x 25 values');
  });
});

describe('refinement on plain arrays', () => {
  it('computes what the tensor program computes', () => {
    const [width, height] = [13, 9];
    const options = { rounds: 3, dilations: [1, 2, 4], width: 0.5, positionWeight: 0, restart: 0 };
    const image = Float32Array.from({ length: width * height }, (_, i) => Math.sin(i * 0.7) + (i % 5));
    const map = Float32Array.from(image, (_, i) => Math.cos(i * 0.3));
    const shape: [number, number, number, number] = [1, 1, height, width];
    const expected = pixelAdaptiveRefinement(tensor(image, shape), tensor(map, shape), options).dataSync();
    refinePixels(weighNeighbours({ width, height }, image, options), map, new Uint8Array(map.length), options);
    map.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });
});
