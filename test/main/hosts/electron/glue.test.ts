import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../src-core/contract/call.ts';
import { answerPage } from '../../../../src-main/hosts/electron/ipc.ts';
import { keepAwake } from '../../../../src-main/hosts/electron/keep-awake.ts';
import { menuTemplate } from '../../../../src-main/hosts/electron/menu.ts';
import { projectOfArguments, projectOfPath } from '../../../../src-main/hosts/electron/opened-path.ts';
import { pageProtocol } from '../../../../src-main/hosts/electron/page-protocol.ts';
import { createDispatch } from '../../../../src-main/services/studio/dispatch.ts';
import { Studio } from '../../../../src-main/services/studio/studio.ts';
import { temporaryFolder } from '../../../support/source-folders.ts';

function makeStudio(): Studio {
  return new Studio({ host: 'electron', home: temporaryFolder() });
}

const revealed: string[] = [];

/** The part of Electron's ipcMain that is used, with a way to send as a page. */
function ipcOf(studio: Studio) {
  const handlers = new Map<string, (event: never, ...args: unknown[]) => unknown>();
  answerPage(
    { handle: (channel, handler) => void handlers.set(channel, handler) },
    {
      dispatch: createDispatch(studio),
      chooseFolder: (title) => Promise.resolve(`/chosen/${title}`),
      revealFolder: (path) => revealed.push(path),
    },
  );
  return async (channel: string, frame: { url: string; parent: unknown } | null, ...args: unknown[]) =>
    (await handlers.get(channel)!({ senderFrame: frame } as never, ...args)) as Answer<unknown>;
}

const PAGE = { url: 'app://unia/#/review', parent: null };

describe('messages of the page', () => {
  it('are answered by the same services as everywhere', async () => {
    const send = ipcOf(makeStudio());
    const answer = await send('unia:call', PAGE, { name: 'host.facts', params: {} });
    expect(answer).toMatchObject({ ok: true, value: { host: 'electron' } });
    expect(await send('unia:choose-folder', PAGE, 'heart')).toBe('/chosen/heart');
    await send('unia:reveal-folder', PAGE, '/masks');
    expect(revealed).toEqual(['/masks']);
  });

  it('are refused from any other page, frame, or none', async () => {
    const send = ipcOf(makeStudio());
    const payload = { name: 'host.facts', params: {} };
    for (const frame of [{ url: 'https://example.com', parent: null }, { url: 'app://unia/', parent: {} }, null]) {
      await expect(send('unia:call', frame, payload)).rejects.toThrow('our own page');
      await expect(send('unia:choose-folder', frame, 'x')).rejects.toThrow('our own page');
      await expect(send('unia:reveal-folder', frame, '/')).rejects.toThrow('our own page');
    }
  });

  it('of the wrong shape do nothing and say why', async () => {
    const send = ipcOf(makeStudio());
    await expect(send('unia:call', PAGE, 'host.facts')).rejects.toThrow();
    await expect(send('unia:choose-folder', PAGE, { title: 1 })).rejects.toThrow();
    const answer = await send('unia:call', PAGE, { name: 'settings.write', params: { theme: 'pink' } });
    expect(answer).toMatchObject({ ok: false, kind: 'misuse' });
    expect(JSON.stringify(answer)).toContain('theme');
  });
});

describe('the page’s own scheme', () => {
  it('serves files of the page with its security policy, and nothing from elsewhere', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<p>');
    writeFileSync(join(folder, '..', 'secret.json'), '{}');
    const get = pageProtocol(makeStudio(), folder);
    const page = await get(new Request('app://unia/'));
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'`);
    for (const path of [
      '/../secret.json',
      '/%2e%2e/secret.json',
      '/..%2fsecret.json',
      '/resource/none',
      '/none.html',
    ]) {
      expect((await get(new Request(`app://unia${path}`))).status).toBe(404);
    }
    expect((await get(new Request('app://other/'))).status).toBe(403);
    expect((await get(new Request('app://unia/', { method: 'POST' }))).status).toBe(403);
  });
});

describe('the machine', () => {
  it('stays awake exactly while a job runs', () => {
    const calls: string[] = [];
    const listen = keepAwake({ start: () => calls.push('start'), stop: () => Boolean(calls.push('stop')) });
    const job = (id: string, state: 'running' | 'done') =>
      listen('job', {
        ...{ id, state, kind: 'train', title: '', done: 0, total: 0, unit: '' },
        ...{ perSecond: null, secondsLeft: null, message: '' },
      });
    job('1', 'running');
    job('2', 'running');
    job('1', 'done');
    expect(calls).toEqual(['start']);
    job('2', 'done');
    expect(calls).toEqual(['start', 'stop']);
  });
});

describe('opening from the operating system', () => {
  it('takes a project folder or the file in it, relative to where the program was started', () => {
    expect(projectOfArguments(['--flag', 'heart'], '/home/a')).toBe('/home/a/heart');
    expect(projectOfArguments(['/x/heart/project.unia'], '/')).toBe('/x/heart');
    expect(projectOfArguments(['--flag'], '/')).toBeUndefined();
    expect(projectOfPath('/x/heart')).toBe('/x/heart');
  });
});

describe('the menu', () => {
  it('runs actions of the page, and offers developer tools only in development', () => {
    const run: string[] = [];
    const packed = menuTemplate({ isMac: false, isDevelopment: false, run: (id) => run.push(id) });
    const items = packed.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
    const review = items.find(({ label }) => label === 'Review')!;
    review.click!({} as never, undefined, {});
    expect(run).toEqual(['go.review']);
    expect(items.some(({ role }) => role === 'toggleDevTools')).toBe(false);
  });
});
