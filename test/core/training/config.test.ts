import { describe, expect, it } from 'vitest';
import { parseConfig, settingNames, withSettings } from '../../../src-core/training/config.ts';
import { PRESETS, presetOf } from '../../../src-core/training/presets.ts';

const acdc = presetOf('acdc');

describe('presets', () => {
  it.for(Object.keys(PRESETS))('%s is whole, within range, and says its own name', (name) => {
    const preset = presetOf(name);
    expect(parseConfig(JSON.parse(JSON.stringify(preset)))).toEqual(preset);
    expect(preset.preset).toBe(name);
    expect(settingNames(preset)).toEqual(settingNames(acdc));
  });

  it('names those there are when another is asked for', () => {
    expect(() => presetOf('toString')).toThrow('Unknown preset "toString". Presets are: paper, released, voc, coco');
  });
});

describe('settings', () => {
  it('replaces numbers, words, switches, lists and nothing else', () => {
    const config = withSettings(acdc, {
      'losses.affinity': '0.25',
      'segmentation.labels': 'final',
      complement: 'false',
      'refinement.dilations': '[1,3]',
      'optimiser.clip': 'null',
      preset: '7',
    });
    expect(config.losses).toEqual({ ...acdc.losses, affinity: 0.25 });
    expect(config).toMatchObject({ complement: false, refinement: { dilations: [1, 3] }, preset: '7' });
    expect(config.segmentation.labels).toBe('final');
    expect(config.optimiser.clip).toBeNull();
    expect(acdc.losses.affinity).not.toBe(0.25);
  });

  it.for<[string, string, RegExp]>([
    ['losses.affinty', '1', /^Unknown setting "losses\.affinty"\. Settings are: .*losses\.affinity,/],
    ['losses', '1', /"losses"/],
    ['losses.affinity.deep', '1', /Unknown setting "losses\.affinity\.deep"/],
    ['__proto__.polluted', '1', /Unknown setting "__proto__\.polluted"/],
    ['losses.affinity', '-1', /^Setting "losses\.affinity": .*>=0/],
    ['losses.affinity', 'much', /^Setting "losses\.affinity": .*expected number/],
    ['schedule.segmentation', '1.5', /^Setting "schedule\.segmentation": .*<=1/],
    ['batch.images', '2.5', /^Setting "batch\.images": .*int/],
    ['encoder', 'vit-huge', /^Setting "encoder": .*vit-small/],
    ['cam.scales', '[]', /^Setting "cam\.scales"/],
    ['batch.area', '[0.9,0.5]', /^Setting "batch\.area": expected the smaller share first/],
    ['cam.low', '0.99', /^Setting "cam\.low": expected at most cam\.high/],
    [
      'batch.windowSide',
      '50',
      /^Setting "batch\.windowSide": expected a multiple of 8, the token of hybrid-tiny, got 50/,
    ],
    ['data.side', '161', /^Setting "data\.side": expected a multiple of 8/],
  ])('refuses %s=%s and names the setting', ([name, value, message]) => {
    expect(() => withSettings(acdc, { [name]: value })).toThrow(message);
  });

  it('refuses a recipe without any iteration', () => {
    const none = { 'schedule.iterations': '0', 'segmentationStage.iterations': '0' };
    expect(() => withSettings(acdc, none)).toThrow('Setting "schedule.iterations": expected at least one iteration');
  });

  it('names a setting that a stored recipe has too much or too little', () => {
    expect(() => parseConfig({ ...acdc, losses: { ...acdc.losses, extra: 1 } })).toThrow('Setting "losses.extra"');
    const { seed: _seed, ...without } = acdc;
    expect(() => parseConfig(without)).toThrow('Setting "seed"');
  });
});
