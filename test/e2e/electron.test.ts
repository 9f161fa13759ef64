// The app in real Electron, wherever its binary is installed. Screens are tested in Chromium of the same engine; this is about
// what only Electron does.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { _electron as electron } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { electronBinary } from '../../src-main/hosts/electron-binary.ts';
import { temporaryFolder } from '../support/source-folders.ts';

const ROOT = join(import.meta.dirname, '../..');
const binary = electronBinary();
if (!binary) console.warn('skipped: no Electron binary (npx install-electron, or ELECTRON_OVERRIDE_DIST_PATH)');

describe.skipIf(!binary)('the app in Electron', () => {
  it('opens its page in a sandbox, answers it, and lets nothing out', async () => {
    execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'ignore', shell: process.platform === 'win32' });
    const home = temporaryFolder();
    const app = await electron.launch({
      executablePath: binary!,
      args: [ROOT, `--user-data-dir=${home}`, '--no-sandbox'],
    });
    onTestFinished(() => app.close());
    const page = await app.firstWindow();
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
