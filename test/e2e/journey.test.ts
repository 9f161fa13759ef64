// The whole way of a person who has never seen a command line, on a phantom, in every host of the app.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { openImageData } from '../../src-main/services/image-data.ts';
import { importDataset } from '../../src-main/services/import.ts';
import { writePhantomDataset } from '../../src-main/services/phantom-dataset.ts';
import { Project, REVIEWED } from '../../src-main/services/project.ts';
import { APP_HOSTS } from '../support/app-hosts.ts';
import { closeBrowser } from '../support/browser.ts';
import { dropFolder } from '../support/drop.ts';
import { temporaryFolder } from '../support/source-folders.ts';

const PHANTOM = { patients: 4, size: 64, slices: 3, phases: 4 } as const;
const WINDOW_KEYS = [...'QWERTASD'];
/** A window shows the cavity where so much of it is cavity. */
const SHOWN_SHARE = 0.03;

/** The phantom without its masks, as a person has images, and what a person who knows hearts sees in each. */
async function imagesAndExpert(): Promise<{ folder: string; cavity: Map<string, LabelPlane> }> {
  const known = temporaryFolder('known ');
  const folder = temporaryFolder('hearts ');
  await writePhantomDataset({ folder: join(known, 'source'), ...PHANTOM });
  await importDataset(join(known, 'source'), join(known, 'project'));
  const project = Project.open(join(known, 'project'));
  const data = openImageData(project);
  const cavity = new Map<string, LabelPlane>();
  for (const { id } of project.items) {
    const truth = (await data.truth(id))!; // every slice of the phantom has a mask
    cavity.set(id, { ...truth, data: truth.data.map((label) => (label === 3 ? 1 : 0)) });
  }
  project.close();
  await writePhantomDataset({ folder, ...PHANTOM });
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('_gt.nii.gz')) rmSync(join(folder, name));
  }
  return { folder, cavity };
}

/** Taps the windows of the slice on the screen that show the cavity, by their keys, and goes on. */
async function tapSlice(page: Page, cavity: ReadonlyMap<string, LabelPlane>): Promise<void> {
  const { item, windows } = await page.locator('.image').evaluate((image) => ({
    item: image.querySelector('img')!.alt,
    windows: [...image.querySelectorAll('button')].map(({ style }) =>
      [style.left, style.top, style.width, style.height].map((percent) => parseFloat(percent) / 100),
    ),
  }));
  const { width, height, data } = cavity.get(item)!;
  for (const [i, [left, top, across, down]] of windows.entries()) {
    const inside = [...data.keys()].filter((at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return x >= left! * width && x < (left! + across!) * width && y >= top! * height && y < (top! + down!) * height;
    });
    const shown = inside.filter((at) => data[at] === 1).length;
    if (shown > SHOWN_SHARE * inside.length) await page.keyboard.press(WINDOW_KEYS[i]!);
  }
  await page.keyboard.press('Enter');
}

/** What the review screen says of its item: its name, its state and the area of its mask. */
interface Reviewed {
  readonly item: string;
  readonly text: string;
  readonly area: number;
}

async function reviewed(page: Page): Promise<Reviewed> {
  const text = await page.locator('.canvas p.visually-hidden').innerText();
  const area = Number(/LV ([\d,]+) mm²/.exec(text)![1]!.replaceAll(',', ''));
  return { item: decodeURIComponent(new URLSearchParams(page.url().split('?')[1]).get('item')!), text, area };
}

/** Presses a key and waits until another item is on the screen; gives what was said of the one before. */
async function decide(page: Page, key: string): Promise<Reviewed> {
  const before = await reviewed(page);
  await page.keyboard.press(key);
  await expect.poll(async () => (await reviewed(page)).item).not.toBe(before.item);
  return before;
}

async function reject(page: Page): Promise<void> {
  await page.keyboard.press('r');
  await page.waitForFunction(() => document.activeElement?.closest('[role="dialog"]'));
  await decide(page, 'Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Draws from the middle of the canvas with the tool in hand. */
async function draw(page: Page, direction: number): Promise<void> {
  const { x, y, width, height } = (await page.locator('.surface').boundingBox())!; // the item is on the screen
  await page.mouse.move(x + width / 2, y + height / 2 + direction * 20);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + height / 2 + direction * 200, { steps: 12 });
  await page.mouse.up();
}

/** Adds to the mask with the brush; gives what is said once it is saved. */
async function brush(page: Page): Promise<Reviewed> {
  const before = await reviewed(page);
  await page.keyboard.press('b');
  for (let n = 0; n < 3; n++) await page.keyboard.press(']');
  await draw(page, 1);
  await expect.poll(async () => (await reviewed(page)).area).toBeGreaterThan(before.area);
  await saved(page);
  return reviewed(page);
}

/** Adds to the mask with a stroke that the run's own affinity spreads; gives what is said once it is kept and saved. */
async function grow(page: Page): Promise<Reviewed> {
  const before = await reviewed(page);
  await page.keyboard.press('g');
  await page.getByText('Stroke what is LV').waitFor();
  await draw(page, -1);
  await page.getByText('Enter keeps it').waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await reviewed(page)).area).toBeGreaterThan(before.area);
  await saved(page);
  return reviewed(page);
}

const saved = (page: Page) => page.getByRole('status').getByText('Saved', { exact: true }).waitFor();

