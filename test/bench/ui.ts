// `npm run bench:ui [-- --json] [--only NAME]`: how fast the interface is in Chromium with software rendering.
import { parseArgs } from 'node:util';
import { table } from '../../src-main/cli/output.ts';
import { imagesFigures } from './ui-images.ts';
import { reviewFigures } from './ui-review.ts';
import type { UiFigure } from './ui-page.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });

const benches: Readonly<Record<string, () => Promise<UiFigure[]>>> = {
  images: imagesFigures,
  review: reviewFigures,
};

const figures: UiFigure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  figures.push(...(await bench()));
}
if (flags.json) console.log(JSON.stringify(figures, undefined, 2));
else {
  const rows = figures.map(({ name, value, unit, limit }) => {
    const kept = limit === undefined ? '' : value < limit ? 'kept' : 'MISSED';
    return [name, `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`, limit === undefined ? '' : `< ${limit}`, kept];
  });
  console.log(table(['figure', 'measured', 'limit', ''], rows));
}
