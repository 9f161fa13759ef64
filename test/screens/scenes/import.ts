import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { button, type Scene } from '../scene.ts';
import type { Stage } from '../stage.ts';

async function look(page: Page, { folder }: Stage): Promise<void> {
  const query = new URLSearchParams({ source: join(folder, 'images') }).toString();
  await page.evaluate((place) => (window.location.hash = place), `/import?${query}`);
}

async function found(page: Page, stage: Stage): Promise<void> {
  await look(page, stage);
  await page.getByRole('heading', { name: 'What was found' }).waitFor();
  await button(page, 'Make the project').waitFor();
}

export const IMPORT_SCENES: readonly Scene[] = [
  {
    name: 'import-no-folder',
    project: 'source',
    at: '/import',
    show: (page) => button(page, 'Choose a folder').waitFor(),
  },
  { name: 'import-found', project: 'source', show: found },
  {
    name: 'import-merged-classes',
    project: 'source',
    async show(page, stage) {
      await found(page, stage);
      await page.getByLabel('Merge RV into').selectOption({ label: 'LV' });
      await page.getByLabel('Name of class MYO').fill('');
      await page.getByText('A class needs a name.').waitFor();
    },
  },
  {
    name: 'import-problems',
    project: 'source',
    async show(page, stage) {
      await found(page, stage);
      await page.getByRole('region', { name: 'Warnings and files left out' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'import-read-otherwise',
    project: 'source',
    async show(page, stage) {
      await found(page, stage);
      await page.getByText('On windows of each image').click();
      await button(page, 'Look again').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'import-cannot-be-read',
    project: 'source',
    async show(page, { folder }) {
      const query = new URLSearchParams({ source: join(folder, 'home') }).toString();
      await page.evaluate((place) => (window.location.hash = place), `/import?${query}`);
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'import-making',
    project: 'source',
    isAlone: true,
    async show(page, stage) {
      await found(page, stage);
      await button(page, 'Make the project').click();
      await page.getByRole('heading', { name: /^Making/ }).waitFor();
      stage.freeze();
    },
  },
];
