import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PAGE_HEADERS } from '../../../../src-main/hosts/page-files.ts';
import { isOurPage } from '../../../../src-main/hosts/electron/page-address.ts';
import {
  blockNetwork,
  denyPermissions,
  keepInside,
  WEB_PREFERENCES,
} from '../../../../src-main/hosts/electron/security.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const HOST = join(ROOT, 'src-main/hosts/electron');

/** Takes what a rule registers and lets a test fire it, as Electron would. */
function recorder() {
  const handlers = new Map<string, (...args: never[]) => unknown>();
  const register =
    (name: string) =>
    (...args: unknown[]): void => {
      handlers.set(name, args.at(-1) as (...args: never[]) => unknown);
    };
  const fire = (name: string, ...args: unknown[]): unknown =>
    (handlers.get(name) as ((...args: unknown[]) => unknown) | undefined)?.(...args);
  return { register, fire };
}

describe('the page in Electron', () => {
  it('runs in a sandbox, apart from Node, with web security on', () => {
    expect(WEB_PREFERENCES).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
    });
  });

  it('is shown in windows with these preferences only, never from file://', () => {
    const sources = readdirSync(HOST).map((file) => readFileSync(join(HOST, file), 'utf8'));
    const windows = sources.flatMap(
      (source) => source.match(/new (?:this\.electron\.)?BrowserWindow\([\s\S]*?\}\)/g) ?? [],
    );
    expect(windows).toHaveLength(1);
    expect(windows[0]).toContain('...WEB_PREFERENCES');
    for (const source of sources) {
      expect(source).not.toMatch(/loadFile\(|['"`]file:\/\/[^,]*['"`]/);
      expect(source).not.toMatch(/openExternal|enableBlinkFeatures|executeJavaScript|setAsDefaultProtocolClient/);
    }
  });

  it('gets no permission of any kind', () => {
    const { register, fire } = recorder();
    denyPermissions({
      setPermissionRequestHandler: register('request'),
      setPermissionCheckHandler: register('check'),
    });
    for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal']) {
      let decision: unknown;
      fire('request', {}, permission, (granted: boolean) => (decision = granted));
      expect(decision).toBe(false);
      expect(fire('check', {}, permission)).toBe(false);
    }
  });

  it('reaches nothing but itself while the person works offline, and what it tried is kept as proof', () => {
    const { register, fire } = recorder();
    let offline = true;
    const privacy = blockNetwork({ webRequest: { onBeforeRequest: register('request') } }, () => offline);
    const cancelled = (url: string): boolean => {
      let cancel = false;
      fire('request', { url }, (decision: { cancel: boolean }) => (cancel = decision.cancel));
      return cancel;
    };
    for (const url of ['app://unia/', 'app://unia/resource/thumbnail?item=1', 'blob:app://unia/1', 'data:image/png,']) {
      expect(cancelled(url)).toBe(false);
    }
    const outside = [
      'https://example.com/x',
      'http://127.0.0.1:80/',
      'wss://example.com',
      'app://other/',
      'file:///etc/passwd',
    ];
    for (const url of outside) expect(cancelled(url)).toBe(true);
    expect(privacy.blocked).toEqual(outside);
    offline = false;
    expect(cancelled('https://example.com/x')).toBe(false);
  });

  it('cannot lead elsewhere, open a window or hold another page', () => {
    const { register, fire } = recorder();
    const contents = {
      on: (name: string, handler: (event: never) => void) => register(name)(handler),
      setWindowOpenHandler: register('open'),
    };
    // The rule uses only these two of a page's functions.
    keepInside(contents as unknown as Parameters<typeof keepInside>[0]);
    const prevented = (name: string, url: string): boolean => {
      let stopped = false;
      fire(name, { url, preventDefault: () => (stopped = true) });
      return stopped;
    };
    for (const name of ['will-navigate', 'will-redirect']) {
      expect(prevented(name, 'https://example.com')).toBe(true);
      expect(prevented(name, 'app://unia.example.com/')).toBe(true);
      expect(prevented(name, 'app://unia/#/review')).toBe(false);
    }
    expect(prevented('will-attach-webview', '')).toBe(true);
    expect(fire('open', { url: 'https://example.com' })).toEqual({ action: 'deny' });
  });

  it('is told apart from addresses that only look like it', () => {
    expect(isOurPage('app://unia/index.html')).toBe(true);
    for (const address of ['app://unia.evil/', 'app://evil/unia', 'https://unia/', 'app:unia', 'nonsense', '']) {
      expect(isOurPage(address)).toBe(false);
    }
  });

  it('has a policy that allows its own scripts and nothing from elsewhere', () => {
    const policy = PAGE_HEADERS['Content-Security-Policy']!;
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval'`);
    expect(policy).toContain(`connect-src 'self'`);
    expect(policy).toContain(`frame-ancestors 'none'`);
    expect(policy).not.toMatch(/'unsafe-inline'|'unsafe-eval'|https?:|\*/);
  });

  it('writes no style into its tags but the one that a library does, whose hash the policy names', () => {
    const styles = /style-src ([^;]*)/.exec(PAGE_HEADERS['Content-Security-Policy']!)![1];
    const hash = createHash('sha256').update('display: contents;').digest('base64');
    expect(styles).toBe(`'self' 'unsafe-hashes' 'sha256-${hash}'`);
    const items = join(ROOT, 'node_modules/bits-ui/dist/bits/command/components/command-item.svelte');
    expect(readFileSync(items, 'utf8')).toContain('style="display: contents;"');
  });

  it('is packed with every fuse set that shuts a back door', () => {
    const config = parse(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8')) as Record<string, unknown>;
    expect(config['electronFuses']).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      loadBrowserProcessSpecificV8Snapshot: false,
    });
  });
});

