// `npm start` where no Electron binary can be had, run as a person runs it, after the build.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { electronBinary } from '../../../src-main/hosts/electron-binary.ts';
import { openPageSocket } from '../../support/page-socket.ts';
import { phantomProject, type PhantomProject } from '../../support/predicted-project.ts';
import { temporaryFolder } from '../../support/source-folders.ts';

const START = fileURLToPath(new URL('../../../src-main/hosts/start.ts', import.meta.url));
/** A port of this machine on which nothing listens. */
const NOWHERE = 'http://127.0.0.1:9/';

let phantom: PhantomProject;
beforeAll(async () => {
  phantom = await phantomProject({}, { patients: 2, slices: 2, side: 32 });
});
afterAll(() => rmSync(phantom.folder, { recursive: true, force: true }));

interface Started {
  /** All that it printed until its address. */
  readonly said: string;
  readonly address: string;
  /** Address that the person's browser was given; undefined until then. */
  readonly opened: () => string | undefined;
}

/** Starts it with the project, on a machine whose browser only notes what it is given. */
async function start(env: Readonly<Record<string, string>>): Promise<Started> {
  // BROWSER is split at spaces.
  const home = temporaryFolder('unia-start-');
  const browser = join(home, 'browser.sh');
  const note = join(home, 'opened');
  // Renamed when whole, so that it is not read half-written.
  writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > '${note}.part' && mv '${note}.part' '${note}'\n`, {
    mode: 0o755,
  });
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, XDG_CURRENT_DESKTOP: _desktop, ...inherited } = process.env;
  const child = spawn(process.execPath, [START, phantom.directory], {
    env: { ...inherited, UNIA_HOME: home, HOME: home, BROWSER: browser, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const address = (): string | undefined => /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(said)?.[0];
  await expect.poll(address, { timeout: 30_000 }).toBeDefined();
  const opened = (): string | undefined => (existsSync(note) ? readFileSync(note, 'utf8') : undefined);
  return { said, address: address()!, opened };
}

describe('npm start without an Electron binary', () => {
  it('says that there is none and how to get one, and opens the same app and project in a browser', async () => {
    const empty = join(temporaryFolder(), 'no electron here');
    mkdirSync(empty);
    const { said, address, opened } = await start({ ELECTRON_OVERRIDE_DIST_PATH: empty });
    expect(said).toContain(`No Electron binary: ELECTRON_OVERRIDE_DIST_PATH names ${empty}, which holds no `);
    expect(said).toContain('To get it, run "npx install-electron" in');
    expect(said).toContain('Until then the same app opens in a browser:');
    const page = await openPageSocket(address);
    expect(await page.ask('project.facts', {})).toMatchObject({ directory: phantom.directory });
    if (process.platform === 'linux') await expect.poll(opened, { timeout: 20_000 }).toBe(address);
  }, 60_000);

  it.skipIf(electronBinary() !== undefined)(
    'says why it could not be downloaded',
    async () => {
      const { said } = await start({ ELECTRON_MIRROR: NOWHERE, electron_config_cache: temporaryFolder() });
      expect(said).toMatch(/No Electron binary: it could not be downloaded \(.*fetch failed.*\)\./);
    },
    60_000,
  );
});
