import { describe, expect, it } from 'vitest';
import {
  drawPhantom,
  PHANTOM_GROUPS,
  PHANTOM_LABELS,
  type Phantom,
  type PhantomOptions,
} from '../../../src-core/datasets/phantom.ts';
import { contractionAt } from '../../../src-core/datasets/phantom-heart.ts';
import { createRandom } from '../../../src-core/training/random.ts';

const OPTIONS: PhantomOptions = { group: 'NOR', size: 96, slices: 6, phases: 8, endDiastole: 0 };

function draw(seed: number, change: Partial<PhantomOptions> = {}): Phantom {
  return drawPhantom(createRandom(seed), { ...OPTIONS, ...change });
}

function voxels(phantom: Phantom, phase: number, label: number): number {
  return phantom.phases[phase]!.labels.filter((value) => value === label).length;
}

function meanWhere(phantom: Phantom, phase: number, label: number): number {
  const { intensities, labels } = phantom.phases[phase]!;
  const values = intensities.filter((_, i) => labels[i] === label);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('the synthetic phantom', () => {
  it('is the same for the same numbers and another for others', () => {
    expect(draw(1).phases[3]).toEqual(draw(1).phases[3]);
    expect(draw(1).phases[3]!.intensities).not.toEqual(draw(2).phases[3]!.intensities);
  });

  it('has ventricles that are smallest at end systole and a muscle that stays about as large', () => {
    for (const group of PHANTOM_GROUPS) {
      const phantom = draw(5, { group });
      const cavity = phantom.phases.map((_, phase) => voxels(phantom, phase, PHANTOM_LABELS.LV));
      expect(cavity.indexOf(Math.min(...cavity))).toBe(phantom.endSystole);
      expect(cavity[phantom.endDiastole]).toBe(Math.max(...cavity));
      const muscle = [phantom.endDiastole, phantom.endSystole].map((p) => voxels(phantom, p, PHANTOM_LABELS.MYO));
      expect(muscle[1]! / muscle[0]!).toBeGreaterThan(0.5);
      expect(muscle[1]! / muscle[0]!).toBeLessThan(1.6);
    }
  });

  it('ejects less from a dilated heart than from a normal one', () => {
    const ejected = (group: 'NOR' | 'DCM') => {
      const phantom = draw(3, { group });
      const [full, empty] = [phantom.endDiastole, phantom.endSystole].map((p) => voxels(phantom, p, PHANTOM_LABELS.LV));
      return 1 - empty! / full!;
    };
    expect(ejected('DCM')).toBeLessThan(0.45);
    expect(ejected('NOR')).toBeGreaterThan(0.45);
  });

  it('shows blood brighter than muscle', () => {
    const phantom = draw(4);
    expect(meanWhere(phantom, 0, PHANTOM_LABELS.LV)).toBeGreaterThan(1.5 * meanWhere(phantom, 0, PHANTOM_LABELS.MYO));
  });

  it('holds slices without some class, so that presence tells where a class is', () => {
    const missing = { RV: 0, MYO: 0, LV: 0 };
    let slices = 0;
    for (let seed = 0; seed < 6; seed += 1) {
      const phantom = draw(seed);
      const pixels = phantom.size ** 2;
      for (const phase of [phantom.endDiastole, phantom.endSystole]) {
        for (let slice = 0; slice < phantom.slices; slice += 1) {
          const labels = phantom.phases[phase]!.labels.subarray(slice * pixels, (slice + 1) * pixels);
          slices += 1;
          for (const name of ['RV', 'MYO', 'LV'] as const)
            if (!labels.includes(PHANTOM_LABELS[name])) missing[name] += 1;
        }
      }
    }
    for (const count of Object.values(missing)) {
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThan(slices / 2);
    }
    expect(missing.RV).toBeGreaterThan(missing.LV);
  });

  it('keeps look-alikes outside the labels: as bright as the cavity, and not labelled', () => {
    const phantom = draw(6);
    const { intensities, labels } = phantom.phases[0]!;
    const cavity = meanWhere(phantom, 0, PHANTOM_LABELS.LV);
    const alike = intensities.filter((value, i) => labels[i] === 0 && Math.abs(value - cavity) < 0.15 * cavity);
    expect(alike.length).toBeGreaterThan(voxels(phantom, 0, PHANTOM_LABELS.LV));
  });

  it('starts the beat at the phase that is asked for', () => {
    const phantom = draw(7, { endDiastole: 3 });
    expect([phantom.endDiastole, phantom.endSystole]).toEqual([3, 6]);
    expect(voxels(phantom, 3, PHANTOM_LABELS.LV)).toBeGreaterThan(voxels(phantom, 6, PHANTOM_LABELS.LV));
  });

  it('refuses sizes that make no picture', () => {
    expect(() => draw(1, { size: 8 })).toThrow('phantom size: expected a whole number from 32 on, got 8');
    expect(() => draw(1, { endDiastole: 8 })).toThrow('phantom endDiastole: expected a phase from 0 to 7, got 8');
  });
});

describe('the contraction curve', () => {
  it('is 0 at end diastole, 1 at end systole and 0 again a beat later', () => {
    expect(contractionAt(0, 0.4)).toBe(0);
    expect(contractionAt(0.4, 0.4)).toBe(1);
    expect(contractionAt(0.999999, 0.4)).toBeCloseTo(0, 6);
  });
});