describe('the lint of the services', () => {
  interface Rules {
    readonly rules: Readonly<Record<string, readonly [number, { paths?: { name: string; importNames?: string[] }[] }]>>;
  }
  const rulesOf = async (file: string) =>
    ((await new ESLint({ cwd: ROOT }).calculateConfigForFile(join(ROOT, file))) as Rules).rules;
  const refusedBy = async (file: string) => {
    const [severity, { paths = [] }] = (await rulesOf(file))['@typescript-eslint/no-restricted-imports']!;
    expect(severity).toBe(2);
    return paths;
  };

  it('refuses whatever speaks to a network, and Electron outside the two entries of the app', async () => {
    const names = (await refusedBy('src-main/services/studio/studio.ts')).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['node:http', 'node:https', 'node:net', 'node:tls', 'electron']));
    const globals = (await rulesOf('src-main/services/studio/studio.ts'))['no-restricted-globals']!.slice(1);
    expect(globals.map((each) => (each as unknown as { name: string }).name)).toContain('fetch');
    const serving = (await refusedBy('src-main/hosts/serve/server.ts')).map(({ name }) => name);
    expect(serving).not.toContain('node:http');
    expect(serving).toContain('node:https');
  });

  it('refuses reports of crashes, updates and requests of Electron in the entries themselves', async () => {
    const electron = (await refusedBy('src-main/hosts/electron/main.ts')).find(({ name }) => name === 'electron');
    expect(electron?.importNames).toEqual(expect.arrayContaining(['crashReporter', 'autoUpdater', 'net']));
  });
});

describe('what the app is built from', () => {
  interface Locked {
    readonly resolved?: string;
    readonly integrity?: string;
    readonly license?: string;
    readonly dev?: boolean;
    readonly link?: boolean;
  }
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const libraries = Object.entries(lock.packages).filter(([path]) => path !== '');

  it('comes from the registry alone, and each archive is held to its checksum', () => {
    // Without an address, npm takes the registry's.
    const odd = libraries.filter(
      ([, { resolved, integrity }]) => resolved !== undefined || !integrity?.startsWith('sha512-'),
    );
    expect(odd.map(([path]) => path)).toEqual([]);
  });

  it('may be given on: every library of the app has a licence that allows it', () => {
    const free =
      /^(?:MIT|MIT-0|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|Unlicense|BlueOak-1\.0\.0|Zlib|Python-2\.0|CC0-1\.0)$/;
    // libvips is a library beside the program, which anyone may replace: what its licence asks for.
    const beside = /^LGPL-3\.0-or-later$/;
    // The notice of the NIST: use, copy and change it, and keep the notice.
    const named = new Set(['node_modules/h5wasm: SEE LICENSE IN LICENSE.txt']);
    const odd = libraries.filter(([path, { dev, license = 'none' }]) => {
      if (named.has(`${path}: ${license}`)) return false;
      const choices = license.replace(/[()]/g, '').split(/ AND | OR /);
      return !dev && !choices.every((each) => free.test(each) || beside.test(each));
    });
    expect(odd.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });
});
