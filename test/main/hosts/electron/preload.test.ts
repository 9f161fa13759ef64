// What the page is given of the app: named functions, and nothing of Electron. The script runs with a stand-in for Electron.
import { expect, it, vi } from 'vitest';
import type { Bridge } from '../../../../src-core/contract/bridge.ts';

const electron = vi.hoisted(() => ({
  exposed: new Map<string, unknown>(),
  asked: [] as unknown[][],
  listeners: new Map<string, (...args: unknown[]) => void>(),
}));

vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, value: unknown) => electron.exposed.set(name, value) },
  ipcRenderer: {
    invoke: (...args: unknown[]) => {
      electron.asked.push(args);
      return Promise.resolve({ ok: true, value: null });
    },
    on: (channel: string, listener: (...args: unknown[]) => void) => electron.listeners.set(channel, listener),
  },
  webUtils: { getPathForFile: () => '/heart' },
}));

it('gives the page five functions that ask on fixed channels, and hands no event of Electron on', async () => {
  await import('../../../../src-main/hosts/electron/preload.ts');
  expect([...electron.exposed.keys()]).toEqual(['unia']);
  const bridge = electron.exposed.get('unia') as Bridge;
  expect(Object.keys(bridge).sort()).toEqual(['call', 'chooseFolder', 'listen', 'pathOf', 'revealFolder']);
  expect(Object.values(bridge).every((each) => typeof each === 'function')).toBe(true);

  await bridge.call('items.ids', { order: { by: 'file' } });
  await bridge.chooseFolder('Folder');
  await bridge.revealFolder('/heart');
  expect(electron.asked).toEqual([
    ['unia:call', { name: 'items.ids', params: { order: { by: 'file' } } }],
    ['unia:choose-folder', 'Folder'],
    ['unia:reveal-folder', '/heart'],
  ]);

  const heard: unknown[][] = [];
  bridge.listen((...args) => heard.push(args));
  electron.listeners.get('unia:event')!({ sender: 'Electron' }, 'settings', { theme: 'dark' });
  expect(heard).toEqual([['settings', { theme: 'dark' }]]);
});
