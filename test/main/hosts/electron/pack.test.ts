// Packs the app around a stand-in for Electron's binary, which build machines without internet do not have, and looks inside.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listPackage, statFile } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const run = promisify(execFile);

/** Where Electron's binaries keep their fuses: a marker, version 1, the count, and one letter a fuse. */
const FUSE_WIRE = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u000810110010', 'latin1');

function writeStandIn(folder: string): void {
  mkdirSync(join(folder, 'locales'), { recursive: true });
  mkdirSync(join(folder, 'resources'));
  writeFileSync(join(folder, 'electron'), FUSE_WIRE, { mode: 0o755 });
  for (const language of ['en-US', 'fr']) writeFileSync(join(folder, 'locales', `${language}.pak`), 'x');
}

describe.skipIf(process.platform !== 'linux')('the packed app', () => {
  let folder: string;
  let app: string;
  let files: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'unia-pack-'));
    writeStandIn(join(folder, 'electron'));
    const node = process.execPath;
    for (const mode of ['production', 'preload']) {
      const args = ['node_modules/vite/bin/vite.js', 'build', '-c', 'vite.app.config.ts', '--mode', mode];
      await run(node, args, { cwd: ROOT });
    }
    const options = [`-c.electronDist=${join(folder, 'electron')}`, `-c.directories.output=${join(folder, 'release')}`];
    await run(node, ['node_modules/electron-builder/cli.js', '--linux', 'dir', ...options], { cwd: ROOT });
    app = join(folder, 'release', 'linux-unpacked');
    files = listPackage(join(app, 'resources', 'app.asar'), { isPack: false }).map((path) =>
      path.replaceAll('\\', '/'),
    );
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds its entry points and the page', () => {
    const { main } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { main: string };
    for (const entry of [
      `/${main}`,
      '/dist/app/src-main/hosts/electron/preload.cjs',
      '/dist/app/src-main/worker/worker.js',
      '/dist/renderer/index.html',
      '/LICENSE',
    ]) {
      expect(files).toContain(entry);
    }
  });

  it('holds the native parts of this platform, outside the archive, and of no other', () => {
    const unpacked = join(app, 'resources', 'app.asar.unpacked', 'node_modules');
    const natives = join(unpacked, 'onnxruntime-node/bin/napi-v6');
    expect(existsSync(join(natives, 'linux', process.arch, 'onnxruntime_binding.node'))).toBe(true);
    for (const other of ['darwin', 'win32']) {
      expect(files.some((path) => path.includes(`/napi-v6/${other}`))).toBe(false);
      expect(existsSync(join(natives, other))).toBe(false);
    }
    expect(existsSync(join(unpacked, '@img', `sharp-linux-${process.arch}`))).toBe(true);
  });

  it('holds no tests, no sources and no tools of ours', () => {
    const ours = files.filter((path) => !path.startsWith('/node_modules'));
    expect(ours.filter((path) => /\.ts$|\.svelte$|^\/(?:test|docs|src-)/.test(path))).toEqual([]);
    for (const tool of ['vitest', 'vite', 'typescript', 'electron-builder', 'node', 'svelte', 'playwright-core']) {
      expect(files).not.toContain(`/node_modules/${tool}`);
    }
  });

  it('has its fuses set in the binary', async () => {
    const wire = await getCurrentFuseWire(join(app, 'unia-studio'));
    const state = (option: FuseV1Options): unknown => wire[option as unknown as keyof typeof wire];
    for (const off of [
      FuseV1Options.RunAsNode,
      FuseV1Options.EnableNodeOptionsEnvironmentVariable,
      FuseV1Options.EnableNodeCliInspectArguments,
      FuseV1Options.GrantFileProtocolExtraPrivileges,
    ]) {
      expect(state(off)).toBe(FuseState.DISABLE);
    }
    for (const on of [FuseV1Options.EnableCookieEncryption, FuseV1Options.OnlyLoadAppFromAsar]) {
      expect(state(on)).toBe(FuseState.ENABLE);
    }
  });

  it('tells its size', () => {
    const archive = join(app, 'resources', 'app.asar');
    const packed = files.reduce((sum, path) => sum + sizeInside(archive, path), 0);
    console.info(
      `app.asar: ${(statSync(archive).size / 2 ** 20).toFixed(0)} MiB, ${(packed / 2 ** 20).toFixed(0)} MiB with its natives`,
    );
    expect(packed).toBeGreaterThan(0);
  });
});

function sizeInside(archive: string, path: string): number {
  const entry = statFile(archive, path.slice(1), false);
  return 'size' in entry ? entry.size : 0;
}
