// Window and level: which intensities become black and white.
import { measureRange } from '../../src-core/imaging/normalise.ts';

/** Intensities from `level - width / 2` (black) to `level + width / 2` (white). */
export interface WindowLevel {
  readonly level: number;
  readonly width: number;
}

/** A window as a share of what the image holds, so that it suits any scanner's units. */
export type WindowPreset = 'auto' | 'full' | 'bright' | 'dark' | 'contrast';

export const WINDOW_PRESETS: readonly WindowPreset[] = ['auto', 'full', 'bright', 'dark', 'contrast'];

/** What windows are chosen from: percentiles and extremes of the intensities. */
export interface IntensityStatistics {
  readonly least: number;
  readonly greatest: number;
  /** 1st and 99th percentile. */
  readonly low: number;
  readonly high: number;
}

/** A drag across this many CSS pixels changes the window by its own width. */
const DRAG_PX = 400;
/** The narrowest window, as a share of all intensities. */
const NARROWEST = 1e-4;

export function intensityStatistics(values: ArrayLike<number>): IntensityStatistics {
  const { low, high } = measureRange(values);
  let [least, greatest] = [low, high];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { least, greatest, low, high };
}

export function presetWindow(preset: WindowPreset, { least, greatest, low, high }: IntensityStatistics): WindowLevel {
  const span = high - low;
  switch (preset) {
    case 'auto':
      return between(low, high);
    case 'full':
      return between(least, greatest);
    case 'bright':
      return between(low, low + span * 0.6);
    case 'dark':
      return between(low, high + span * 0.6);
    case 'contrast':
      return between(low + span * 0.2, high - span * 0.2);
  }
}

/** The window after a drag: rightwards widens it (softer), downwards raises its level (darker). */
export function dragWindow(start: WindowLevel, byPx: { readonly x: number; readonly y: number }): WindowLevel {
  const width = start.width * Math.exp(byPx.x / DRAG_PX);
  return { width, level: start.level + (start.width * byPx.y) / DRAG_PX };
}

/** Keeps a window on the intensities that there are. */
export function boundWindow(window: WindowLevel, { least, greatest }: IntensityStatistics): WindowLevel {
  const span = Math.max(greatest - least, Number.MIN_VALUE);
  return {
    width: Math.min(4 * span, Math.max(NARROWEST * span, window.width)),
    level: Math.min(greatest + span, Math.max(least - span, window.level)),
  };
}

/** The intensities that become black and white. */
export function windowEnds({ level, width }: WindowLevel): readonly [black: number, white: number] {
  return [level - width / 2, level + width / 2];
}

/** A constant image has no contrast to show; it is drawn mid-grey. */
function between(low: number, high: number): WindowLevel {
  return { level: (low + high) / 2, width: high > low ? high - low : 1 };
}
