import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../../src-main/services/project.ts';
import { putInUse } from '../../src-main/services/run-in-use.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../support/predicted-project.ts';

describe.skipIf(noBrowser)('the results', () => {
  let phantom: PhantomProject;

  beforeAll(async () => {
    phantom = await phantomProject({}, { patients: 10 });
    const project = Project.open(phantom.directory);
    putInUse(project, await storePredictions(project));
    project.close();
  });

  afterAll(async () => {
    await closeBrowser();
    await rm(phantom.folder, { recursive: true });
  });

  async function openResults() {
    const opened = await openStudio();
    opened.studio.openProject(phantom.directory);
    const page = await openPage(`${opened.server.address}#/results`);
    await page.getByRole('heading', { name: 'Classes: Segmentation' }).waitFor();
    await page.getByRole('heading', { name: 'Hearts, from the masks' }).waitFor();
    return { ...opened, page };
  }

  it('measure the run in use on held-out patients, class by class, and say how', async () => {
    const { page } = await openResults();
    const row = page.getByRole('region', { name: 'Classes: Segmentation' }).getByRole('row', { name: /^LV / });
    // The stored segmentation is the truth.
    await expect.poll(() => row.innerText()).toMatch(/LV\s+1\.000\s+1\.000/);
    await page.getByText(/held-out patients: 2 patients, 4 volumes/).waitFor();
  });

  it('show another mask when it is chosen, and sort by a column', async () => {
    const { page } = await openResults();
    await page.getByRole('combobox', { name: 'Masks' }).selectOption('cam');
    await page.getByRole('heading', { name: 'Classes: CAM' }).waitFor();
    const hearts = page.getByRole('region', { name: 'Hearts, from the masks' });
    await hearts.getByRole('button', { name: /^Patient/ }).click();
    await hearts.getByRole('button', { name: /^Patient/ }).click();
    await expect.poll(() => hearts.getByRole('row').nth(1).innerText()).toContain('patient010');
  });

  it('are drawn by class, by patient, as agreement and as risk, each to be copied and saved', async () => {
    const { page } = await openResults();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const section = (title: string) => page.locator('section', { has: page.getByRole('heading', { name: title }) });
    for (const title of [
      'DSC of each volume, by class',
      'Ejection fraction of the left ventricle: masks minus truth',
      'Error as less certain pixels are kept',
      'Volumes over the cycle: patient001',
    ])
      await section(title).getByRole('img', { name: title }).waitFor();
    const patients = section('DSC of each patient');
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      patients.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    expect(csv.suggestedFilename()).toBe('dsc-patients.csv');
    const text = await readFile(await csv.path(), 'utf8');
    expect(text).toMatch(/^Patient,"patients, lowest DSC first",RV,MYO,LV\r\n/);
    expect(text).toContain('patient005,');
    const [png] = await Promise.all([
      page.waitForEvent('download'),
      patients.getByRole('button', { name: 'Save as PNG' }).click(),
    ]);
    expect(png.suggestedFilename()).toBe('dsc-patients.png');
    await patients.getByRole('button', { name: 'Copy the picture' }).click();
    await page.getByText('The picture is on the clipboard').waitFor();
    const copied = await page.evaluate(async () => (await navigator.clipboard.read())[0]?.types);
    expect(copied).toContain('image/png');
    const table = section('Patients: Segmentation');
    expect(await table.getByRole('row', { name: /^patient005/ }).innerText()).toMatch(/patient005\s+1\.000\s+1\.000/);
    await table.getByRole('button', { name: 'Copy the table' }).click();
    await page.getByText('The table is on the clipboard').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^Patient\tRV DSC\t/);
  });

  it('are saved as CSV and as one report that holds tables and pictures', async () => {
    const { page } = await openResults();
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as CSV' }).first().click(),
    ]);
    expect(csv.suggestedFilename()).toBe('classes.csv');
    expect(await readFile(await csv.path(), 'utf8')).toMatch(/^Class,DSC pooled,.*\r\nRV,1,1/);
    const [report] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save report' }).click(),
    ]);
    const html = await readFile(await report.path(), 'utf8');
    expect(html).toContain('Research use only');
    expect([...html.matchAll(/src="data:image\/png;base64,/g)]).toHaveLength(5);
    for (const title of ['Patients: Segmentation', 'Volumes over the cycle', 'Cardiac function against truth'])
      expect(html).toContain(title);
    expect(html).toContain('patient005');
  });

  it('have nothing that axe finds wrong, in both themes', async () => {
    const { page, studio } = await openResults();
    expect(await accessibilityProblems(page)).toEqual([]);
    studio.changeSettings({ theme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('say what to do where nothing was trained', async () => {
    const empty = await phantomProject({}, { patients: 1 });
    const { studio, server } = await openStudio();
    studio.openProject(empty.directory);
    const page = await openPage(`${server.address}#/results`);
    await page.getByRole('button', { name: 'Go to training' }).click();
    await expect.poll(() => page.url()).toContain('#/train');
    studio.closeProject();
    await rm(empty.folder, { recursive: true });
  });
});
