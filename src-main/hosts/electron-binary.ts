// Electron's program, where it is installed. Its npm package brings none: the binary comes from GitHub on first use.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A folder with Electron's program in place of the one that is fetched; Electron's own tools read it too. */
const OVERRIDE = 'ELECTRON_OVERRIDE_DIST_PATH';
const PATIENCE_MS = 300_000;

/** Path of Electron's program, where it is installed. */
export function electronBinary(): string | undefined {
  const folder = electronFolder();
  const pathFile = join(folder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : usualName();
  const path = join(process.env[OVERRIDE] ?? join(folder, 'dist'), name);
  return existsSync(path) ? path : undefined;
}

/** Fetches Electron's program. Gives its path, or why there is none. */
export function fetchElectron(): { readonly path: string } | { readonly reason: string } {
  const stated = process.env[OVERRIDE];
  if (stated !== undefined) return { reason: `${OVERRIDE} names ${stated}, which holds no ${usualName()}` };
  const installer = join(electronFolder(), 'install.js');
  const { stderr, error } = spawnSync(process.execPath, [installer], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });
  const path = electronBinary();
  const [said = ''] = stderr.trim().split('\n');
  return path === undefined ? { reason: `it could not be downloaded (${error?.message ?? said})` } : { path };
}

/** Folder of Electron's npm package, which holds its installer. */
function electronFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
}

function usualName(): string {
  if (process.platform === 'win32') return 'electron.exe';
  return process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
}
