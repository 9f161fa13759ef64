import { describe, expect, it } from 'vitest';
import { ABLATION_GROUPS, ablationRows, rowsNamed } from '../../../src-core/training/ablation.ts';
import { parseConfig } from '../../../src-core/training/config.ts';
import { PRESETS, presetOf } from '../../../src-core/training/presets.ts';

describe('rows of an ablation', () => {
  it.each(Object.keys(PRESETS))('are valid recipes over %s, of the same seed and length', (name) => {
    const recipe = presetOf(name);
    const groups = ABLATION_GROUPS.filter((group) => group !== 'recipe' || recipe.objective === 'staged');
    const rows = ablationRows(recipe, groups);
    expect(rows.length).toBeGreaterThan(10);
    for (const { config } of rows) {
      expect(parseConfig(config)).toEqual(config);
      expect(config.seed).toBe(recipe.seed);
      expect(config.schedule.iterations).toBe(recipe.schedule.iterations);
      expect(config.segmentationStage).toEqual(recipe.segmentationStage);
    }
    expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
  });

  it('add the parts of Table IV one after another, up to the whole recipe', () => {
    const recipe = presetOf('released');
    const rows = ablationRows(recipe, ['parts']);
    expect(rows.map(({ name }) => name)).toEqual(['baseline', '+UiN', '+L_dis', '+MCR', '+L_aff']);
    const parts = rows.map(({ config }) => [
      config.uncertainty.enabled,
      config.losses.distribution > 0,
      config.complement,
      config.losses.affinity > 0,
    ]);
    expect(parts).toEqual([0, 1, 2, 3, 4].map((switchedOn) => [0, 1, 2, 3].map((part) => part < switchedOn)));
    expect(rows.at(-1)!.config).toEqual(recipe);
  });

  it('leave L_aff out of a staged recipe, which has none, and let MCR masks teach it', () => {
    const rows = ablationRows(presetOf('acdc'), ['parts']);
    expect(rows.map(({ name }) => name)).toEqual(['baseline', '+UiN', '+L_dis', '+MCR']);
    expect(rows.map(({ config }) => config.segmentation.labels)).toEqual(Array(4).fill('final'));
  });

  it('keep one branch of UiN each in Table V, and K as given', () => {
    const [mean, channel, spatial, all] = ablationRows(presetOf('released'), ['uncertainty']).map(
      ({ config: { uncertainty } }) => [uncertainty.channel, uncertainty.spatial, uncertainty.deviation],
    );
    expect({ mean, channel, spatial, all }).toEqual({
      mean: [true, true, false],
      channel: [true, false, true],
      spatial: [false, true, true],
      all: [true, true, true],
    });
    const samples = ablationRows(presetOf('voc'), ['samples'], [1, 70]);
    expect(samples.map(({ name, config }) => [name, config.uncertainty.samples])).toEqual([
      ['K 1', 1],
      ['K 70', 70],
    ]);
  });

  it('change every recipe row but the first of a staged preset', () => {
    const recipe = presetOf('acdc');
    const [whole, ...changed] = ablationRows(recipe, ['recipe']);
    expect(whole!.config).toEqual(recipe);
    for (const { name, config } of changed) expect(config, name).not.toEqual(recipe);
    expect(() => ablationRows(presetOf('voc'), ['recipe'])).toThrow('expected a staged preset');
  });

  it('are chosen by name', () => {
    const rows = ablationRows(presetOf('released'), ['parts']);
    expect(rowsNamed(rows, ['+MCR', 'baseline']).map(({ name }) => name)).toEqual(['baseline', '+MCR']);
    expect(() => rowsNamed(rows, ['MCR'])).toThrow('rows: expected some of baseline, +UiN');
  });
});
