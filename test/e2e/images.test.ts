import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import type { Page, WebSocketRoute } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { UNKNOWN } from '../../src-core/review/tag.ts';
import { importDataset } from '../../src-main/services/import.ts';
import { writePhantomDataset } from '../../src-main/services/phantom-dataset.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio, type TestStudio } from '../support/browser.ts';
import { put, temporaryFolder } from '../support/source-folders.ts';

interface Opened extends TestStudio {
  readonly page: Page;
  /** What is said of the whole of an image, by its place. */
  readonly said: (place: number) => readonly number[] | undefined;
}

/** The images screen of a project of four patients, two phases of three slices each; its imported tags are gone. */
async function openImages(prepare: (source: string) => void = () => undefined): Promise<Opened> {
  const test = await openStudio();
  const source = join(test.folder, 'source');
  const directory = join(test.folder, 'projects', 'Heart');
  await writePhantomDataset({ folder: source, patients: 4, size: 48, slices: 3, phases: 2 });
  await importDataset(source, directory);
  test.studio.openProject(directory);
  const { project } = test.studio;
  project.database.exec('DELETE FROM tags');
  prepare(source);
  const page = await openPage(test.server.address, undefined, [/Failed to load resource.*(500|ERR_FAILED)/]);
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  await page.evaluate(() => (window.location.hash = '/images'));
  await page
    .getByRole('gridcell', { name: /patient004/ })
    .last()
    .waitFor();
  const said = (place: number) =>
    project.tags().find(({ item, window }) => item === project.items[place]?.id && !window)?.present;
  return { ...test, page, said };
}

const tiles = (page: Page) => page.locator('.tile');

