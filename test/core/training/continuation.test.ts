import { describe, expect, it } from 'vitest';
import { supervisedRegions } from '../../../src-core/training/batches.ts';
import { continuedWeights, correctionsRecipe } from '../../../src-core/training/continuation.ts';
import { initialWeights } from '../../../src-core/training/initial-state.ts';
import { iterationsOf, stagesOf } from '../../../src-core/training/stages.ts';
import { beginning } from '../../../src-core/training/train.ts';
import { tinyJointRecipe, tinyRecipe } from '../../support/tiny-recipe.ts';

const CLASSES = ['LV'];
const checkpointOf = (config = tinyRecipe()) => beginning(config, CLASSES, initialWeights(config, CLASSES.length));

describe('a run that goes on from another', () => {
  it('takes over every weight that it shares, and begins anew what it has beyond', () => {
    const from = checkpointOf(tinyRecipe({ seed: '7' }));
    const config = tinyRecipe({ 'warmUp.iterations': '3' });
    const weights = continuedWeights(config, CLASSES.length, 'run-001', from);
    const fresh = initialWeights(config, CLASSES.length);
    expect(Object.keys(weights)).toEqual(Object.keys(fresh));
    for (const [name, value] of Object.entries(weights)) expect(value).toEqual(from.state[name] ?? fresh[name]);
    const warmUp = Object.keys(weights).filter((name) => name.startsWith('warm-up.'));
    expect(warmUp.length).toBeGreaterThan(0);
  });

  it('refuses one with another encoder, naming both', () => {
    const config = tinyRecipe({ encoder: 'vit-tiny' });
    expect(() => continuedWeights(config, CLASSES.length, 'run-001', checkpointOf())).toThrow(
      /Start from: expected a run with the encoder vit-tiny, got run-001 with hybrid-tiny/,
    );
  });
});

describe('the recipe that learns from corrections', () => {
  it('teaches segmentation alone where tags have been learned from, half of every step from reviewed images', () => {
    const config = tinyRecipe({ 'segmentationStage.iterations': '40', 'segmentationStage.learningRate': '0.002' });
    const recipe = correctionsRecipe('run-001', { config, stage: 'segmentation', iteration: 40 });
    expect(stagesOf(recipe)).toEqual(['segmentation']);
    expect(iterationsOf(recipe, 'segmentation')).toBe(20);
    expect(recipe.segmentationStage.learningRate).toBe(0.001);
    expect(recipe.batch.reviewedShare).toBe(0.5);
    expect(recipe.segmentation.copyEncoder).toBe(false);
  });

  it('opens every gate of the single stage from the first step', () => {
    const config = tinyJointRecipe({ 'schedule.iterations': '40', 'schedule.segmentation': '0.1' });
    const recipe = correctionsRecipe('run-001', { config, stage: 'joint', iteration: 40 });
    expect(recipe.schedule).toMatchObject({ iterations: 20, segmentation: 0, secondComplement: 0 });
  });

  it('is the same in a second round', () => {
    const at = { stage: 'segmentation', iteration: 4 } as const;
    const first = correctionsRecipe('run-001', { config: tinyRecipe(), ...at });
    expect(correctionsRecipe('run-002', { config: first, ...at })).toEqual(first);
  });

  it('asks for a run that has learned segmentation', () => {
    expect(() => correctionsRecipe('run-001', checkpointOf())).toThrow('run-001 has not learned segmentation yet');
  });
});

describe('reviewed images', () => {
  it('teach with the tag they have, or with what their mask shows', async () => {
    const item = (id: string) => ({
      id,
      ...{ group: id, volume: id, slice: 0, split: 'train' as const, width: 2, height: 1 },
    });
    const mask = { width: 2, height: 1, data: Uint8Array.of(0, 1) };
    const regions = await supervisedRegions({
      classes: CLASSES,
      items: ['tagged', 'both', 'drawn'].map(item),
      tags: ['tagged', 'both'].map((id) => ({ item: id, present: [0] })),
      image: () => Promise.reject(new Error('not needed')),
      truth: () => Promise.resolve(undefined),
      reviewed: (id) => Promise.resolve(id === 'tagged' ? undefined : mask),
    });
    expect(regions.images.map(({ item: id, present }) => [id, ...present])).toEqual([
      ['tagged', 0],
      ['both', 0],
      ['drawn', 1],
    ]);
    expect(regions.reviewed.map(({ item: id }) => id)).toEqual(['both', 'drawn']);
  });
});
