import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUGGESTED_RECIPE } from '../../src-main/services/studio/sample.ts';
import { Project } from '../../src-main/services/project.ts';
import { nodeWorkerHost } from '../../src-main/worker/node-worker-host.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';
import { phantomProject, type PhantomProject } from '../support/predicted-project.ts';
import { tinyRecipe } from '../support/tiny-recipe.ts';

describe.skipIf(noBrowser)('the train screen', () => {
  let phantom: PhantomProject;
  let workerId: number | undefined;
  const workers = {
    fork() {
      const worker = nodeWorkerHost.fork();
      workerId = worker.pid;
      return worker;
    },
  };

  beforeAll(async () => {
    const tags = { kind: 'crops', windows: 8, window: 24, minimumShare: 0.01, seed: 0, referenceSide: null } as const;
    const split = { kind: 'modulus', modulus: 3, validation: 0.5, seed: 0 } as const;
    phantom = await phantomProject({ classes: ['LV'], tags, split }, { patients: 3, side: 48, slices: 2 });
    const project = Project.open(phantom.directory);
    const settings = { 'schedule.iterations': '120', 'segmentationStage.iterations': '20' };
    project.setSetting(SUGGESTED_RECIPE, tinyRecipe({ ...settings, evaluateEvery: '20', checkpointEvery: '20' }));
    project.close();
  });

  afterAll(async () => {
    await closeBrowser();
    await rm(phantom.folder, { recursive: true });
  });

  async function openTrain() {
    const opened = await openStudio(undefined, { workers });
    opened.studio.changeSettings({ engine: 'onnxruntime:cpu' });
    opened.studio.openProject(phantom.directory);
    const page = await openPage(`${opened.server.address}#/train`);
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    return { ...opened, page, button };
  }

  it('trains with live values, pauses, survives its trainer, resumes, and makes masks with the run', async () => {
    const { studio, page, button } = await openTrain();
    await page.getByText('Made for this project').waitFor();
    await page.getByText('No run yet').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await button(/^Train /).click();
    await page.getByRole('status').filter({ hasText: 'Learning from tags' }).first().waitFor();
    await page.getByText(/^step \d+ of 140$/).waitFor();
    await page.getByRole('img', { name: 'Losses' }).waitFor();
    await page.getByRole('img', { name: 'On held-out images' }).waitFor();
    const sample = page.getByAltText(/^Mask of .* at step 20$/).first();
    await expect.poll(() => sample.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(32);

    await button(/^Pause /).click();
    await page.getByText('Everything learned is saved.').waitFor();
    await button(/^Resume /).click();
    await page.getByRole('status').filter({ hasText: 'Learning' }).first().waitFor();
    // As the system does where memory runs out.
    process.kill(workerId!, 'SIGKILL');
    await page.getByRole('alert').filter({ hasText: 'was killed from outside' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await button(/^Resume /).click();
    await page.getByText('Trained to its last step.').waitFor({ timeout: 120_000 });

    await button(/^Use this run /).click();
    await page.getByText('Its masks are the ones that are reviewed.').waitFor({ timeout: 120_000 });
    expect(studio.project.predictedItems('run-001')).toHaveLength(studio.project.items.length);
    studio.changeSettings({ theme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  }, 300_000);

  it('says what stands in the way of training, and trains nothing', async () => {
    const { studio, page, button } = await openTrain();
    studio.project.database.exec('CREATE TEMP TABLE kept AS SELECT * FROM tags; DELETE FROM tags');
    await page.reload();
    await page.getByText('No training image has a tag.').first().waitFor();
    await button('New training').click();
    expect(await button(/^Train /).isDisabled()).toBe(true);
    studio.project.database.exec('INSERT INTO tags SELECT * FROM kept');
  });

  it('takes a weights file by drop, and says what is wrong with it', async () => {
    const { studio, page, button } = await openTrain();
    await button(/^New training/).click();
    await page.getByLabel('Start from').selectOption({ label: 'A weights file' });
    expect(await button(/^Train /).isDisabled()).toBe(true);
    const field = page.getByRole('group', { name: 'timm ViT weights' });
    const files = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(64).fill(255)], 'vit.safetensors'));
      return transfer;
    });
    await field.dispatchEvent('drop', { dataTransfer: files });
    const path = () => page.getByRole('textbox', { name: 'timm ViT weights' }).inputValue();
    await expect.poll(path).toMatch(/vit\.safetensors$/);
    const told = `${await path()}: expected a safetensors header within 64 bytes`;
    await button(/^Train /).click();
    await page.getByRole('alert').filter({ hasText: told }).waitFor();
    expect(studio.project.runs()).toHaveLength(1);
  });

  it('shows a run whose recipe is missing as damaged, and everything else', async () => {
    const { studio, page, button } = await openTrain();
    const recipe = join(studio.project.runDirectory('run-001'), 'config.json');
    await rename(recipe, `${recipe}.away`);
    await page.reload();
    await page.getByText('run-001 cannot be drawn').waitFor();
    const reason = `${recipe}: expected the run's recipe, found nothing there`;
    await page.getByRole('alert').filter({ hasText: reason }).waitFor();
    await page.getByText('What will be learned from').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await button(/^New training/).click();
    expect(await button(/^Train /).isEnabled()).toBe(true);
    await rename(`${recipe}.away`, recipe);
    await page.reload();
    await page.getByRole('img', { name: 'Losses' }).waitFor();
  });

  it('asks before a run is deleted', async () => {
    const { studio, page, button } = await openTrain();
    await button('Delete run-001').click();
    const dialog = page.getByRole('dialog', { name: 'Delete run-001?' });
    await dialog.getByText('It is the run in use').waitFor();
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await button('Delete run-001').click();
    await dialog.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('No run yet').waitFor();
    expect(studio.project.runs()).toEqual([]);
  });
});
