import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { closeBrowser, noBrowser } from '../../support/browser.ts';
import { pageWith } from '../../support/page-bundle.ts';
import type { CanvasPage } from './painter-page.ts';

describe.skipIf(noBrowser)('the picture on the canvas', () => {
  afterAll(closeBrowser);

  it('shows what the scene says, pixel by pixel', async () => {
    const page = await pageWith(join(import.meta.dirname, 'painter-page.ts'));
    const call = <Name extends keyof CanvasPage>(name: Name): Promise<Awaited<ReturnType<CanvasPage[Name]>>> =>
      page.evaluate(`canvasPage.${name}()`);

    // One step of 16 bits is half of this window: black and mid-grey.
    expect(await call('depth')).toEqual([0, 128]);

    const { inside, edge, outside, widths } = await call('mask');
    expect(inside).toEqual([128, 0, 0]);
    expect(edge).toEqual([255, 0, 0]);
    expect(outside).toEqual([0, 0, 0]);
    // 1.5 CSS pixels reach the centres of one or two device pixels, however large the image is drawn.
    expect(widths[0]).toBeGreaterThanOrEqual(1);
    expect(widths[1]).toBe(widths[0]);

    expect(await call('hidden')).toEqual([0, 0, 0]);
    expect(await call('change')).toEqual({ changed: true, equal: true });

    const [under, at, over] = await call('heat');
    expect(under).toEqual([0, 0, 0]);
    // cividis(.5) at alpha .25, cividis(1) at alpha .5.
    expect(at!.map((value) => Math.round(value / 4))).toEqual([31, 31, 31].map((value) => Math.round(value / 4)));
    expect(over).toEqual([128, 117, 35]);

    expect(await call('colour')).toEqual([200, 100, 50]);
    expect(await call('loss')).toBe(true);
  });
});
