import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeProject, scanSource } from '../../src-main/services/import.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';
import { niftiBytes } from '../support/nifti-file.ts';
import { canvasOf } from '../support/review-canvas.ts';
import { put, temporaryFolder } from '../support/source-folders.ts';

afterAll(closeBrowser);

const [SIDE, SLICES] = [16, 3];
const dims = [SIDE, SIDE, SLICES];
const voxels = Array.from({ length: SIDE * SIDE * SLICES }, (_, at) => at % SIDE);

/** A project of one scan without phases, whose mask came with it and waits for review. */
async function projectOfScan(): Promise<string> {
  const folder = temporaryFolder();
  put(folder, 'scans/liver.nii', niftiBytes({ dims }, voxels));
  put(
    folder,
    'scans/liver_mask.nii',
    niftiBytes(
      { dims, type: 'uint8' },
      voxels.map((value) => (value > 8 ? 1 : 0)),
    ),
  );
  const project = join(folder, 'project');
  await makeProject(await scanSource(join(folder, 'scans')), project, { masks: 'start' });
  return project;
}

describe.skipIf(noBrowser)('a scan without phases that came with its mask', () => {
  it('is reviewed by slices alone, and its mask is said to be imported', async () => {
    const { studio, server } = await openStudio();
    studio.openProject(await projectOfScan());
    const page = await openPage(`${server.address}#/review`);
    await canvasOf(page).waitFor();
    const queue = page.getByRole('region', { name: 'Queue' });
    await queue.getByText('slice 3', { exact: true }).waitFor();
    await page.getByText('nobody: it was imported with the images').waitFor();
    expect(await page.getByText(/phase \d|run-001/i).count()).toBe(0);
  });

  it('is no training on the Train screen, where one can be planned at once', async () => {
    const { studio, server } = await openStudio();
    studio.openProject(await projectOfScan());
    const page = await openPage(`${server.address}#/train`);
    await page.getByRole('button', { name: 'Masks from the import' }).waitFor();
    await page.getByText('Nothing was trained here').waitFor();
    expect(await page.getByText(/damaged|run-001/i).count()).toBe(0);
  });
});
