import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PHANTOM_LABELS } from '../../src-core/datasets/phantom.ts';
import type { Project } from '../../src-main/services/project.ts';
import { noBrowser } from '../support/browser.ts';
import { canvasOf, colourOn, pictureOn, placesOn, saved, stroke } from '../support/review-canvas.ts';
import { openItem, SHOWS_ALL, useReviewProject } from '../support/review-project.ts';

const { LV } = PHANTOM_LABELS;

describe.skipIf(noBrowser)('the view of the review screen', () => {
  const project = useReviewProject();

  async function openView(prepare: (project: Project, item: string) => void = () => undefined) {
    const copy = await project.openCopy();
    prepare(copy.studio.project, copy.items[SHOWS_ALL]!);
    const page = await openItem(copy, SHOWS_ALL);
    await page.getByRole('slider', { name: /^Uncertainty/ }).waitFor();
    return { page, place: await placesOn(page, copy.studio, copy.items[SHOWS_ALL]!) };
  }

  /** What the corners of the canvas say: zoom, window and level, the pixel under the pointer. */
  async function corners(page: Page): Promise<{ zoom: number; level: number; width: number; pixel: string }> {
    const text = (await page.locator('.corner').allInnerTexts()).join('\n');
    const [, zoom = '', width = '', level = ''] = /([\d,]+) %[^]*W ([\d.,-]+) L ([\d.,-]+)/.exec(text) ?? [];
    const number = (shown: string): number => Number(shown.replaceAll(',', ''));
    return {
      zoom: number(zoom),
      width: number(width),
      level: number(level),
      pixel: /\d+, \d+: [\d.,-]+/.exec(text)?.[0] ?? '',
    };
  }

  it('shows P1, P2, P3, the segmentation and the mask before changes while their keys are held', async () => {
    const { page, place } = await openView();
    await page.keyboard.press('u');
    await expect.poll(() => colourOn(page)).toBeGreaterThan(0);
    await page.keyboard.press('b');
    const suggested = await colourOn(page);
    await stroke(page, place({ x: 4, y: 4 }), place({ x: 40, y: 4 }));
    await saved(page);
    await page.mouse.move(0, 0);
    await expect.poll(() => colourOn(page)).not.toBe(suggested);
    const drawn = await colourOn(page);
    // The run's P1 is empty; the others are as suggested.
    for (const [key, name, colour] of [
      ['F1', 'P1', 0],
      ['F2', 'P2', suggested],
      ['F3', 'P3', suggested],
      ['F4', 'Segmentation', suggested],
      ['Backquote', 'Before changes', suggested],
    ] as const) {
      await page.keyboard.down(key);
      await page.locator('.compared').getByText(name, { exact: true }).waitFor();
      await expect.poll(() => colourOn(page)).toBe(colour);
      await page.keyboard.up(key);
      await expect.poll(() => colourOn(page)).toBe(drawn);
    }
  });

  it('changes the window by dragging, by keys, by presets and by itself', async () => {
    const { page, place } = await openView();
    const auto = await corners(page);
    const picture = await pictureOn(page);
    await page.keyboard.down('w');
    await stroke(page, place({ x: 20, y: 20 }), place({ x: 30, y: 20 }));
    await page.keyboard.up('w');
    await expect.poll(async () => (await corners(page)).width).toBeGreaterThan(auto.width);
    expect((await corners(page)).level).toBe(auto.level);
    await expect.poll(() => pictureOn(page)).not.toBe(picture);
    // Dragged, W is not the wand.
    expect(await page.getByRole('button', { name: /^Wand/ }).getAttribute('aria-pressed')).toBe('false');
    await page.keyboard.press('Shift+W');
    await expect.poll(() => corners(page)).toMatchObject({ width: auto.width, level: auto.level });
    await expect.poll(() => pictureOn(page)).toBe(picture);

    // By the second button: down is darker.
    await stroke(page, place({ x: 20, y: 20 }), place({ x: 20, y: 30 }), 'right');
    await expect.poll(async () => (await corners(page)).level).toBeGreaterThan(auto.level);
    await page.getByRole('combobox', { name: 'Window' }).selectOption('auto');
    await expect.poll(async () => (await corners(page)).level).toBe(auto.level);
    for (const preset of ['full', 'bright', 'dark', 'contrast']) {
      const before = await corners(page);
      await page.getByRole('combobox', { name: 'Window' }).selectOption(preset);
      await expect.poll(() => corners(page)).not.toEqual(before);
    }
    await canvasOf(page).focus();
    const own = await corners(page);
    await page.keyboard.press('Alt+ArrowLeft');
    await expect.poll(async () => (await corners(page)).width).toBeLessThan(own.width);
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(async () => (await corners(page)).level).toBeLessThan(own.level);
  });

  it('zooms to the pointer, moves with the hand, and comes back to the whole image', async () => {
    const { page, place } = await openView();
    const whole = await corners(page);
    const at = place({ x: 12.5, y: 30.5 });
    await page.mouse.move(at.x, at.y);
    await expect.poll(async () => (await corners(page)).pixel).toMatch(/^12, 30: /);
    const { pixel } = await corners(page);
    for (let n = 0; n < 3; n++) await page.mouse.wheel(0, -240);
    await expect.poll(async () => (await corners(page)).zoom).toBeGreaterThan(1.5 * whole.zoom);
    // What was under the pointer still is.
    await page.mouse.move(at.x, at.y);
    expect((await corners(page)).pixel).toBe(pixel);

    // Held, Space lets a drag move the image under any tool, and so does the middle button.
    await page.keyboard.press('b');
    const to = { x: at.x + 90, y: at.y - 60 };
    await page.keyboard.down('Space');
    await stroke(page, at, to);
    await page.keyboard.up('Space');
    expect((await corners(page)).pixel).toBe(pixel);
    await page.mouse.down({ button: 'middle' });
    await page.mouse.move(at.x, at.y, { steps: 4 });
    await page.mouse.up({ button: 'middle' });
    expect((await corners(page)).pixel).toBe(pixel);
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true);

    await page.keyboard.press('0');
    await expect.poll(async () => (await corners(page)).zoom).toBe(whole.zoom);
    await page.keyboard.press('Equal');
    await expect.poll(async () => (await corners(page)).zoom).toBeGreaterThan(whole.zoom);
    await page.keyboard.press('Minus');
    await expect.poll(async () => (await corners(page)).zoom).toBe(whole.zoom);
    await page.keyboard.press('Shift+Digit0');
    await expect.poll(async () => (await corners(page)).zoom).toBe(100);
  });

  it('shows, hides and fades classes, fills, outlines, changes and uncertainty', async () => {
    const { page, place } = await openView();
    await page.mouse.move(0, 0);
    const differs = async (act: () => Promise<void>, sense: 'less' | 'more' | 'other'): Promise<void> => {
      const before = await colourOn(page);
      await act();
      const poll = expect.poll(() => colourOn(page));
      if (sense === 'less') await poll.toBeLessThan(before);
      else if (sense === 'more') await poll.toBeGreaterThan(before);
      else await poll.not.toBe(before);
    };
    const press = (key: string) => () => page.keyboard.press(key);
    const threshold = page.getByRole('slider', { name: 'Uncertainty: lowest value shown' });
    await differs(() => threshold.fill('0.9'), 'other');
    await differs(() => threshold.fill('0.05'), 'other');
    await canvasOf(page).focus();
    await differs(press('u'), 'other');

    await differs(press('Shift+Digit3'), 'less');
    await differs(press('Shift+Digit3'), 'more');
    await differs(() => page.getByRole('button', { name: 'Hide LV' }).click(), 'less');
    await differs(() => page.getByRole('button', { name: 'Show LV' }).click(), 'more');
    await page.keyboard.press(String(LV));
    await differs(() => page.getByRole('slider', { name: 'Opacity of LV' }).fill('0.9'), 'more');
    await differs(() => page.getByRole('slider', { name: 'Opacity of LV' }).fill('0.1'), 'less');
    await canvasOf(page).focus();
    await differs(press('o'), 'less');
    await differs(press('Shift+O'), 'less');
    expect(await colourOn(page)).toBe(0);
    await differs(press('Shift+O'), 'more');
    await differs(press('o'), 'more');

    const smooth = await pictureOn(page);
    await page.keyboard.press('s');
    await expect.poll(() => pictureOn(page)).not.toBe(smooth);
    await page.keyboard.press('s');
    await expect.poll(() => pictureOn(page)).toBe(smooth);

    await page.keyboard.press('b');
    await stroke(page, place({ x: 4, y: 4 }), place({ x: 40, y: 4 }));
    await saved(page);
    await page.mouse.move(0, 0);
    const unmarked = await pictureOn(page);
    await page.keyboard.press('t');
    await expect.poll(() => pictureOn(page)).not.toBe(unmarked);
    await page.keyboard.press('t');
    await expect.poll(() => pictureOn(page)).toBe(unmarked);
  });

  it('shows where a class was found, by C and by its list, from a value on', async () => {
    const { page } = await openView((project, item) => {
      const run = project.runs()[0]!.id;
      const prediction = project.readPrediction(run, item)!;
      const { width, height } = project.itemSize(item);
      const data = Float32Array.from({ length: width * height }, (_, i) => (i % width) / width);
      const values = { ...prediction.values, 'cam/LV': { width, height, data } };
      project.writePrediction(run, item, { ...prediction, values });
    });
    await page.mouse.move(0, 0);
    await page.keyboard.press('u');
    await page.keyboard.press(String(LV));
    const before = await pictureOn(page);
    const colour = await colourOn(page);
    await page.keyboard.press('c');
    const threshold = page.getByRole('slider', { name: 'Activation of LV: lowest value shown' });
    await threshold.waitFor();
    await expect.poll(() => colourOn(page)).toBeGreaterThan(colour);
    const shown = await colourOn(page);
    await threshold.fill('0.9');
    await expect.poll(() => colourOn(page)).toBeLessThan(shown);
    await canvasOf(page).focus();
    await page.keyboard.press('c');
    await threshold.waitFor({ state: 'detached' });
    await expect.poll(() => pictureOn(page)).toBe(before);
    await page.getByRole('combobox', { name: 'Activation' }).selectOption('LV');
    await threshold.waitFor();
    await expect.poll(() => pictureOn(page)).not.toBe(before);
  });
});
