// The app as a person starts it, in each of its hosts: what only needs a page runs in all of them.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { _electron as electron, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { electronBinary } from '../../src-main/hosts/electron-binary.ts';
import { noBrowser, openPage } from './browser.ts';
import { startServe } from './serve-process.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface StartedApp {
  readonly page: Page;
  /** Ends all of it at once, as a power cut does. */
  readonly kill: () => Promise<void>;
}

export interface AppHost {
  readonly name: string;
  /** Why it cannot run here; undefined where it can. */
  readonly missing: string | undefined;
  /** Starts the app with a person's home folder of its own; it ends with the test. */
  readonly start: (home: string) => Promise<StartedApp>;
}

const serve: AppHost = {
  name: 'a browser on unia serve',
  missing: noBrowser,
  async start(home) {
    const served = await startServe(home);
    const page = await openPage(served.address, undefined, [/WebSocket connection .* failed/]);
    return { page, kill: () => served.kill() };
  },
};

const binary = electronBinary();
const noElectron = binary ? undefined : 'no Electron binary (npx install-electron, or ELECTRON_OVERRIDE_DIST_PATH)';
if (noElectron) console.warn(`skipped: ${noElectron}`);

export const ELECTRON: AppHost = {
  name: 'Electron',
  missing: noElectron,
  async start(home) {
    build();
    const args = [ROOT, `--user-data-dir=${home}`, '--no-sandbox'];
    const app = await electron.launch({ executablePath: binary!, args }); // else it is missing
    const child = app.process();
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const kill = async (): Promise<void> => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await gone;
    };
    onTestFinished(kill);
    return { page: await app.firstWindow(), kill };
  },
};

export const APP_HOSTS: readonly AppHost[] = [serve, ELECTRON];

let isBuilt = false;
function build(): void {
  if (!isBuilt)
    execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'ignore', shell: process.platform === 'win32' });
  isBuilt = true;
}
