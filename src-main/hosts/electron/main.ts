// The app's main process.
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  powerSaveBlocker,
  protocol,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { runApp } from './app.ts';

void runApp({
  ...{ app, BrowserWindow, dialog, ipcMain, Menu },
  ...{ powerSaveBlocker, protocol, session, shell, utilityProcess },
});
