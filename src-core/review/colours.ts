// Colours that stay apart for colour-blind eyes: the Okabe-Ito set for classes, inferno and cividis for values.
import type { Colour } from './picture.ts';

/** Conventional colours of the parts of the heart. */
const NAMED: Readonly<Record<string, string>> = { RV: '56B4E9', MYO: 'E69F00', LV: 'CC79A7' };
/** Okabe-Ito, without black; the three of the heart last, so that other classes differ from them while there are few. */
const PALETTE = ['009E73', 'F0E442', '0072B2', 'D55E00', '56B4E9', 'E69F00', 'CC79A7'];

/** Ten colours at equal steps from 0 to 1 (viridisLite). */
const INFERNO = '000004 1B0C42 4B0C6B 781C6D A52C60 CF4446 ED6925 FB9A06 F7D03C FCFFA4'.split(' ').map(colourOf);
const CIVIDIS = '00204D 00336F 39486B 575C6D 707173 8A8779 A69D75 C4B56C E4CF5B FFEA46'.split(' ').map(colourOf);

/** The colour of each class, in the project's order; repeats after seven. */
export function classColours(classes: readonly string[]): Colour[] {
  const taken = new Set(classes.map((name) => NAMED[name.toUpperCase()]));
  const free = PALETTE.filter((colour) => !taken.has(colour));
  const others = free.length > 0 ? free : PALETTE;
  let next = 0;
  return classes.map((name) => colourOf(NAMED[name.toUpperCase()] ?? others[next++ % others.length]!));
}

/** Dark violet to yellow, for activation in 0..1. */
export function inferno(value: number): Colour {
  return along(INFERNO, value);
}

/** Blue to yellow, for uncertainty in 0..1. */
export function cividis(value: number): Colour {
  return along(CIVIDIS, value);
}

/** `#rrggbb`. */
export function hexColour(colour: Colour): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** `share` of one colour over the rest of another. */
export function blend(under: Colour, over: Colour, share: number): Colour {
  const mix = (i: 0 | 1 | 2) => Math.round(under[i] * (1 - share) + over[i] * share);
  return [mix(0), mix(1), mix(2)];
}

function along(ramp: readonly Colour[], value: number): Colour {
  const place = Math.min(1, Math.max(0, value)) * (ramp.length - 1);
  const low = Math.min(ramp.length - 2, Math.floor(place));
  return blend(ramp[low]!, ramp[low + 1]!, place - low);
}

/** The colour of `rrggbb` or `#rrggbb`. */
export function colourOf(hex: string): Colour {
  const value = parseInt(hex.replace('#', ''), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
