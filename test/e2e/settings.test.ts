import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { undoBudget } from '../../src-main/services/gestures.ts';
import { accessibilityProblems } from '../support/accessibility.ts';
import { closeBrowser, noBrowser, openPage, openStudio } from '../support/browser.ts';
import { phantomProject } from '../support/predicted-project.ts';

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

  it('show what a project takes on the disk, clear the thumbnails, and keep more or less undo history', async () => {
    const { folder, directory } = await phantomProject({}, { patients: 1 });
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { server, studio } = await openStudio();
    studio.openProject(directory);
    for (const { id } of studio.project.items) await studio.thumbnails.read(id, 1024);
    const page = await openPage(`${server.address}#/settings`);
    await page.getByText(directory).waitFor();
    const row = (title: RegExp) => page.locator('.row').filter({ hasText: title });
    expect(await row(/^Tags, masks/).innerText()).toMatch(/\d [kM]B$/);
    const cache = await row(/^Thumbnails/).innerText();
    await row(/^Thumbnails/)
      .getByRole('button', { name: 'Clear' })
      .click();
    await page.getByText('Thumbnails were cleared').waitFor();
    await expect.poll(() => row(/^Thumbnails/).innerText()).not.toBe(cache);
    const undo = page.getByLabel('Undo history of an image, at most');
    expect(await undo.inputValue()).toBe(String(64 * 2 ** 20));
    await undo.selectOption({ label: '256 MB' });
    await expect.poll(() => undoBudget(studio.project)).toBe(256 * 2 ** 20);
  });

  it('choose an engine beside the fastest, which stays chosen and is named in the top bar', async () => {
    const { page, studio } = await openSettings();
    studio.changeSettings({ engine: 'onnxruntime:cpu' });
    const choice = page.getByRole('combobox', { name: 'Engine' });
    await expect.poll(() => choice.inputValue()).toBe('onnxruntime:cpu');
    const bar = page.getByRole('banner');
    await bar.getByText('onnxruntime:cpu').waitFor();
    await choice.selectOption('auto');
    await expect.poll(() => studio.settings().engine).toBe('auto');
    await bar.getByText('Fastest engine').waitFor();
    await page.reload();
    await expect.poll(() => choice.inputValue()).toBe('auto');
  });

  it('stop requests from the start, let them go where a person says so, and stop them again', async () => {
    const { page, studio } = await openSettings();
    const offline = page.getByRole('switch', { name: /^Work offline/ });
    expect(await offline.isChecked()).toBe(true);
    expect(studio.settings().offline).toBe(true);
    await offline.press('Space');
    await expect.poll(() => studio.settings().offline).toBe(false);
    await page.reload();
    await expect.poll(() => offline.isChecked()).toBe(false);
    await offline.press('Space');
    await expect.poll(() => studio.settings().offline).toBe(true);
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
