import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
    const windows = sources.flatMap((source) => source.match(/new BrowserWindow\([\s\S]*?\n {2}\}\)/g) ?? []);
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
