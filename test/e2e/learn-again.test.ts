import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../../src-main/services/project.ts';
import { SUGGESTED_RECIPE } from '../../src-main/services/studio/sample.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';
import { phantomProject, type PhantomProject } from '../support/predicted-project.ts';
import { tinyRecipe } from '../support/tiny-recipe.ts';

describe.skipIf(noBrowser)('learning from corrections on the review screen', () => {
  let phantom: PhantomProject;

  beforeAll(async () => {
    const split = { kind: 'modulus', modulus: 3, validation: 0.5, seed: 0 } as const;
    phantom = await phantomProject({ classes: ['LV'], split }, { patients: 3, side: 40, slices: 2 });
    const project = Project.open(phantom.directory);
    project.setSetting(SUGGESTED_RECIPE, tinyRecipe());
    project.close();
  });

  afterAll(async () => {
    await closeBrowser();
    await rm(phantom.folder, { recursive: true });
  });

  it('goes on from the run in use, tells what changed, and sorts the queue by the new uncertainty', async () => {
    const { studio, server } = await openStudio();
    studio.changeSettings({ engine: 'onnxruntime:cpu' });
    studio.openProject(phantom.directory);
    const { trainer, predictor, jobs, project } = studio;
    const plan = { recipe: 'suggested', length: null, weights: null, from: null, settings: {} };
    await jobs.result((await trainer.start(plan)).id);
    await jobs.result((await predictor.use('run-001'))!.id);

    const accepted = project.items.find(({ split }) => split === 'train')!.id;
    const page = await openPage(`${server.address}#/review?item=${encodeURIComponent(accepted)}`);
    const panel = page.getByRole('region', { name: 'Train on my corrections' });
    await page.getByRole('button', { name: /^Accept A/ }).waitFor();
    expect(await panel.count()).toBe(0);
    await page.keyboard.press('a');
    await panel.getByText('1 reviewed mask').waitFor();
    const mask = project.readLabelMap(accepted, 'reviewed');
    const before = scores(project, 'run-001');

    await panel.getByRole('button', { name: 'Train on my corrections' }).click();
    await panel.getByRole('status').waitFor();
    await panel.getByText(/suggested masks/).waitFor({ timeout: 60_000 });
    expect(project.runs().map(({ id }) => id)).toEqual(['run-001', 'run-002']);
    expect(project.readLabelMap(accepted, 'reviewed')).toEqual(mask);
    const after = scores(project, 'run-002');
    expect(after).not.toEqual(before);
    const rows = page.getByRole('region', { name: 'Queue' }).getByRole('button', { name: /Uncertainty/ });
    const shown = () =>
      rows.evaluateAll((all) => all.map((row) => /Uncertainty\s+([\d.]+)/.exec(row.textContent)?.[1]));
    const sorted = after.map(({ score }) => score).sort((a, b) => b - a);
    await expect.poll(async () => (await shown()).join()).toBe(sorted.map((score) => score.toFixed(2)).join());
    expect(await accessibilityProblems(page)).toEqual([]);
  }, 180_000);
});

/** How uncertain a run is of each item. */
function scores(project: Project, run: string): { item: string; score: number }[] {
  return project.items.map(({ id }) => ({ item: id, score: project.readPrediction(run, id)!.score! }));
}
