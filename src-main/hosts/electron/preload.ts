// Runs in the page's sandbox before it. Gives the page named functions and nothing of Electron itself.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Answer } from '../../../src-core/contract/call.ts';
import type { Bridge } from '../../../src-core/contract/bridge.ts';
import { CHANNELS } from './channels.ts';

const bridge: Bridge = {
  // The main process answers in this shape only.
  call: (name, params) => ipcRenderer.invoke(CHANNELS.call, { name, params }) as Promise<Answer<unknown>>,
  listen: (listener) => {
    ipcRenderer.on(CHANNELS.event, (_event, name: string, data: unknown) => listener(name, data));
  },
  chooseFolder: (title) => ipcRenderer.invoke(CHANNELS.chooseFolder, title) as Promise<string | null>,
  revealFolder: (path) => ipcRenderer.invoke(CHANNELS.revealFolder, path) as Promise<void>,
  pathOf: (file) => (file instanceof File ? webUtils.getPathForFile(file) : ''),
};

contextBridge.exposeInMainWorld('unia', bridge);
