import type { Page } from 'playwright-core';
import { button, press, type Scene } from '../scene.ts';

const at = '/results';

async function measured(page: Page): Promise<void> {
  await page.getByRole('heading', { name: /^Classes:/ }).waitFor();
  await page.getByRole('heading', { name: 'Hearts, from the masks' }).waitFor();
  await page.getByRole('progressbar').waitFor({ state: 'detached' });
}

async function scrolled(page: Page, heading: string | RegExp): Promise<void> {
  await measured(page);
  const element = page.getByRole('heading', { name: heading });
  await element.evaluate((found) => found.scrollIntoView({ block: 'start' }));
}

export const RESULTS_SCENES: readonly Scene[] = [
  {
    name: 'results-nothing-to-measure',
    project: 'tagged',
    at,
    show: (page) => page.getByRole('heading', { name: 'Nothing to measure yet' }).waitFor(),
  },
  { name: 'results-classes', project: 'trained', at, readme: 'results.webp', show: measured },
  { name: 'results-hearts', project: 'trained', at, show: (page) => scrolled(page, 'Hearts, from the masks') },
  { name: 'results-volumes', project: 'trained', at, show: (page) => scrolled(page, /^Volumes:/) },
  { name: 'results-three-classes', project: 'predicted', at, show: measured },
  {
    name: 'results-read-blind',
    project: 'predicted',
    at: '/review',
    isAlone: true,
    async show(page) {
      await button(page, 'Second reading…').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Your name').fill('Ben');
      await dialog.getByRole('button', { name: 'Begin second reading' }).click();
      await dialog.waitFor({ state: 'detached' });
      await press(page, 'Alt+4');
      await page.getByText('Blind reading: what other readers decided is not shown.').waitFor();
      await measured(page);
    },
  },
  {
    name: 'results-trained-on',
    project: 'predicted',
    at,
    async show(page) {
      await measured(page);
      await page.getByLabel('Measured on').selectOption('train');
      await page.getByRole('note').waitFor();
    },
  },
];
