import { rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHANTOM_LABELS } from '../../src-core/datasets/phantom.ts';
import { Project } from '../../src-main/services/project.ts';
import { putInUse } from '../../src-main/services/run-in-use.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../support/predicted-project.ts';
import { countOf, storedLabels } from '../support/review-canvas.ts';

const { LV } = PHANTOM_LABELS;

describe.skipIf(noBrowser)('the heart under review', () => {
  let phantom: PhantomProject;

  beforeAll(async () => {
    phantom = await phantomProject({}, { patients: 1 });
    const project = Project.open(phantom.directory);
    putInUse(project, await storePredictions(project));
    project.close();
  });

  afterAll(async () => {
    await closeBrowser();
    await rm(phantom.folder, { recursive: true });
  });

  async function openReview() {
    const opened = await openStudio();
    opened.studio.openProject(phantom.directory);
    const item = opened.studio.project.items.find(({ phase, slice }) => phase === 'ED' && slice === 1)!;
    const page = await openPage(`${opened.server.address}#/review?item=${encodeURIComponent(item.id)}`);
    const panel = page.getByRole('region', { name: 'Measures of patient001' });
    await expect.poll(() => ejection(page)).toMatch(/^\d/);
    return { ...opened, page, panel, item };
  }

  /** The left ventricle's ejection fraction as it is shown. */
  async function ejection(page: Page): Promise<string> {
    const row = page.getByRole('region', { name: /^Measures/ }).getByRole('row', { name: /^EF/ });
    return (await row.getByRole('cell').first().innerText()).trim();
  }

  it('is measured anew after every gesture and every undo', async () => {
    const { page, panel } = await openReview();
    await panel.getByRole('img', { name: 'Volume of each class over the heart beat' }).waitFor();
    const before = await ejection(page);
    expect(Number(before)).toBeGreaterThan(0);
    await page.keyboard.press('3');
    await page.keyboard.press('Delete');
    await expect.poll(() => ejection(page)).not.toBe(before);
    await page.keyboard.press('Control+Z');
    await expect.poll(() => ejection(page)).toBe(before);
  });

  it('is gone through by keys: end systole, end diastole, playing', async () => {
    const { page } = await openReview();
    const at = () => decodeURIComponent(page.url());
    const start = at();
    await page.keyboard.press('End');
    await expect.poll(at).not.toBe(start);
    await page.keyboard.press('Home');
    await expect.poll(at).toBe(start);
    await page.keyboard.press('P');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await expect.poll(at).not.toBe(start);
    await page.keyboard.press('P');
    await page.getByRole('button', { name: 'Play the phases' }).waitFor();
  });

  it('has no volumes where the size of a voxel is not known, but ratios', async () => {
    const { page, panel, studio } = await openReview();
    const known = await ejection(page);
    const address = page.url();
    studio.project.database.exec('UPDATE volumes SET spacing_x = NULL, spacing_y = NULL, spacing_z = NULL');
    studio.closeProject();
    studio.openProject(phantom.directory);
    await page.goto('about:blank');
    await page.goto(address);
    await panel.getByText('The voxel size is not known').waitFor();
    expect(await ejection(page)).toBe(known);
    const edv = panel.getByRole('row', { name: /^EDV/ });
    expect(await edv.innerText()).toMatch(/EDV\s+\?\s+\?\s+mL/);
  });

  it('has nothing that axe finds wrong, in both themes', async () => {
    const { page, studio } = await openReview();
    expect(await accessibilityProblems(page)).toEqual([]);
    studio.changeSettings({ theme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('gives corrected masks to the other phases as one step of undo, and leaves alone what is reviewed', async () => {
    const { page, studio, server, item } = await openReview();
    const systole = studio.project.items.find(({ phase, slice }) => phase === 'ES' && slice === item.slice)!;
    const cavityOf = (id: string): number => countOf(storedLabels(studio, id), LV);
    const isOpen = ({ id }: { id: string }) =>
      expect.poll(() => decodeURIComponent(page.url())).toContain(`item=${id}`);
    const before = cavityOf(systole.id);
    expect(before).toBeGreaterThan(0);

    await page.keyboard.press(`${LV}`);
    await page.keyboard.press('Delete');
    await page.keyboard.press('y');
    await page.getByText('Propagated to 1 image').waitFor();
    expect(cavityOf(systole.id)).toBe(0);
    await page.keyboard.press('End');
    await isOpen(systole);
    await page.keyboard.press('Control+z');
    await expect.poll(() => cavityOf(systole.id)).toBe(before);

    await page.keyboard.press('a');
    await expect.poll(() => studio.project.state(systole.id)).toBe('accepted');
    await page.goto('about:blank');
    await page.goto(`${server.address}#/review?item=${encodeURIComponent(item.id)}`);
    await isOpen(item);
    await page.getByRole('button', { name: 'Propagate the masks of this slice' }).click();
    await page.getByText('1 that is reviewed stayed as it is').waitFor();
    expect(cavityOf(systole.id)).toBe(before);
  });
});
