import { press, type Scene } from '../scene.ts';

export const FRAME_SCENES: readonly Scene[] = [
  {
    name: 'frame-palette',
    project: 'predicted',
    at: '/review',
    async show(page) {
      await page.locator('.surface').waitFor();
      await press(page, 'Control+k');
      await page.getByRole('dialog', { name: 'Commands' }).waitFor();
      await page.keyboard.type('slice');
    },
  },
  {
    name: 'frame-keys-of-review',
    project: 'predicted',
    at: '/review',
    async show(page) {
      await page.locator('.surface').waitFor();
      await press(page, '?');
      await page.getByRole('dialog', { name: 'Keys of this screen' }).waitFor();
    },
  },
  {
    name: 'frame-not-connected',
    project: 'predicted',
    isAlone: true,
    at: '/images',
    async show(page, stage) {
      await page.getByRole('gridcell').first().waitFor();
      await stage.end();
      await page.getByText('Not connected.').waitFor();
    },
  },
];
