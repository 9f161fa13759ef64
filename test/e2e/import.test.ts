import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { writePhantomDataset } from '../../src-main/services/phantom-dataset.ts';
import { projectFacts } from '../../src-main/services/studio/project-facts.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio, type TestStudio } from '../support/browser.ts';
import { dicomBytes, sliceElements } from '../support/dicom-bytes.ts';
import { dropFolder } from '../support/drop.ts';
import { put, temporaryFolder } from '../support/source-folders.ts';

/** A folder of three phantom patients, one of which has a file that is no image. */
async function phantom(): Promise<string> {
  const folder = temporaryFolder('phantom ');
  await writePhantomDataset({ folder, patients: 3, size: 32, slices: 2, phases: 2 });
  put(folder, 'patient004/Info.cfg', 'ED: 1\nES: 2\n');
  put(folder, 'patient004/patient004_frame01.nii.gz', 'this is no image');
  return folder;
}

async function openImport({ server }: TestStudio, source: string): Promise<Page> {
  const page = await openPage(server.address);
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  await page.evaluate(
    (query) => (window.location.hash = `/import?${query}`),
    new URLSearchParams({ source }).toString(),
  );
  return page;
}

const found = (page: Page) => page.getByRole('heading', { name: 'What was found' }).waitFor();
describe.skipIf(noBrowser)('the import screen', () => {
  afterAll(closeBrowser);

  it('takes a dropped folder to a project: looks, shows what was found and refused, makes it', async () => {
    const test = await openStudio();
    const page = await openPage(test.server.address);
    await page.getByRole('button', { name: 'Open project' }).waitFor();
    await dropFolder(page, await phantom());
    await found(page);
    expect(await page.locator('dl').innerText()).toMatch(/Images\s+12\s+Patients\s+3\s+Volumes\s+6\s+3 ED, 3 ES/);
    const refused = page.getByRole('region', { name: 'Warnings and files left out' });
    expect(await refused.innerText()).toContain('patient004/patient004_frame01.nii.gz');
    expect(await accessibilityProblems(page)).toEqual([]);
    test.studio.changeSettings({ theme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => page.url()).toContain('#/images');
    expect(test.studio.project.classes).toEqual(['RV', 'MYO', 'LV']);
    expect(test.studio.project.items).toHaveLength(12);
  });

  it('makes the classes that were named, merged, coloured and reordered by keys', async () => {
    const test = await openStudio();
    const page = await openImport(test, await phantom());
    await found(page);
    await page.getByLabel('Name of class MYO').fill('muscle');
    await page.getByLabel('Merge RV into').selectOption({ label: 'LV' });
    await page.getByRole('button', { name: 'Take RV out again' }).waitFor();
    await page.getByLabel('Name of class LV, RV').fill('blood');
    await page.getByLabel('Name of class LV, RV').press('Alt+ArrowUp');
    await page.getByLabel('Colour of blood').fill('#0072b2');
    await page.getByText('Start to review from').click();
    await page.getByText('They are suggested as if a run had drawn them').waitFor();
    await page.getByRole('button', { name: 'Make the project' }).click();
    await expect.poll(() => page.url()).toContain('#/images');
    expect(projectFacts(test.studio.project, '').classes).toEqual([
      { name: 'blood', colour: '#0072b2' },
      { name: 'muscle', colour: '#f0e442' },
    ]);
    expect(projectFacts(test.studio.project, '')).toMatchObject({ withTruth: 0, states: { pending: 12 } });
  });

  it('looks again before it makes a project of another reading', async () => {
    const test = await openStudio();
    const page = await openImport(test, await phantom());
    await found(page);
    await page.getByText('On windows of each image').click();
    await page.getByLabel('Windows for each image').fill('3');
    await page.getByLabel('Side of a window, pixels').fill('12');
    expect(await page.getByRole('button', { name: 'Make the project' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByRole('button', { name: 'Make the project' }).click();
    await expect.poll(() => page.url()).toContain('#/images');
    const tags = test.studio.project.tags();
    expect(tags).toHaveLength(36);
    expect(tags.every(({ window }) => window?.width === 12)).toBe(true);
  });

  it('names the classes of images that nothing is said of, and says why a place will not do', async () => {
    const test = await openStudio();
    const source = temporaryFolder('plain ');
    const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } })
      .png()
      .toBuffer();
    for (const name of ['a.png', 'b.png']) put(source, name, image);
    const page = await openImport(test, source);
    await found(page);
    const make = page.getByRole('button', { name: 'Make the project' });
    expect(await make.isDisabled()).toBe(true);
    await page.getByLabel('New class').fill('cell');
    await page.keyboard.press('Enter');
    await expect.poll(() => make.isEnabled()).toBe(true);
    const place = page.getByLabel('Folder of the project');
    const free = await place.inputValue();
    await place.fill(join(source, 'inside'));
    await page.getByText('This is inside the folder with the images').waitFor();
    expect(await make.isDisabled()).toBe(true);
    await place.fill(free);
    await expect.poll(() => make.isEnabled()).toBe(true);
    await make.click();
    await expect.poll(() => page.url()).toContain('#/images');
    expect(test.studio.project.classes).toEqual(['cell']);
  });

  it('tells what of the patients of DICOM files stays behind, and which paths still name them', async () => {
    const test = await openStudio();
    const source = temporaryFolder('scans ');
    for (const [instance, folder] of ['series', 'Secretname'].entries()) {
      const fields = {
        instance,
        position: [0, 0, 8 * instance],
        width: 4,
        height: 3,
        values: Array(12).fill(instance),
      };
      put(source, `${folder}/IM${instance}.dcm`, dicomBytes(sliceElements(fields)));
    }
    const page = await openImport(test, source);
    await found(page);
    const privacy = page.getByRole('region', { name: 'What of persons was found' });
    expect(await privacy.innerText()).toContain('Patients are numbered');
    expect(await privacy.innerText()).toContain('1 file has its patient’s name or number in its path');
    await privacy.getByText('elements left out').click();
    for (const name of ['PatientName', 'PatientID', 'PatientBirthDate', 'InstitutionName']) {
      expect(await privacy.innerText()).toContain(`${name} in 2 files`);
    }
    expect((await page.content()).includes('SECRET')).toBe(false);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('Keep the patients').click();
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('Patients keep the identifiers of the files').waitFor();
  });

  it('says why a folder cannot be read, and what is wanted', async () => {
    const test = await openStudio();
    const source = temporaryFolder('texts ');
    put(source, 'notes.txt', 'no image');
    const page = await openImport(test, source);
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('It holds 1 file, in no format that is known here.');
    await alert.getByText('Why it is none of them').click();
    const said = await alert.innerText();
    expect(said).toMatch(/a folder of images\s+no PNG, JPEG, TIFF, WebP, GIF or AVIF image/);
    expect(said).toMatch(/Label Studio\s+no JSON file/);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('follows links that lead out of the folder only where a person says so', async () => {
    const test = await openStudio();
    const [source, elsewhere] = [temporaryFolder('links '), await phantom()];
    symlinkSync(join(elsewhere, 'patient001'), join(source, 'patient001'));
    const page = await openImport(test, source);
    const alert = page.getByRole('alert');
    await alert.getByText('"patient001" is a link that leads out of the folder').waitFor();
    await page.getByLabel('Follow links that lead out of the folder').click();
    await page.getByRole('button', { name: 'Look again' }).click();
    await found(page);
    expect(await alert.count()).toBe(0);
  });
});
