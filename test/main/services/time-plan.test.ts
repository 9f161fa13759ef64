import { describe, expect, it } from 'vitest';
import { expectedSeconds, fittedTo, withIterations, withTotal } from '../../../src-main/services/time-plan.ts';
import { tinyJointRecipe, tinyRecipe } from '../../support/tiny-recipe.ts';

const staged = tinyRecipe({ 'schedule.iterations': '300', 'segmentationStage.iterations': '100', evaluateEvery: '50' });
const times = {
  secondsPerStep: { classification: 0.2, segmentation: 0.4 },
  secondsPerMask: 0.1,
  secondsPerLook: 2,
};

describe('the time plan', () => {
  it('adds steps, pseudo masks and looks at validation images', () => {
    // 300 · 0.2 + 100 · 0.4 + 50 masks · 0.1 + 8 looks · 2 and one at the end of each stage · 2.
    expect(expectedSeconds(staged, times, 50)).toBeCloseTo(60 + 40 + 5 + 16 + 4, 9);
  });

  it('fits every stage alike to the minutes', () => {
    // 9 s are fixed; 116 s of 125 s grow with the iterations: (4 · 60 - 9) / 116 = 1.9914.
    const fitted = fittedTo(4, staged, times, 50);
    expect(fitted.schedule.iterations).toBe(597);
    expect(fitted.segmentationStage.iterations).toBe(199);
    expect(expectedSeconds(fitted, times, 50)).toBeCloseTo(240, 0);
  });

  it('leaves one iteration of each stage when not even the masks fit', () => {
    const fitted = fittedTo(0.1, staged, times, 5000);
    expect(fitted).toMatchObject({ schedule: { iterations: 1 }, segmentationStage: { iterations: 1 } });
  });

  it('counts neither masks nor a second stage for the joint objective', () => {
    const joint = tinyJointRecipe({ 'schedule.iterations': '100' });
    const single = { secondsPerStep: { joint: 0.5 }, secondsPerMask: 0.1, secondsPerLook: 0 };
    expect(expectedSeconds(joint, single, 1000)).toBe(50);
    expect(fittedTo(1, joint, single, 1000).schedule.iterations).toBe(120);
  });

  it('scales a warm-up with the rest, and never to nothing', () => {
    const config = tinyRecipe({ 'warmUp.iterations': '10', 'schedule.iterations': '100' });
    expect(withIterations(config, 0.01)).toMatchObject({ warmUp: { iterations: 1 }, schedule: { iterations: 1 } });
  });

  it('shares a total among tags and masks as before, to the last iteration', () => {
    const of = (total: number) => {
      const { schedule, segmentationStage } = withTotal(staged, total);
      return [schedule.iterations, segmentationStage.iterations];
    };
    expect(of(40)).toEqual([30, 10]);
    expect(of(41)).toEqual([31, 10]);
    expect(of(1)).toEqual([1, 0]);
    expect(withTotal(tinyJointRecipe(), 7).schedule.iterations).toBe(7);
  });
});
