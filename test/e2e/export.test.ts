import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../../src-main/services/project.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../support/predicted-project.ts';

describe.skipIf(noBrowser)('the export screen', () => {
  let phantom: PhantomProject;

  beforeAll(async () => {
    phantom = await phantomProject({}, { patients: 2 });
    const project = Project.open(phantom.directory);
    await storePredictions(project);
    project.close();
  });

  afterAll(async () => {
    await closeBrowser();
    await rm(phantom.folder, { recursive: true });
  });

  async function openExport() {
    const opened = await openStudio();
    opened.studio.openProject(phantom.directory);
    const page = await openPage(`${opened.server.address}#/export`);
    await page.getByRole('button', { name: 'Export', exact: true }).last().waitFor();
    return { ...opened, page, write: page.getByRole('button', { name: 'Export', exact: true }).last() };
  }

  it('says what would be written, writes nothing until told, then writes it', async () => {
    const { page, write, folder } = await openExport();
    const target = join(folder, 'masks');
    await page.getByText('NIfTI label maps').click();
    await page.getByLabel('Folder', { exact: true }).fill(target);
    await page.getByRole('button', { name: 'Show what would be written' }).click();
    await page.getByRole('heading', { name: '5 files would be written' }).waitFor();
    expect(existsSync(target)).toBe(false);
    await write.click();
    await page.getByText(/5 files were written/).waitFor();
    const manifest = JSON.parse(await readFile(join(target, 'manifest.json'), 'utf8')) as { files: unknown[] };
    expect(manifest.files).toHaveLength(5);
  });

  it('says before anything is written that a format is for other images, and lets nobody try', async () => {
    const { page, write } = await openExport();
    await page.getByText('DICOM-SEG', { exact: true }).click();
    await page.getByRole('button', { name: 'Show what would be written' }).click();
    const found = page.getByRole('region', { name: 'What is written' });
    await found.getByText(/none of these images came from DICOM; choose NIfTI label maps instead/).waitFor();
    expect(await write.isDisabled()).toBe(true);
    expect(await write.getAttribute('title')).toContain('none of these images came from DICOM');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByText('NIfTI label maps', { exact: true }).click();
    expect(await write.isEnabled()).toBe(true);
  });

  it('shows how nnU-Net’s integrity checks came out, over what was written', async () => {
    const { page, write, folder } = await openExport();
    await page.getByText('nnU-Net v2', { exact: true }).click();
    await page.getByLabel('Folder', { exact: true }).fill(join(folder, 'nnunet'));
    await write.click();
    const found = page.getByRole('region', { name: 'What is written' });
    await found.getByText('There are 4 training cases, as dataset.json says.').waitFor();
    await found.getByText('Labels hold only ids that dataset.json names.').waitFor();
    await found.getByText('5 folds were asked for; there are patients for 2.').waitFor();
  });

  it('leaves alone a folder that holds anything else, and says so until it is dealt with', async () => {
    const { page, write, folder } = await openExport();
    const target = join(folder, 'taken');
    await mkdir(target);
    await writeFile(join(target, 'mine.txt'), 'mine');
    await page.getByLabel('Folder', { exact: true }).fill(target);
    await write.click();
    await page.getByRole('alert').filter({ hasText: target }).waitFor();
    expect(await readdir(target)).toEqual(['mine.txt']);
  });

  it('has nothing to export where no state is chosen, and numbers classes by name', async () => {
    const { page, write } = await openExport();
    await page.getByLabel('Numbers').selectOption('mnms');
    await expect.poll(() => page.getByLabel('Number of LV').inputValue()).toBe('1');
    for (const state of ['Pending', 'Accepted', 'Corrected'])
      await page.getByRole('checkbox', { name: state }).uncheck();
    await expect.poll(() => write.isDisabled()).toBe(true);
  });

  it('has nothing that axe finds wrong, in both themes', async () => {
    const { page, studio } = await openExport();
    await page.getByRole('button', { name: 'Show what would be written' }).click();
    await page.getByRole('heading', { name: '5 files would be written' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    studio.changeSettings({ theme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
