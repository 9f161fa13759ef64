// Packs the app around a stand-in for Electron's binary, which build machines without internet do not have, and looks inside.
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { extractAll, listPackage, statFile } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { projectOfPath } from '../../../../src-main/hosts/electron/opened-path.ts';
import { Project } from '../../../../src-main/services/project.ts';
import { SUGGESTED_RECIPE } from '../../../../src-main/services/studio/sample.ts';
import { PROJECT_FILE } from '../../../../src-main/storage/project-file.ts';
import { phantomProject } from '../../../support/predicted-project.ts';
import { tinyRecipe } from '../../../support/tiny-recipe.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const SERVICES = fileURLToPath(new URL('../../../support/packed-services.ts', import.meta.url));
const run = promisify(execFile);
const LICENCE = /\/(?:licen[cs]e|notice|copying)[^/]*$/i;

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
  let archive: string;
  /** Bytes of each file in the archive, those beside it included. */
  let sizes: Map<string, number>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'unia-pack-'));
    writeStandIn(join(folder, 'electron'));
    const node = process.execPath;
    for (const config of [[], ['-c', 'vite.app.config.ts'], ['-c', 'vite.app.config.ts', '--mode', 'preload']]) {
      // The page is the same for all tests, some of which may be looking at it.
      if (config.length === 0 && existsSync(join(ROOT, 'dist/renderer/index.html'))) continue;
      await run(node, ['node_modules/vite/bin/vite.js', 'build', ...config], { cwd: ROOT });
    }
    const options = [`-c.electronDist=${join(folder, 'electron')}`, `-c.directories.output=${join(folder, 'release')}`];
    await run(node, ['node_modules/electron-builder/cli.js', '--linux', 'dir', ...options], { cwd: ROOT });
    app = join(folder, 'release', 'linux-unpacked');
    archive = join(app, 'resources', 'app.asar');
    sizes = sizesInside(archive);
  }, 240_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);

  it('holds its entry points and the page', () => {
    const { main } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { main: string };
    for (const entry of [
      main,
      'dist/app/src-main/hosts/electron/preload.cjs',
      'dist/app/src-main/worker/worker.js',
      'dist/renderer/index.html',
      'package.json',
      'LICENSE',
    ]) {
      expect(sizes.get(entry), entry).toBeGreaterThan(0);
    }
  });

  it('holds the native parts of this platform, outside the archive, and of no other', () => {
    const unpacked = join(app, 'resources', 'app.asar.unpacked', 'node_modules');
    const own = `${process.platform}-${process.arch}`;
    expect(existsSync(join(unpacked, 'onnxruntime-node/bin/napi-v6', own.replace('-', '/')))).toBe(true);
    expect(existsSync(join(unpacked, `@img/sharp-${own}`))).toBe(true);
    const natives = [...sizes.keys()].filter((path) => /\.(?:node|so|dll|dylib|exe)(?:\.[\d.]+)?$/.test(path));
    for (const native of natives)
      expect(existsSync(join(app, 'resources', 'app.asar.unpacked', native)), native).toBe(true);
    const folders = new Set(natives.map((path) => path.split('/').slice(0, -1).join('/')));
    expect([...folders].sort()).toEqual(
      [
        `node_modules/@img/sharp-libvips-${own}/lib`,
        `node_modules/@img/sharp-${own}/lib`,
        `node_modules/onnxruntime-node/bin/napi-v6/${own.replace('-', '/')}`,
      ].sort(),
    );
  });

  it('holds no tests, sources, types, maps or tools, neither ours nor of a library', () => {
    const waste =
      /\.(?:[cm]?ts|svelte|map|md|markdown|html|tsbuildinfo)$|\/(?:tests?|__tests__|benchmarks|examples?|docs)\//;
    const page = 'dist/renderer/index.html';
    const wasted = [...sizes.keys()].filter((path) => path !== page && waste.test(path) && !LICENCE.test(path));
    expect(wasted).toEqual([]);
    const ours = [...sizes.keys()].filter((path) => !/^(?:node_modules|dist)\//.test(path));
    expect(ours.sort()).toEqual(['LICENSE', 'package.json']);
    const libraries = new Set(
      [...sizes.keys()].flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
    );
    for (const tool of [
      ...['vitest', 'vite', 'typescript', 'electron', 'electron-builder', 'node', 'svelte', 'playwright-core'],
      ...['@rollup/rollup-linux-x64-gnu', 'yargs'],
    ]) {
      expect(libraries).not.toContain(tool);
    }
    expect(sizes.has('node_modules/wabt/bin/wat2wasm')).toBe(false);
  });

  it('holds the licence of every library that comes with one', () => {
    const packages = [...sizes.keys()].filter((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path));
    // The packer lays flat what npm nests.
    const direct = packages.map(dirname).filter((library) => existsSync(join(ROOT, library)));
    const without = direct.filter((library) => {
      const licences = readdirSync(join(ROOT, library)).filter((file) => LICENCE.test(`/${file}`));
      return licences.some((file) => !sizes.has(`${library}/${file}`));
    });
    expect(direct.length).toBeGreaterThan(50);
    expect(without).toEqual([]);
  });

  it('trains, predicts and exports with nothing but what it holds', async () => {
    const alone = join(folder, 'alone');
    extractAll(archive, alone);
    const split = { kind: 'modulus', modulus: 3, validation: 0.5, seed: 0 } as const;
    const phantom = await phantomProject({ split }, { patients: 3, side: 40, slices: 2 });
    onTestFinished(() => rmSync(phantom.folder, { recursive: true }));
    const project = Project.open(phantom.directory);
    project.setSetting(SUGGESTED_RECIPE, tinyRecipe());
    project.close();
    const { stdout } = await run(process.execPath, [SERVICES, alone, phantom.directory, join(folder, 'exported')], {
      cwd: folder,
    });
    const { libraries, kernel, files } = JSON.parse(stdout) as {
      libraries: string[];
      kernel: string[];
      files: Record<string, number>;
    };
    // The in-place AdamW step is assembled at run time.
    expect(libraries).toContain('wabt');
    expect(kernel).toContain('adamw');
    for (const [format, count] of Object.entries(files)) expect(count, format).toBeGreaterThan(0);
    expect(Object.keys(files).length).toBeGreaterThan(10);
  }, 240_000);

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

  it('tells its size, and what takes it', () => {
    const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    const parts = new Map<string, number>();
    for (const [path, size] of sizes) {
      const part = /^(?:node_modules\/(?:@[^/]+\/)?[^/]+|dist\/[^/]+|.*)/.exec(path)![0];
      parts.set(part, (parts.get(part) ?? 0) + size);
    }
    const largest = [...parts].sort(([, a], [, b]) => b - a).slice(0, 8);
    const line = largest.map(([part, size]) => `${part.replace('node_modules/', '')} ${mebibytes(size)}`).join(', ');
    console.info(
      `packed app without Electron: ${mebibytes(all)} in ${sizes.size} files, ${mebibytes(statSync(archive).size)} of it in app.asar (${line})`,
    );
    expect(all).toBeGreaterThan(0);
  });
});

describe('a project in a file manager', () => {
  it('is opened with the app on every platform, by the file that stands for it', () => {
    const { fileAssociations } = parse(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8')) as {
      fileAssociations: readonly Record<string, string>[];
    };
    expect(fileAssociations).toEqual([
      expect.objectContaining({ ext: 'unia', role: 'Editor', mimeType: 'application/x-unia-project' }),
    ]);
    expect(extname(PROJECT_FILE)).toBe(`.${fileAssociations[0]!['ext']}`);
    expect(projectOfPath(join('heart', PROJECT_FILE))).toBe('heart');
  });
});

function sizesInside(archive: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const path of listPackage(archive, { isPack: false })) {
    const entry = statFile(archive, path.slice(1), false);
    if ('size' in entry) found.set(path.slice(1).replaceAll('\\', '/'), entry.size);
  }
  return found;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
