// A second person reads on their own, blind; how far the two agree; a third brings them together; the audit trail names all three.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { decode } from 'fast-png';
import type { Locator, Page } from 'playwright-core';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AuditRow } from '../../src-core/contract/review.ts';
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import { patchOf } from '../../src-core/labels/patch.ts';
import { openImageData } from '../../src-main/services/image-data.ts';
import { Project } from '../../src-main/services/project.ts';
import { agreementOfReaders } from '../../src-main/services/reader-agreement.ts';
import { conflictsOf, readingPair } from '../../src-main/services/reading-pairs.ts';
import { addSecondReader, readerNumber } from '../../src-main/services/readers.ts';
import { Review } from '../../src-main/services/review.ts';
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

/** A predicted phantom on a screen of the app, with Anna at it. */
async function annaAt(
  screen: 'review' | 'results',
  prepare: (project: Project) => void = () => undefined,
  size?: { width: number; height: number },
): Promise<Reading> {
  const { folder, directory } = await phantomProject({}, { patients: 2, slices: 3, side: 64 });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const project = Project.open(directory);
  await storePredictions(project);
  const item = project.items.find(({ slice }) => slice === 1)!.id;
  prepare(project);
  project.close();
  const home = temporaryFolder('home ');
  const review = { autoAdvance: false, uncertainty: false };
  const settings = { engine: 'onnxruntime:cpu', annotator: 'Anna', view: { review } };
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
  const { address } = await startServe(home, ['--project', directory]);
  const page = await openPage(`${address}#/${screen}?item=${encodeURIComponent(item)}`, size);
  page.setDefaultTimeout(20_000);
  if (screen === 'review') await page.locator('.surface').waitFor();
  return { page, directory, item };
}

/** Anna accepts all that is suggested; Ben draws a square of a class on some, each larger than the one before, and rejects one. */
function readTwice(project: Project): void {
  const all = project.items.map(({ id }) => id);
  new Review(project, { annotator: 'Anna' }).decide(all, 'accept');
  addSecondReader(project, { name: 'Ben', isBlind: true });
  const ben = new Review(project, { annotator: 'Ben', reader: readerNumber(project, 'Ben') });
  all.slice(1, 4).forEach((item, i) => {
    const side = 6 + 4 * i;
    const plane = decodeLabels(ben.item(item).mask!);
    ben.edit('brush', [{ item, patch: patchOf(plane, () => 1, { x: 26, y: 26, width: side, height: side })! }]);
  });
  ben.decide(all.slice(0, 5), 'accept');
  ben.decide(all.slice(5, 6), 'reject', 'motion');
}

/** What is said of the item on the screen. */
const said = (page: Page) => page.locator('.canvas p.visually-hidden').innerText();
const saved = (page: Page) => page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
const bar = (page: Page) => page.getByRole('note', { name: 'Which reading this is' });

async function area(page: Page, name: string): Promise<number> {
  return Number(new RegExp(`${name} ([\\d,]+) mm²`).exec(await said(page))![1]!.replaceAll(',', ''));
}

/** Name of the item on the screen. */
const itemAt = (page: Page) => new URLSearchParams(page.url().split('?')[1]).get('item');

/** The text of the file that is saved by what somebody does. */
async function saves(page: Page, act: () => Promise<void>): Promise<string> {
  const download = page.waitForEvent('download');
  await act();
  return readFileSync(await (await download).path(), 'utf8');
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

/** Opens the readers by keys alone, and gives a name. */
async function openReaders(page: Page, name: string): Promise<Locator> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Second reading');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Second reading' });
  await dialog.waitFor();
  // The palette is gone, and the keyboard is the dialog's.
  await expect.poll(() => page.getByRole('dialog').count()).toBe(1);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(name);
  await expect.poll(() => dialog.getByLabel('Your name').inputValue()).toBe(name);
  return dialog;
}

/** Begins a second reading by keys alone. */
async function beginReading(page: Page, name: string, way: 'Blind' | 'Seeing'): Promise<void> {
  const dialog = await openReaders(page, name);
  await page.keyboard.press('Tab');
  if (!(await dialog.getByRole('radio', { name: way }).isChecked())) await page.keyboard.press('ArrowRight');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await bar(page).waitFor();
}

