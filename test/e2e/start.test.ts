import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { importDataset } from '../../src-main/services/import.ts';
import { writePhantomDataset } from '../../src-main/services/phantom-dataset.ts';
import { Project } from '../../src-main/services/project.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio, type TestStudio } from '../support/browser.ts';
import { dropFolder } from '../support/drop.ts';
import { temporaryFolder } from '../support/source-folders.ts';

/** A studio whose projects folder holds one project, which was opened before. */
async function withProject(): Promise<TestStudio & { directory: string }> {
  const test = await openStudio();
  const directory = join(test.folder, 'projects', 'Heart');
  const source = join(test.folder, 'source');
  await writePhantomDataset({ folder: source, patients: 2, size: 32, slices: 2, phases: 2 });
  await importDataset(source, directory);
  test.studio.openProject(directory);
  test.studio.closeProject();
  return { ...test, directory };
}

const card = (page: Page) => page.getByRole('button', { name: /^Heart/ });

describe.skipIf(noBrowser)('the start screen', () => {
  afterAll(closeBrowser);

  it('makes and opens the sample, and can be stopped before', async () => {
    const { server, folder } = await openStudio();
    const page = await openPage(server.address);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Try it with a sample' }).click();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
    expect(existsSync(join(folder, 'projects', 'Sample heart (synthetic)'))).toBe(false);
    await page.getByRole('button', { name: 'Try it with a sample' }).click();
    // Twelve hearts are drawn and read.
    await expect.poll(() => page.url(), { timeout: 60_000 }).toContain('#/images');
  });

  it('opens a recent project by the keyboard and shows its picture', async () => {
    const { server, studio } = await withProject();
    studio.openProject(studio.recent.list()[0]!.directory);
    await expect.poll(() => studio.recent.list()[0]!.picture).toMatch(/^data:image\/webp/);
    studio.closeProject();
    const page = await openPage(server.address);
    await card(page).waitFor();
    expect(await card(page).innerText()).toContain('0 of');
    expect(await page.locator('article img').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(32);
    expect(await accessibilityProblems(page)).toEqual([]);
    await card(page).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('#/images');
    expect(studio.hasProject).toBe(true);
  });

  it('gives way to the images of a project that the program was started with, but not to whoever goes back to it', async () => {
    const { server, studio, directory } = await withProject();
    studio.openProject(directory);
    const page = await openPage(server.address);
    await page.getByRole('gridcell').first().waitFor();
    expect(page.url()).toContain('#/images');
    await page.evaluate(() => (window.location.hash = '/start'));
    await page.locator('article').getByText('Heart').first().waitFor();
    await page.reload();
    await page.locator('article').getByText('Heart').first().waitFor();
    expect(page.url()).toContain('#/start');
  });

  it('finds a project again that was moved, or forgets it', async () => {
    const { server, studio, directory } = await withProject();
    renameSync(directory, join(directory, '..', 'Moved'));
    const page = await openPage(server.address);
    await page.getByText('Its folder is missing.').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Locate' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await dialog.getByLabel('Path of the folder').fill(join(directory, '..'));
    await page.keyboard.press('Enter');
    // The list has the keyboard now: m goes to "Moved".
    await dialog.getByRole('button', { name: 'Moved' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.closest('ul') !== null);
    await page.keyboard.press('m');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('#/images');
    await expect.poll(() => studio.recent.list().map(({ name }) => name)).toEqual(['Moved']);
  });

  it('says what to do about a project that is locked, damaged, newer, or no project', async () => {
    const { server, studio, directory } = await withProject();
    const page = await openPage(server.address);
    const alert = page.getByRole('alert');

    const elsewhere = Project.open(directory);
    await card(page).click();
    await alert.getByText('This project is in use').waitFor();
    expect(await alert.innerText()).toContain(`process ${process.pid}`);
    expect(await accessibilityProblems(page)).toEqual([]);
    elsewhere.close();

    const newer = Project.open(directory);
    newer.database.exec('PRAGMA user_version = 999; PRAGMA wal_checkpoint(TRUNCATE)');
    newer.close();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.getByText('made by a newer version').first().waitFor();

    writeFileSync(join(directory, 'project.db'), 'nothing of a database');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.getByText("This project's database is damaged").waitFor();

    rmSync(join(directory, 'project.db'));
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.getByText('This folder holds no project').waitFor();
    await alert.getByRole('button', { name: 'Import this folder' }).waitFor();
    expect(studio.hasProject).toBe(false);
  });

  it('takes in a folder that is dropped on the window, file by file', async () => {
    const { server, studio, folder } = await openStudio();
    const source = temporaryFolder('dropped ');
    await writePhantomDataset({ folder: source, patients: 2, size: 32, slices: 2, phases: 2 });
    const page = await openPage(server.address);
    await page.getByRole('button', { name: 'Open project' }).waitFor();
    await dropFolder(page, source);
    await expect.poll(() => page.url()).toContain('#/import');
    await expect.poll(() => studio.jobs.list().find(({ kind }) => kind === 'upload')?.state).toBe('done');
    const [arrived] = readdirSync(join(folder, 'projects')).filter((name) => name.endsWith(' images'));
    expect(readdirSync(join(folder, 'projects', arrived!), { recursive: true }).sort()).toEqual(
      readdirSync(source, { recursive: true }).sort(),
    );
  });

  it('takes in a folder chosen with the keyboard alone', async () => {
    const { server, studio } = await openStudio();
    const source = temporaryFolder('chosen ');
    writeFileSync(join(source, 'notes.txt'), 'notes');
    const page = await openPage(server.address);
    // Waited for from here on, so that the browser hands the chooser over before the key is pressed.
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Send a folder from this computer' }).focus();
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(source);
    await expect.poll(() => studio.jobs.list().find(({ kind }) => kind === 'upload')?.state).toBe('done');
  });
});
