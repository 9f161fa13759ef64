import type { Page } from 'playwright-core';
import { press, type Scene } from '../scene.ts';

const at = '/images';
const tiles = (page: Page) => page.locator('.tile');
const grid = (page: Page) => page.getByRole('gridcell').first().waitFor();

async function crops(page: Page): Promise<void> {
  await grid(page);
  await press(page, 'k');
  await page.getByText(/^Which windows show/).waitFor();
  await page.locator('.room').click({ position: { x: 3, y: 60 } });
}

export const IMAGES_SCENES: readonly Scene[] = [
  { name: 'images-nothing-tagged', project: 'untagged', at, show: grid },
  {
    name: 'images-tagging',
    project: 'untagged',
    at,
    async show(page) {
      await grid(page);
      await page.getByRole('grid').focus();
      await press(page, '1', '2', '3', 'ArrowRight', '1', '3', 'ArrowRight', '0', 'ArrowRight', 'Shift+ArrowRight');
      await press(page, 'Shift+ArrowRight', '2');
    },
  },
  {
    name: 'images-tapping-windows',
    project: 'untagged',
    at,
    async show(page) {
      await crops(page);
      await press(page, '3', 'q', 'w', 'f');
    },
  },
  {
    name: 'images-windows-in-a-grid',
    project: 'untagged',
    at,
    async show(page) {
      await crops(page);
      await page.getByText('In a grid').click();
      await page.locator('.room').click({ position: { x: 3, y: 60 } });
    },
  },
  { name: 'images-grid', project: 'large', at, show: grid },
  {
    name: 'images-scrolled',
    project: 'large',
    at,
    async show(page) {
      await grid(page);
      await page.getByRole('grid').evaluate((element) => (element.scrollTop = 40_000));
    },
  },
  {
    name: 'images-filtered',
    project: 'large',
    at,
    async show(page) {
      await grid(page);
      await press(page, '/');
      await page.keyboard.type('patient0012');
      await page.getByRole('combobox', { name: 'Tags' }).selectOption({ label: 'Not tagged' });
      await tiles(page).nth(3).waitFor();
    },
  },
  {
    name: 'images-none-fits',
    project: 'large',
    at,
    async show(page) {
      await grid(page);
      await press(page, '/');
      await page.keyboard.type('nobody');
      await page.getByRole('heading', { name: 'No image fits' }).waitFor();
    },
  },
  { name: 'images-with-masks', project: 'trained', at, show: grid },
  {
    name: 'images-crop-tagging',
    project: 'trained',
    at,
    readme: 'crop-tagging.webp',
    async show(page) {
      await crops(page);
      await press(page, 'w', 't');
    },
  },
];
