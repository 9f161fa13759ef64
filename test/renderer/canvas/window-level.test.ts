import { describe, expect, it } from 'vitest';
import {
  boundWindow,
  dragWindow,
  intensityStatistics,
  presetWindow,
  windowEnds,
  WINDOW_PRESETS,
} from '../../../src-renderer/canvas/window-level.ts';

// 0..1000 and one bright speck.
const values = Float32Array.from([...Array.from({ length: 1001 }, (_, i) => i), 40_000, NaN]);
const statistics = intensityStatistics(values);

describe('window and level', () => {
  it('measures extremes and percentiles, past what is not a number', () => {
    expect(statistics).toEqual({ least: 0, greatest: 40_000, low: 10, high: 991 });
  });

  it('chooses the percentiles by itself, so that one bright speck darkens nothing', () => {
    expect(windowEnds(presetWindow('auto', statistics))).toEqual([10, 991]);
    expect(windowEnds(presetWindow('full', statistics))).toEqual([0, 40_000]);
  });

  it('gives every preset a window to draw with, of a constant image too', () => {
    const constant = intensityStatistics(new Uint8Array(9).fill(7));
    for (const preset of WINDOW_PRESETS) expect(presetWindow(preset, constant)).toEqual({ level: 7, width: 1 });
  });

  it('widens to the right, darkens downwards, and goes back with the hand', () => {
    const start = { level: 500, width: 200 };
    const dragged = dragWindow(start, { x: 100, y: 50 });
    expect(dragged.width).toBeCloseTo(200 * Math.exp(0.25));
    expect(dragged.level).toBe(525);
    expect(dragWindow(start, { x: 0, y: 0 })).toEqual(start);
  });

  it('never leaves the intensities behind', () => {
    const bounded = boundWindow({ level: -1e9, width: 0 }, statistics);
    expect(bounded.level).toBe(-40_000);
    expect(bounded.width).toBeGreaterThan(0);
  });
});
