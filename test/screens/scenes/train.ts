import type { Page } from 'playwright-core';
import { button, type Scene } from '../scene.ts';

const at = '/train';

async function run(page: Page, id: string): Promise<void> {
  await button(page, new RegExp(`^${id}`))
    .first()
    .click();
}

/** Goes on from the run in use, so that masks are there to be seen at every look. */
async function train(page: Page): Promise<void> {
  await button(page, 'New training').click();
  await page.getByLabel('Start from').selectOption('run-001');
  await button(page, /^Train /).click();
  const patience = { timeout: 300_000 };
  await page
    .getByAltText(/^Mask of .* at step 60/)
    .first()
    .waitFor(patience);
  await page.getByText(/ left$/).waitFor(patience);
}

export const TRAIN_SCENES: readonly Scene[] = [
  { name: 'train-nothing-to-learn', project: 'untagged', at, show: (page) => page.getByText('Tag images').waitFor() },
  { name: 'train-plan', project: 'tagged', at, show: (page) => page.getByText('No run yet').waitFor() },
  {
    name: 'train-plan-in-full',
    project: 'tagged',
    at,
    async show(page) {
      await page.getByText('Minutes', { exact: true }).click();
      await page.getByLabel('Start from').selectOption({ label: 'A weights file' });
      await page.getByText('Settings of the recipe').click();
      await page.getByText('Recipes that start from pretrained weights').click();
    },
  },
  {
    name: 'train-finished-in-use',
    project: 'trained',
    at,
    show: (page) => page.getByRole('img', { name: 'Losses' }).waitFor(),
  },
  { name: 'train-paused', project: 'runs', at, show: (page) => button(page, /^Resume /).waitFor() },
  {
    name: 'train-finished',
    project: 'runs',
    at,
    async show(page) {
      await run(page, 'run-002');
      await button(page, /^Use this run/).waitFor();
    },
  },
  {
    name: 'train-compared',
    project: 'runs',
    at,
    async show(page) {
      await run(page, 'run-002');
      await page.getByLabel('Compare with').selectOption('run-001');
      await page.getByRole('table', { name: 'run-002 beside run-001' }).waitFor();
    },
  },
  {
    name: 'train-damaged',
    project: 'runs',
    at,
    async show(page) {
      await run(page, 'run-003');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'train-delete',
    project: 'runs',
    at,
    async show(page) {
      await button(page, 'Delete run-001').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'train-running', project: 'trained', at, isAlone: true, readme: 'train.webp', show: train },
];