describe.skipIf(noBrowser)('the images screen', () => {
  afterAll(closeBrowser);

  it('shows every image under its patient, with nothing that axe finds wrong in both themes', async () => {
    const { page, studio } = await openImages();
    expect(await tiles(page).count()).toBe(24);
    expect(await page.locator('.heading').allInnerTexts()).toEqual([1, 2, 3, 4].map((n) => `patient00${n}\n6`));
    await page.waitForFunction(() =>
      [...document.querySelectorAll<HTMLImageElement>('.tile img')].every((image) => image.naturalWidth === 48),
    );
    expect(await accessibilityProblems(page)).toEqual([]);
    studio.changeSettings({ theme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('asks again for pictures that could not be had once the program is reached again', async () => {
    const { page } = await openImages();
    const sockets: WebSocketRoute[] = [];
    await page.route('**/resource/thumbnail?*', (route) => route.abort());
    await page.routeWebSocket('**/socket', (socket) => {
      sockets.push(socket);
      socket.connectToServer();
    });
    await page.reload();
    await page
      .getByRole('gridcell', { name: /picture/ })
      .nth(23)
      .waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.unroute('**/resource/thumbnail?*');
    await sockets[0]!.close();
    await page.getByText('Not connected.').waitFor();
    await page.waitForFunction(() => {
      const pictures = [...document.querySelectorAll<HTMLImageElement>('.tile img')];
      return pictures.length === 24 && pictures.every(({ naturalWidth }) => naturalWidth === 48);
    });
  });

  it('leaves the end of a long name to be seen, which tells it from the others, and the whole of it by pointing', async () => {
    const test = await openStudio();
    const source = temporaryFolder();
    const name = (place: number): string => `radiograph_of_the_left_wrist_seen_from_the_side_000${place}.png`;
    const pixels = encode({ width: 8, height: 8, data: new Uint8Array(64), channels: 1 });
    for (const place of [1, 2]) put(source, name(place), pixels);
    await importDataset(source, join(test.folder, 'project'), { classes: ['wrist'] });
    test.studio.openProject(join(test.folder, 'project'));
    const page = await openPage(`${test.server.address}#/images`);
    const caption = tiles(page).first().getByTitle(name(1));
    await caption.waitFor();
    /** Places of the first and the last letter beside those of what can be seen. */
    const [left, right] = await caption.evaluate((span) => {
      const text = document.createRange();
      text.selectNodeContents(span);
      const [all, seen] = [text.getBoundingClientRect(), span.getBoundingClientRect()];
      return [all.left - seen.left, all.right - seen.right];
    });
    expect(left).toBeLessThan(0);
    expect(right).toBeCloseTo(0, 0);
  });

  it('tags by keys alone: several classes, none of them, cleared, undone and redone', async () => {
    const { page, said } = await openImages();
    await page.getByRole('grid').focus();
    await page.keyboard.press('1');
    await page.keyboard.press('3');
    await expect.poll(() => said(0)).toEqual([1, 0, 1]);
    await page.getByRole('gridcell', { name: /RV, LV/ }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('0');
    await expect.poll(() => said(1)).toEqual([0, 0, 0]);
    await page.getByRole('gridcell', { name: /None of them/ }).waitFor();
    await page.keyboard.press('Backspace');
    await expect.poll(() => said(1)).toBeUndefined();
    await page.keyboard.press('Control+z');
    await expect.poll(() => said(1)).toEqual([0, 0, 0]);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expect.poll(() => said(0)).toEqual([1, 0, 0]);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(() => said(0)).toEqual([1, 0, 1]);
  });

  it('tags many at once, chosen by click, range, key and group, and warns of a class without negatives', async () => {
    const { page, studio, said } = await openImages();
    const status = page.locator('.status');
    await tiles(page).nth(1).click();
    await tiles(page)
      .nth(4)
      .click({ modifiers: ['Shift'] });
    await tiles(page)
      .nth(9)
      .click({ modifiers: ['Control'] });
    await status.getByText('5 selected').waitFor();
    await page.keyboard.press('2');
    await expect.poll(() => [0, 1, 4, 9, 10].map((place) => said(place)?.[1])).toEqual([undefined, 1, 1, 1, undefined]);
    await page.getByText('Every tag shows MYO, so it cannot be learned').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await expect.poll(() => status.innerText()).toMatch(/\d+ selected/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'patient003 6' }).click();
    await status.getByText('6 selected').waitFor();
    await page.keyboard.press('Control+a');
    await status.getByText('24 selected').waitFor();
    await page.keyboard.press('0');
    await expect
      .poll(() => studio.project.tags().filter(({ present }) => present.every((value) => value === 0)))
      .toHaveLength(24);
  });

  it('finds images by name and by tag, and says when some no longer fit', async () => {
    const { page } = await openImages();
    await page.keyboard.press('/');
    await page.keyboard.type('patient002');
    await expect.poll(() => tiles(page).count()).toBe(6);
    await page.getByRole('combobox', { name: 'Tags' }).selectOption({ label: 'Not tagged' });
    await page.getByRole('grid').focus();
    await page.keyboard.press('1');
    await page.getByText('Tags have changed since').waitFor();
    expect(await tiles(page).count()).toBe(6);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect.poll(() => tiles(page).count()).toBe(5);
    await page.getByRole('combobox', { name: 'Tags' }).selectOption({ label: 'With LV' });
    await page.getByRole('heading', { name: 'No image fits' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show all images' }).click();
    await expect.poll(() => tiles(page).count()).toBe(24);
    await page.getByRole('combobox', { name: 'Order and groups' }).selectOption({ label: 'By phase' });
    await expect.poll(() => page.locator('.heading').allInnerTexts()).toEqual(['ED\n12', 'ES\n12']);
  });

  it('says once why pictures are missing, and still tags', async () => {
    // The picture of the list of projects may have been made already; the others are asked for when they come into view.
    const { page, said } = await openImages((source) => rmSync(join(source, 'patient003'), { recursive: true }));
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/A source image is missing; looked for .*patient003_frame\d+\.nii\.gz/);
    expect(await page.getByRole('gridcell', { name: 'picture missing' }).count()).toBe(6);
    await page.getByRole('gridcell', { name: 'picture missing' }).first().click();
    await page.keyboard.press('1');
    await expect.poll(() => said(12)).toEqual([1, 0, 0]);
    expect(await alert.count()).toBe(1);
  });

  it('taps windows of one class, slice by slice, by keys and clicks; undo brings a slice back', async () => {
    const { page, studio } = await openImages();
    await page.keyboard.press('k');
    await page.getByText('Which windows show RV?').waitFor();
    await page.keyboard.press('3');
    await page.getByText('Which windows show LV?').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Number').fill('4');
    await expect.poll(() => page.getByRole('button', { name: /^Window \d/ }).count()).toBe(4);
    await page.locator('.room').click({ position: { x: 3, y: 60 } });
    const first = await page.locator('.image img').getAttribute('alt');
    await page.keyboard.press('q');
    await page.getByRole('button', { name: 'Window 3' }).click();
    await page.keyboard.press('Space');
    await page.getByText('1 of 3 slices done').waitFor();
    const windows = () => studio.project.tags().filter(({ item, window }) => window && item === first);
    expect(windows().map(({ present }) => present)).toEqual([1, 0, 1, 0].map((shown) => [UNKNOWN, UNKNOWN, shown]));
    await page.keyboard.press('0');
    await page.getByText('2 of 3 slices done').waitFor();
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await page.getByText('0 of 3 slices done').waitFor();
    expect(await page.locator('.image img').getAttribute('alt')).toBe(first);
    expect(windows()).toEqual([]);
    for (let done = 1; done <= 3; done++) {
      await page.keyboard.press('Enter');
      if (done < 3) await page.getByText(`${done} of 3 slices done`).waitFor();
    }
    await page.getByRole('heading', { name: 'All slices asked for are done: LV' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('grid').waitFor();
  });
});
