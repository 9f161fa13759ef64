// What only Electron does, wherever its binary is installed. Screens are tested in Chromium of the same engine, and the whole journey in
// both.
import { describe, expect, it } from 'vitest';
import { ELECTRON } from '../support/app-hosts.ts';
import { temporaryFolder } from '../support/source-folders.ts';

describe.skipIf(ELECTRON.missing)('the app in Electron', () => {
  it('opens its page in a sandbox, answers it, and lets nothing out', async () => {
    const { page } = await ELECTRON.start(temporaryFolder());
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    expect(page.url()).toMatch(/^app:\/\/unia\//);
    expect(await page.evaluate('typeof require + typeof process')).toBe('undefinedundefined');
    expect(await page.evaluate('Object.keys(window.unia).sort().join()')).toBe(
      'call,chooseFolder,listen,pathOf,revealFolder',
    );
    const answer = await page.evaluate('window.unia.call("host.facts", {})');
    expect(answer).toMatchObject({ ok: true, value: { host: 'electron' } });
    expect(await page.evaluate('fetch("https://example.com").then(() => "out", () => "in")')).toBe('in');
    expect(await page.evaluate('window.open("https://example.com") === null')).toBe(true);
  }, 120_000);
});
