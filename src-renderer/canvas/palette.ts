// Colour tables that the shader reads: classes by label id, and values by size.
import { cividis, inferno } from '../../src-core/review/colours.ts';
import type { MaskLook, Ramp } from './scene.ts';

/** Texels of one row of a table. */
export const TABLE_WIDTH = 256;

/** Rows of the table of values. */
export const RAMP_ROWS: Readonly<Record<Ramp, number>> = { cividis: 0, inferno: 1 };

const CHANNELS = 4;
const OUTLINE_OPACITY = 255;

/** RGBA by label id: a row of insides, then a row of edges; alpha 0 where nothing is drawn. */
export function classTable({ classes, fill, outline }: MaskLook): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(2 * TABLE_WIDTH * CHANNELS);
  classes.forEach(({ colour, shown, opacity }, i) => {
    if (!shown) return;
    const red = parseInt(colour.slice(1), 16);
    const rgb = [red >> 16, (red >> 8) & 255, red & 255];
    const inside = fill ? Math.round(opacity * 255) : 0;
    table.set([...rgb, inside], (i + 1) * CHANNELS);
    table.set([...rgb, outline ? OUTLINE_OPACITY : inside], (TABLE_WIDTH + i + 1) * CHANNELS);
  });
  return table;
}

/** RGBA of the values 0..1, a row for each ramp. */
export function rampTable(): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(2 * TABLE_WIDTH * CHANNELS);
  for (const [ramp, colourOf] of [
    ['cividis', cividis],
    ['inferno', inferno],
  ] as const) {
    for (let i = 0; i < TABLE_WIDTH; i++) {
      const at = (RAMP_ROWS[ramp] * TABLE_WIDTH + i) * CHANNELS;
      table.set([...colourOf(i / (TABLE_WIDTH - 1)), 255], at);
    }
  }
  return table;
}

/** Stops of a ramp, from 0 to 1, for a legend. */
export function rampStops(ramp: Ramp, count = 10): readonly string[] {
  const colourOf = ramp === 'cividis' ? cividis : inferno;
  return Array.from({ length: count }, (_, i) => `rgb(${colourOf(i / (count - 1)).join(' ')})`);
}
