// A disk that is full, a project that cannot be written to, images that go or change: what the screen says, and that nothing is lost.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PHANTOM_LABELS } from '../../src-core/datasets/phantom.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { noBrowser, openPage } from '../support/browser.ts';
import {
  canvasOf,
  countOf,
  describedOn,
  itemOn,
  placesOn,
  saved,
  storedLabels,
  stroke,
  waitForItem,
} from '../support/review-canvas.ts';
import { type OpenCopy, openItem, reviewProject, SHOWS_ALL, useReviewProject } from '../support/review-project.ts';
import { temporaryFolder } from '../support/source-folders.ts';

const { LV } = PHANTOM_LABELS;

/** A disk of its own in this folder; undefined where this machine gives no right to make one. */
function mountDisk(folder: string, size: string): { remount(options: string): void } | undefined {
  const mount = (options: string): void =>
    void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  try {
    mount(`size=${size}`);
  } catch {
    console.warn('skipped: no right to mount a small disk here');
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return { remount: (options) => mount(`remount,${options}`) };
}

describe.skipIf(noBrowser)('where something is wrong with a project', () => {
  const project = useReviewProject();

  /** Moves the open project onto a disk of its own. */
  function moveToDisk({ studio }: OpenCopy, size: string) {
    const { directory } = studio.project;
    studio.closeProject();
    renameSync(directory, `${directory} aside`);
    mkdirSync(directory);
    const disk = mountDisk(directory, size);
    if (disk) cpSync(`${directory} aside`, directory, { recursive: true });
    return disk && { ...disk, directory };
  }

  /** Draws with the third class from one side of the image to the other. */
  async function drawAt(page: Page, copy: OpenCopy, row: number): Promise<void> {
    const place = await placesOn(page, copy.studio, itemOn(page));
    await stroke(page, place({ x: 4, y: row }), place({ x: 40, y: row }));
  }

  it('strokes stay on the screen while the disk is full, and are stored once there is room', async (context) => {
    const copy = await project.openCopy();
    const disk = moveToDisk(copy, '4m');
    if (!disk) return context.skip('no right to mount a small disk here');
    copy.studio.openProject(disk.directory);
    const item = copy.items[SHOWS_ALL]!;
    const page = await openItem(copy, SHOWS_ALL);
    const suggested = await describedOn(page);
    const before = storedLabels(copy.studio, item);
    copy.studio.project.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    fill(join(disk.directory, 'filler'));

    await page.keyboard.press('3');
    await page.keyboard.press('b');
    await drawAt(page, copy, 4);
    const alert = page.getByRole('alert');
    await alert.getByText(`The disk that holds ${disk.directory} is full`).waitFor();
    await alert.getByText('What you drew stays on the screen').waitFor();
    await page.getByRole('status').getByText('Not saved', { exact: true }).waitFor();
    const first = await describedOn(page);
    expect(first).not.toBe(suggested);
    await drawAt(page, copy, 44);
    await expect.poll(() => describedOn(page)).not.toBe(first);
    const both = await describedOn(page);
    expect(storedLabels(copy.studio, item)).toEqual(before);
    expect(await accessibilityProblems(page)).toEqual([]);

    // Nothing is decided about a mask that is not stored.
    await page.keyboard.press('a');
    await page.getByRole('status').getByText('Not saved', { exact: true }).waitFor();
    expect(itemOn(page)).toBe(item);
    // What is not stored is undone all the same.
    expect(await page.getByRole('button', { name: 'Undo' }).isEnabled()).toBe(true);
    await page.keyboard.press('Control+z');
    await expect.poll(() => describedOn(page)).toBe(first);
    await drawAt(page, copy, 44);
    await expect.poll(() => describedOn(page)).toBe(both);

    disk.remount('size=16m');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await saved(page);
    expect(await alert.count()).toBe(0);
    expect(await describedOn(page)).toBe(both);
    expect(countOf(storedLabels(copy.studio, item), LV)).toBeGreaterThan(countOf(before, LV));
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await expect.poll(() => storedLabels(copy.studio, item)).toEqual(before);
  }, 90_000);

  it('a project on a disk that is read-only is opened to look at: it says so, and nothing that changes it can be done', async (context) => {
    const copy = await project.openCopy();
    const disk = moveToDisk(copy, '4m');
    if (!disk) return context.skip('no right to mount a small disk here');
    disk.remount('ro');
    const page = await openPage(copy.server.address);
    await page.getByRole('button', { name: /^copy/ }).click();
    const note = page.getByRole('note').getByText('Read-only: changes cannot be saved.');
    await note.getByText('The disk that the project is on is read-only.').waitFor();
    const refusal = page.getByRole('status').getByText('Read-only: changes cannot be saved.');

    await page.getByRole('grid').press('1');
    await refusal.waitFor();
    expect(await page.getByRole('group', { name: 'What it shows' }).getByRole('button').first().isDisabled()).toBe(
      true,
    );
    await page.getByRole('navigation').getByRole('button', { name: 'Review' }).click();
    await canvasOf(page).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    const suggested = await describedOn(page);
    for (const key of ['a', 'b', 'w', 'Control+z']) {
      await page.keyboard.press(key);
      await refusal.waitFor();
      await page.getByRole('button', { name: 'Dismiss' }).click();
    }
    await drawAt(page, copy, 4);
    expect(await describedOn(page)).toBe(suggested);
    for (const name of ['Accept A', 'Reject R', 'Flag X', 'Brush', 'Undo']) {
      expect(await page.getByRole('button', { name, exact: true }).isDisabled()).toBe(true);
    }
    expect(await page.getByRole('button', { name: 'Look: move the image' }).isEnabled()).toBe(true);
    // What is only looked at goes on as ever.
    await page.keyboard.press('n');
    await expect.poll(() => describedOn(page)).not.toBe(suggested);
    expect(await accessibilityProblems(page)).toEqual([]);

    disk.remount('rw');
    await page.getByRole('button', { name: 'Try again' }).click();
    await note.waitFor({ state: 'detached' });
    await page.keyboard.press('a');
    await expect.poll(() => copy.studio.project.items.filter(({ state }) => state === 'accepted').length).toBe(1);
  }, 90_000);

  it('an image that is gone or was replaced is named, drawn strokes stay, and it is shown again once it is back', async () => {
    const folder = temporaryFolder();
    const own = await reviewProject();
    onTestFinished(() => own.remove());
    const copy = await own.openCopy();
    const last = copy.items.at(-1)!;
    const file = sourceOf(copy, last);
    const aside = join(folder, 'image');
    const original = readFileSync(file);
    renameSync(file, aside);
    // Its small pictures cannot be made either.
    const address = `${copy.server.address}#/review?item=${copy.items[SHOWS_ALL]!}`;
    const page = await openPage(address, { width: 1440, height: 900 }, [/status of 500/]);
    await canvasOf(page).waitFor();
    await page.keyboard.press('3');
    await page.keyboard.press('b');
    await drawAt(page, copy, 4);
    await saved(page);
    const drawn = await describedOn(page);

    await page.getByRole('list', { name: 'Queue' }).getByRole('listitem').last().getByRole('button').click();
    const alert = page.getByRole('main').getByRole('alert');
    await alert.getByText(`looked for ${file}`).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    writeFileSync(file, Buffer.concat([original, Buffer.of(0)]));
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.getByText(`${file} has changed since it was imported`).waitFor();
    rmSync(file);
    renameSync(aside, file);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await waitForItem(page, last);
    await alert.waitFor({ state: 'detached' });
    await page.getByRole('list', { name: 'Queue' }).getByRole('listitem').nth(SHOWS_ALL).getByRole('button').click();
    await waitForItem(page, copy.items[SHOWS_ALL]!);
    await expect.poll(() => describedOn(page)).toBe(drawn);
  });
});

/** The file that an item's image is read from. */
function sourceOf({ studio }: OpenCopy, item: string): string {
  const row = studio.project.database
    .prepare(
      'SELECT s.relative_path FROM items i JOIN volumes v ON v.number = i.volume JOIN sources s ON s.number = v.source WHERE i.id = ?',
    )
    .get(item);
  return join(studio.project.directory, String(row?.['relative_path']));
}

/** Writes until the disk is full. */
function fill(file: string): void {
  const block = Buffer.alloc(4096, 7);
  try {
    for (;;) writeFileSync(file, block, { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
