import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { button, type Scene } from '../scene.ts';

const at = '/export';
const write = (page: Page) => button(page, 'Export').last();
const folder = (page: Page) => page.getByLabel('Folder', { exact: true });

export const EXPORT_SCENES: readonly Scene[] = [
  { name: 'export-form', project: 'predicted', at, show: (page) => write(page).waitFor() },
  {
    name: 'export-open-pixels',
    project: 'predicted',
    at,
    async show(page) {
      await page.getByText('nnU-Net v2', { exact: true }).click();
      await page.getByLabel('Leave open').selectOption({ index: 2 });
    },
  },
  {
    name: 'export-preview',
    project: 'predicted',
    at,
    async show(page, stage) {
      await folder(page).fill(join(stage.folder, 'masks'));
      await button(page, 'Show what would be written').click();
      await page.getByRole('heading', { name: /would be written/ }).waitFor();
    },
  },
  {
    name: 'export-refused',
    project: 'predicted',
    at,
    async show(page, stage) {
      const taken = join(stage.folder, 'taken');
      mkdirSync(taken, { recursive: true });
      writeFileSync(join(taken, 'mine.txt'), 'mine');
      await folder(page).fill(taken);
      await write(page).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'export-done',
    project: 'predicted',
    at,
    async show(page, stage) {
      await page.getByText('nnU-Net v2', { exact: true }).click();
      await folder(page).fill(join(stage.folder, 'nnunet'));
      await write(page).click();
      await page.getByText(/files were written/).waitFor();
    },
  },
  {
    name: 'export-writing',
    project: 'predicted',
    isAlone: true,
    at,
    async show(page, stage) {
      await page.getByText('Indexed PNG', { exact: true }).click();
      await folder(page).fill(join(stage.folder, 'png'));
      await write(page).click();
      await page.getByRole('progressbar').waitFor();
      stage.freeze();
    },
  },
];
