// A second person reads on their own, blind; how far the two agree; a third brings them together; the audit trail names all three.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openImageData } from '../../src-main/services/image-data.ts';
import { Project } from '../../src-main/services/project.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage } from '../support/browser.ts';
import { phantomProject, storePredictions } from '../support/predicted-project.ts';
import { startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/source-folders.ts';

afterAll(closeBrowser);

interface Reading {
  readonly page: Page;
  readonly directory: string;
  /** The one on the screen. */
  readonly item: string;
}

/** A predicted phantom under review, with Anna at the screen. */
async function annaReviews(size?: { width: number; height: number }): Promise<Reading> {
  const { folder, directory } = await phantomProject({}, { patients: 2, slices: 3, side: 64 });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const project = Project.open(directory);
  await storePredictions(project);
  const item = project.items.find(({ slice }) => slice === 1)!.id;
  project.close();
  const home = temporaryFolder('home ');
  const review = { autoAdvance: false, uncertainty: false };
  const settings = { engine: 'onnxruntime:cpu', annotator: 'Anna', view: { review } };
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
  const { address } = await startServe(home, ['--project', directory]);
  const page = await openPage(`${address}#/review?item=${encodeURIComponent(item)}`, size);
  page.setDefaultTimeout(15_000);
  await page.locator('.surface').waitFor();
  return { page, directory, item };
}

/** What is said of the item on the screen. */
const said = (page: Page) => page.locator('.canvas p.visually-hidden').innerText();
const saved = (page: Page) => page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
const bar = (page: Page) => page.getByRole('note', { name: 'Which reading this is' });

async function area(page: Page, name: string): Promise<number> {
  return Number(new RegExp(`${name} ([\\d,]+) mm²`).exec(await said(page))![1]!.replaceAll(',', ''));
}

/** Mean colour of the middle of the canvas, with the pointer out of the way. */
async function middle(page: Page): Promise<readonly number[]> {
  await page.mouse.move(2, 300);
  const { width, height, channels, data } = decode(await page.locator('.surface').screenshot());
  const sums = [0, 0, 0];
  for (let y = -2; y <= 2; y++) {
    for (let x = -2; x <= 2; x++) {
      const at = ((Math.floor(height / 2) + y) * width + Math.floor(width / 2) + x) * channels;
      sums.forEach((_, c) => (sums[c]! += data[at + c]! / 25));
    }
  }
  return sums;
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}

/** Draws class 1 over the middle of the canvas with a broad brush, and waits until it is stored. */
async function drawOverMiddle(page: Page): Promise<void> {
  const before = await area(page, 'RV');
  await page.keyboard.press('b');
  await page.keyboard.press('1');
  for (let n = 0; n < 3; n++) await page.keyboard.press(']');
  const { x, y, width, height } = (await page.locator('.surface').boundingBox())!; // the item is on the screen
  await page.mouse.move(x + width / 2 - 30, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 30, y + height / 2, { steps: 6 });
  await page.mouse.up();
  await expect.poll(() => area(page, 'RV')).toBeGreaterThan(before);
  await saved(page);
}

/** Begins a second reading by keys alone. */
async function beginReading(page: Page, name: string, way: 'Blind' | 'Seeing'): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Second reading');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Second reading' });
  await dialog.waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  if (!(await dialog.getByRole('radio', { name: way }).isChecked())) await page.keyboard.press('ArrowRight');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await bar(page).waitFor();
}

describe.skipIf(noBrowser)('a second reader', () => {
  it('reads blind from the prediction, is shown nothing of the first, and always sees which reading it is', async () => {
    const { page, directory, item } = await annaReviews();
    const predicted = await said(page);
    const tint = await middle(page);
    await drawOverMiddle(page);
    const drawn = await said(page);
    const drawnTint = await middle(page);
    expect(distance(drawnTint, tint)).toBeGreaterThan(20);
    await page.keyboard.press('a');
    await expect.poll(() => said(page)).toContain('corrected');

    // Anna is no second reader of her own reading.
    await page.getByRole('button', { name: 'Second reading…' }).click();
    await page.getByText('Anna made the first reading.').waitFor();
    expect(await page.getByRole('button', { name: 'Begin second reading' }).isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await beginReading(page, 'Ben', 'Blind');
    await bar(page).getByText('Second reading by Ben, blind').waitFor();
    await page.locator('.surface').waitFor();
    await expect.poll(() => said(page)).toBe(`Second reading by Ben, blind. ${predicted}`);
    expect(distance(await middle(page), tint)).toBeLessThan(8);
    for (const text of ['Anna', 'corrected by']) expect(await page.locator('aside').innerText()).not.toContain(text);

    // Not after a reload either, nor with the panels away.
    await page.reload();
    await page.locator('.surface').waitFor();
    expect(await said(page)).toBe(`Second reading by Ben, blind. ${predicted}`);
    expect(distance(await middle(page), tint)).toBeLessThan(8);
    await page.keyboard.press('\\');
    await bar(page).getByText('Second reading by Ben, blind').waitFor();
    await page.keyboard.press('\\');
    for (const theme of ['dark', 'light']) {
      await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
      expect(await accessibilityProblems(page)).toEqual([]);
    }

    // Ben's decision is his own; Anna's mask stays as she left it.
    await page.keyboard.press('a');
    await expect.poll(() => said(page)).toContain('accepted');
    const project = Project.open(directory, 'read');
    expect(project.state(item)).toBe('corrected');
    expect(await openImageData(project).reviewed(item)).not.toEqual(
      project.readLabelMap(item, 'segmentation', project.runs()[0]!.id),
    );
    project.close();

    await bar(page).getByRole('button', { name: 'Leave' }).click();
    await page.getByText('The first reader’s masks are shown to Ben, who reads blind.').waitFor();
    await page.getByRole('button', { name: 'Leave second reading' }).click();
    await bar(page).waitFor({ state: 'detached' });
    await expect.poll(() => said(page)).toBe(drawn.replace('pending', 'corrected'));
  }, 120_000);
});