describe.each(APP_HOSTS)('the whole journey in $name', ({ missing, start }) => {
  afterAll(closeBrowser);

  it.skipIf(missing)(
    'goes from a dropped folder over tags, training, review and a power cut to an export',
    async () => {
      const { folder, cavity } = await imagesAndExpert();
      const home = temporaryFolder('home ');
      // As after an earlier visit: trying every engine of the machine is not part of this way.
      writeFileSync(join(home, 'settings.json'), JSON.stringify({ engine: 'onnxruntime:cpu' }));
      const { page, kill } = await start(home);
      page.setDefaultTimeout(30_000);

      // Drop a folder, name the class, make the project.
      await page.getByRole('button', { name: 'Open project' }).waitFor();
      await dropFolder(page, folder);
      await page.getByRole('heading', { name: 'What was found' }).waitFor();
      for (const other of ['RV', 'MYO']) {
        const row = page.getByRole('row').filter({ has: page.getByLabel(`Name of class ${other}`) });
        await row.getByRole('switch').press('Space');
      }
      const directory = await page.getByLabel('Folder of the project').inputValue();
      await page.keyboard.press('Control+Enter');
      await expect.poll(() => page.url()).toContain('#/images');

      // Say which windows show the cavity, slice by slice, by keys.
      await page.getByRole('gridcell').first().waitFor();
      await page.keyboard.press('k');
      await page.getByText('Which windows show LV?').waitFor();
      await page.getByLabel('Slices, %').fill('100');
      await page.locator('.room').click({ position: { x: 3, y: 60 } });
      const done = page.getByRole('heading', { name: 'All slices asked for are done: LV' });
      const progress = page.getByText(/\d+ of \d+ slices done/);
      while (!(await done.isVisible())) {
        const before = await progress.innerText();
        await tapSlice(page, cavity);
        await page.waitForFunction((text) => !document.body.innerText.includes(text), before);
      }

      // Train for half a minute, then make its masks.
      await page.getByRole('button', { name: 'Go to training' }).click();
      await page.getByText('Minutes', { exact: true }).click();
      await page.getByLabel('Minutes to train').fill('0.5');
      await page.keyboard.press('Control+Enter');
      await page.getByText('Trained to its last step.').waitFor({ timeout: 300_000 });
      await page.keyboard.press('Control+Enter');
      await page.getByText('Its masks are the ones that are reviewed.').waitFor({ timeout: 120_000 });

      // Ten by keys alone: each key decides and goes on to the next.
      await page.keyboard.press('Alt+3');
      await page.locator('.surface').waitFor();
      const kept = new Map<string, Reviewed>();
      for (let n = 0; n < 6; n++) {
        const accepted = await decide(page, 'a');
        kept.set(accepted.item, accepted);
      }
      for (let n = 0; n < 2; n++) await decide(page, 'x');
      for (let n = 0; n < 2; n++) await reject(page);
      await page.getByText('8 of 24').waitFor();

      // Correct the eleventh with the brush and by affinity, take the second back, and the power goes.
      const one = await brush(page);
      const two = await grow(page);
      await page.keyboard.press('Control+z');
      await expect.poll(() => reviewed(page)).toEqual(one);
      await saved(page);
      await kill();

      // Nothing is lost: the item is open as it was left, with its undo.
      const { page: back } = await start(home);
      back.setDefaultTimeout(30_000);
      await back.getByRole('button', { name: /^hearts/ }).click();
      await back.getByRole('gridcell').first().waitFor();
      await back.keyboard.press('Alt+3');
      await back.locator('.surface').waitFor();
      expect(await reviewed(back)).toEqual(one);
      await back.getByText('8 of 24').waitFor();
      await back.keyboard.press('Control+Shift+z');
      await expect.poll(() => reviewed(back)).toEqual(two);
      kept.set(two.item, await decide(back, 'a'));

      // Export what was reviewed, and read it back.
      const target = join(home, 'masks');
      await back.keyboard.press('Alt+5');
      await back.getByText('PNG', { exact: false }).first().click();
      await back.getByRole('checkbox', { name: 'Pending' }).uncheck();
      await back.getByLabel('Folder', { exact: true }).fill(target);
      await back.getByRole('button', { name: 'Export', exact: true }).last().click();
      await back.getByText(/files were written/).waitFor();
      const project = Project.open(directory, 'read');
      const masks = exported(target, 'LV');
      expect([...masks.keys()].sort()).toEqual([...kept.keys()].sort());
      for (const [item, mask] of masks) {
        const { x, y } = project.place(item).volume.spacing!; // the phantom's files say it
        expect(Math.round(mask.filter(Boolean).length * x * y)).toBe(kept.get(item)!.area);
      }
      expect(masks.get(one.item)).toEqual(project.readLabelMap(one.item, REVIEWED)!.data);
      expect(Object.fromEntries(Map.groupBy(project.items, ({ state }) => state)).rejected).toHaveLength(2);
      expect(project.state(one.item)).toBe('corrected');
      project.close();
    },
    240_000,
  );
});

/** Where an export's masks of a class are 1, by item. */
function exported(folder: string, name: string): Map<string, Uint8Array> {
  const json = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { files } = json('manifest.json') as { files: { path: string; item?: string }[] };
  const labels = json('labels.json') as Record<string, string>;
  const label = Number(Object.keys(labels).find((id) => labels[id] === name));
  return new Map(
    files.flatMap(({ path, item }) => {
      if (item === undefined) return [];
      const { data } = decode(readFileSync(join(folder, path)));
      return [[item, Uint8Array.from(data, (each) => (each === label ? 1 : 0))]];
    }),
  );
}
