import { afterAll, describe, expect, it } from 'vitest';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';

describe.skipIf(noBrowser)('the settings', () => {
  afterAll(closeBrowser);

  async function openSettings() {
    const opened = await openStudio();
    const page = await openPage(`${opened.server.address}#/settings`);
    await page.getByRole('heading', { name: 'Shortcuts' }).waitFor();
    return { ...opened, page };
  }

  it('change language, theme and name at once and keep them', async () => {
    const { page, studio } = await openSettings();
    await page.getByLabel('Your name').fill('Dr Vogel');
    await page.getByLabel('Your name').press('Tab');
    await page.getByText('Light', { exact: true }).click();
    await page.locator('html[data-theme="light"]').waitFor();
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { name: 'Tasten' }).waitFor();
    expect(studio.settings()).toMatchObject({ annotator: 'Dr Vogel', theme: 'light', language: 'de' });
    await page.reload();
    await page.getByRole('heading', { name: 'Tasten' }).waitFor();
  });

  it('give an action other keys, tell what the keys already stand for, and bring the usual ones back', async () => {
    const { page, studio } = await openSettings();
    await page.getByRole('button', { name: /^Change the keys of Projects/ }).click();
    await page.keyboard.press('Alt+3');
    await page.getByRole('alert').filter({ hasText: 'Go to Review' }).waitFor();
    await page.getByRole('button', { name: 'Use it here instead' }).click();
    await expect.poll(() => studio.settings().shortcuts).toEqual({ 'go.start': 'Alt+3', 'go.review': '' });
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Alt+3');
    await expect.poll(() => page.url()).toContain('#/start');
    await page.goBack();
    await page.getByRole('button', { name: 'Bring all usual keys back' }).click();
    await expect.poll(() => studio.settings().shortcuts).toEqual({});
  });

  it('go to a section by its name, and leave the frame where it is', async () => {
    const { page } = await openSettings();
    const frame = page.getByRole('banner');
    const before = await frame.boundingBox();
    const section = page.getByRole('heading', { name: 'Privacy' });
    await page.getByRole('link', { name: 'Privacy' }).click();
    await page.waitForFunction(
      (heading) => heading.getBoundingClientRect().bottom < window.innerHeight,
      await section.elementHandle(),
    );
    expect(await frame.boundingBox()).toEqual(before);
  });

  it('prove that the page cannot reach the internet', async () => {
    const { server } = await openStudio();
    const page = await openPage(`${server.address}#/settings`, undefined, [/Content Security Policy|example\.com/]);
    const attempts: string[] = [];
    page.on('request', (request) => attempts.push(request.url()));
    await page.getByRole('button', { name: 'Try to reach the internet' }).click();
    await page.getByText("Refused before it left: connect-src 'self'").waitFor();
    expect(attempts.filter((url) => !url.startsWith('http://127.0.0.1'))).toEqual([]);
  });

  it('have nothing that axe finds wrong, in both themes', async () => {
    const { page, studio } = await openSettings();
    expect(await accessibilityProblems(page)).toEqual([]);
    studio.changeSettings({ theme: 'light' });
    await page.locator('html[data-theme="light"]').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});