describe.skipIf(noBrowser)('a second reader', () => {
  it('reads blind from the prediction, is shown nothing of the first, and always sees which reading it is', async () => {
    const { page, directory, item } = await annaAt('review');
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

    // Other screens tell of his own decisions only, and say so.
    await page.getByRole('navigation').getByRole('button', { name: 'Results' }).click();
    await page.getByText('Blind reading: what other readers decided is not shown.').waitFor();
    await page.getByText('Every decision and change of your own reading').waitFor();
    expect(await page.getByText('Anna').or(page.getByText('Agreement between readers')).count()).toBe(0);
    await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();

    await bar(page).getByRole('button', { name: 'Leave' }).click();
    await page.getByText('The first reader’s masks are shown to Ben, who reads blind.').waitFor();
    await page.getByRole('button', { name: 'Leave second reading' }).click();
    await bar(page).waitFor({ state: 'detached' });
    await expect.poll(() => said(page)).toBe(drawn.replace('pending', 'corrected'));
  }, 240_000);

  it('sees the first reading while a key is held, and takes it over by another, where they do not read blind', async () => {
    const { page, directory, item } = await annaAt('review', (project) => {
      const [middleSlice] = project.items.filter(({ slice }) => slice === 1);
      const anna = new Review(project, { annotator: 'Anna' });
      const plane = decodeLabels(anna.item(middleSlice!.id).mask!);
      const patch = patchOf(plane, () => 1, { x: 26, y: 26, width: 12, height: 12 })!;
      anna.edit('brush', [{ item: middleSlice!.id, patch }]);
      anna.decide([middleSlice!.id], 'accept');
    });
    const drawn = await area(page, 'RV');
    const drawnTint = await middle(page);
    await beginReading(page, 'Ben', 'Seeing');
    await bar(page).getByText('Second reading by Ben, seeing').waitFor();
    await expect.poll(() => said(page)).toContain('Second reading by Ben, seeing. ');
    expect(await area(page, 'RV')).toBeLessThan(drawn);
    const tint = await middle(page);
    expect(distance(tint, drawnTint)).toBeGreaterThan(20);
    await expect
      .poll(async () => {
        await page.keyboard.down('F8');
        return page.getByText('First reading: Anna').isVisible();
      })
      .toBe(true);
    expect(distance(await middle(page), tint)).toBeGreaterThan(20);
    await page.keyboard.up('F8');
    await page.keyboard.press('Shift+F8');
    await expect.poll(() => area(page, 'RV')).toBe(drawn);
    await saved(page);
    const project = Project.open(directory, 'read');
    const [anna, ben] = [
      new Review(project, { annotator: '' }),
      new Review(project, { annotator: '', reader: readerNumber(project, 'Ben') }),
    ];
    expect(ben.item(item).mask).toEqual(anna.item(item).mask);
    expect([anna.item(item).annotator, ben.item(item).annotator]).toEqual(['Anna', 'Ben']);
    project.close();
  }, 240_000);

  it('agrees with the first as Results shows it: the figures of the services, the worst image first, a click away', async () => {
    const { page, directory } = await annaAt('results', readTwice);
    const project = Project.open(directory, 'read');
    const [pair] = await agreementOfReaders(project);
    project.close();
    expect(pair!.slices).toBe(5);
    expect(pair!.classes[0]!.dice).toBeLessThan(1);
    const summary = page.getByRole('region', { name: 'Agreement between readers' });
    await summary.getByRole('row').first().waitFor();
    for (const { name, dice, hd95, kappa } of pair!.classes) {
      const row = summary.getByRole('row').filter({ has: page.getByRole('cell', { name, exact: true }) });
      const cells = async () => (await row.getByRole('cell').allInnerTexts()).slice(0, 6);
      await expect
        .poll(cells)
        .toEqual([...['Anna – Ben', name, dice.toFixed(3), hd95.value.toFixed(1), kappa.toFixed(3), '5']]);
    }
    const differences = page.getByRole('region', { name: 'Images read differently' });
    const named = () => differences.getByRole('row').getByRole('button', { name: /^patient/ });
    await expect.poll(() => named().allInnerTexts()).toEqual(pair!.items.map(({ item }) => item));
    expect(pair!.items).toHaveLength(4);

    // Another column, the worst first again; CSV as it is shown, at full precision.
    await differences.getByRole('button', { name: 'RV DSC' }).click();
    const byDice = pair!.items.filter(({ classes }) => !Number.isNaN(classes[0]!.dice));
    byDice.sort((a, b) => a.classes[0]!.dice - b.classes[0]!.dice);
    const first = async () => (await named().allInnerTexts()).slice(0, byDice.length);
    await expect.poll(first).toEqual(byDice.map(({ item }) => item));
    const table = page.locator('section').filter({ has: differences });
    const csv = await saves(page, () => table.getByRole('button', { name: 'Save as CSV' }).click());
    expect(csv.split('\r\n')[0]).toContain('Image,Readers,Disagreement,RV DSC');
    expect(csv.split('\r\n')[1]).toContain(`${byDice[0]!.item},Anna – Ben,${byDice[0]!.disagreement},`);
    for (const theme of ['dark', 'light']) {
      await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
      expect(await accessibilityProblems(page)).toEqual([]);
    }

    await named().first().press('Enter');
    await page.locator('.surface').waitFor();
    await bar(page).getByText('Adjudication by Anna').waitFor();
    await expect.poll(() => itemAt(page)).toBe(byDice[0]!.item);
  }, 240_000);

  it('is brought together with the first by a third person, by keys alone: first, second, or corrected by hand', async () => {
    const { page, directory } = await annaAt('review', readTwice);
    const dialog = await openReaders(page, 'Clara');
    await dialog.getByText('6 read by both').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await bar(page).getByText('Adjudication by Clara').waitFor();
    await bar(page).getByText('4 of 4 open').waitFor();

    const before = Project.open(directory, 'read');
    const worst = (await conflictsOf(before, readerNumber(before, 'Ben'))).map(({ item }) => item);
    before.close();
    /** The images are gone through in the order of the list, the next open one by a key. */
    const isAt = (place: number) => expect.poll(() => itemAt(page)).toBe(worst[place]);
    await isAt(0);
    await expect.poll(() => said(page)).toMatch(/First: Anna, accepted. Second: Ben, corrected. They differ in [1-9]/);

    // Held, a key shows one reading or the other in place of the effective one.
    await page.keyboard.down('F8');
    await page.getByText('First reading: Anna').waitFor();
    const first = await middle(page);
    await page.keyboard.up('F8');
    await page.keyboard.down('F9');
    await page.getByText('Second reading: Ben').waitFor();
    expect(distance(await middle(page), first)).toBeGreaterThan(10);
    await page.keyboard.up('F9');

    await page.keyboard.press('Shift+F9');
    await bar(page).getByText('3 of 4 open').waitFor();
    await page.getByText(/Adjudicated by Clara/).waitFor();
    await page.keyboard.press('Control+z');
    await bar(page).getByText('4 of 4 open').waitFor();
    await page.keyboard.press('Control+Shift+z');
    await bar(page).getByText('3 of 4 open').waitFor();
    for (const theme of ['dark', 'light']) {
      await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
      expect(await accessibilityProblems(page)).toEqual([]);
    }
    await page.keyboard.press('n');
    await isAt(1);
    await page.keyboard.press('Shift+F9');
    await bar(page).getByText('2 of 4 open').waitFor();
    await page.keyboard.press('n');
    await isAt(2);
    await page.keyboard.press('Shift+F8');
    await bar(page).getByText('1 of 4 open').waitFor();
    await page.keyboard.press('n');
    await isAt(3);
    await page.keyboard.press('f');
    await drawOverMiddle(page);
    await page.keyboard.press('a');
    await bar(page).getByText('0 of 4 open').waitFor();
    await page.keyboard.press('n');
    await page.getByText('Every image that was read differently is adjudicated.').waitFor();

    // What is effective is Clara's word; Anna's and Ben's own readings are kept.
    const project = Project.open(directory, 'read');
    const ben = readerNumber(project, 'Ben');
    const pairs = worst.map((item) => readingPair(project, item, ben));
    const effective = new Review(project, { annotator: '' });
    const masks = worst.map((item) => effective.item(item));
    expect(masks.map(({ annotator }) => annotator)).toEqual(['Clara', 'Clara', 'Clara', 'Clara']);
    expect(pairs.map(({ first, second }) => [first.annotator, second.annotator])).toEqual(
      worst.map(() => ['Anna', 'Ben']),
    );
    expect([masks[0]!.mask, masks[1]!.state, masks[2]!.mask]).toEqual([
      pairs[0]!.second.mask,
      'rejected',
      pairs[2]!.first.mask,
    ]);
    expect([pairs[3]!.first.mask, pairs[3]!.second.mask]).not.toContainEqual(masks[3]!.mask);
    project.close();

    // The trail names all three, on the screen and in the files.
    const history = page.locator('aside ol');
    await history.getByText('Clara: Brush').waitFor();
    for (const entry of ['Anna: Accept', 'Ben: Brush', 'Clara: Adjudication', 'Clara: Brush']) {
      await history.getByText(entry).first().waitFor();
    }
    const csv = await saves(page, () => page.getByRole('button', { name: 'Audit trail as CSV' }).click());
    const json = await saves(page, () => page.getByRole('button', { name: 'Audit trail as JSON' }).click());
    const rows = parse<Record<string, string>>(csv, { columns: true, bom: true });
    const trail = JSON.parse(json) as AuditRow[];
    expect(rows.map(({ annotator, action }) => `${annotator} ${action}`)).toEqual(
      trail.map(({ annotator, action }) => `${annotator} ${action}`),
    );
    expect(new Set(trail.map(({ annotator }) => annotator))).toEqual(new Set(['Anna', 'Ben', 'Clara']));
    expect(trail.filter(({ action, item }) => action === 'adjudicate' && item === worst[1])[0]).toMatchObject({
      annotator: 'Clara',
      detail: { choice: 'second', second: 'Ben', from: 'accepted', to: 'rejected', reason: 'motion' },
    });
    expect(await accessibilityProblems(page)).toEqual([]);
  }, 240_000);
});
