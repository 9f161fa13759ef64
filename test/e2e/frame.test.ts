import { afterAll, describe, expect, it } from 'vitest';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';

describe.skipIf(noBrowser)('the frame', () => {
  afterAll(closeBrowser);

  it('opens from the printed address and keeps the token out of it', async () => {
    const { server } = await openStudio();
    const page = await openPage(server.address);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    expect(page.url()).not.toContain(server.token);
  });

  it('finds an action by its name with Ctrl+K and shows the keys with ?', async () => {
    const { server } = await openStudio();
    const page = await openPage(server.address);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Commands' }).waitFor();
    await page.keyboard.type('settings');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('#/settings');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys of this screen' }).waitFor();
    await page.keyboard.press('Escape');
  });

  it('leaves keys to a dialog from the one that opens it', async () => {
    const { server } = await openStudio();
    const page = await openPage(server.address);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    await Promise.all([page.keyboard.press('?'), page.keyboard.press('Alt+6')]);
    await page.getByRole('dialog', { name: 'Keys of this screen' }).waitFor();
    expect(page.url()).not.toContain('#/settings');
  });

  it('says at once that the program has ended, also before it looks for it again', async () => {
    const { server } = await openStudio();
    const page = await openPage(server.address, undefined, [/WebSocket connection .* failed/]);
    const sample = page.getByRole('button', { name: 'Try it with a sample' });
    await sample.waitFor();
    await server.close();
    await page.getByText('Not connected.').waitFor();
    await sample.click();
    await page.getByRole('alert').filter({ hasText: 'comes back by itself' }).waitFor();
  });

  it('has nothing that axe finds wrong, in both themes', async () => {
    const { server, studio } = await openStudio();
    const page = await openPage(server.address);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    studio.changeSettings({ theme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
