import type { Page } from 'playwright-core';
import { button, type Scene } from '../scene.ts';

const at = '/settings';

async function section(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click();
}

export const SETTINGS_SCENES: readonly Scene[] = [
  { name: 'settings-without-project', project: 'nothing', at, show: (page) => section(page, 'Storage') },
  { name: 'settings-general', project: 'predicted', at, show: (page) => section(page, 'General') },
  { name: 'settings-engine', project: 'predicted', at, show: (page) => section(page, 'Engine') },
  { name: 'settings-shortcuts', project: 'predicted', at, show: (page) => section(page, 'Shortcuts') },
  {
    name: 'settings-key-conflict',
    project: 'predicted',
    at,
    async show(page) {
      await button(page, /^Change the keys of Projects/).click();
      await page.keyboard.press('Alt+3');
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'settings-storage', project: 'predicted', at, show: (page) => section(page, 'Storage') },
  {
    name: 'settings-privacy',
    project: 'predicted',
    at,
    async show(page) {
      await section(page, 'Privacy');
      await button(page, 'Try to reach the internet').click();
      await page.getByText(/^Refused before it left/).waitFor();
    },
  },
];
