// The app's main process: glue between Electron and the services. What can be decided without Electron is decided elsewhere.
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
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDispatch } from '../../services/studio/dispatch.ts';
import { Studio } from '../../services/studio/studio.ts';
import { CHANNELS } from './channels.ts';
import { closingQuestion } from './closing-question.ts';
import { answerPage } from './ipc.ts';
import { keepAwake } from './keep-awake.ts';
import { menuTemplate } from './menu.ts';
import { projectOfArguments, projectOfPath } from './opened-path.ts';
import { PAGE_ADDRESS, SCHEME } from './page-address.ts';
import { pageProtocol } from './page-protocol.ts';
import { utilityWorkerHost } from './utility-worker-host.ts';
import { blockNetwork, denyPermissions, keepInside, WEB_PREFERENCES } from './security.ts';

protocol.registerSchemesAsPrivileged([
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
]);

let window: BrowserWindow | undefined;
/** Asked for by the operating system before the window was there. */
let wanted = projectOfArguments(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd());

// One process a person: a second start shows the window of the first.
if (app.requestSingleInstanceLock()) void start();
else app.quit();

async function start(): Promise<void> {
  app.on('open-file', (event, path) => {
    event.preventDefault();
    wanted = projectOfPath(path);
  });
  await app.whenReady();
  const studio = new Studio({
    host: 'electron',
    home: app.getPath('userData'),
    workers: utilityWorkerHost((entry, args, options) => utilityProcess.fork(entry, args, options)),
  });
  protocol.handle(SCHEME, pageProtocol(studio));
  denyPermissions(session.defaultSession);
  studio.privacy = blockNetwork(session.defaultSession, () => studio.settings().offline);
  answerPage(ipcMain, { dispatch: createDispatch(studio), chooseFolder, revealFolder });
  studio.listen((name, data) => window?.webContents.send(CHANNELS.event, name, data));
  studio.listen(keepAwake(powerSaveBlocker));
  const run = (action: string): void => studio.emit('command', action);
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate({ isMac: process.platform === 'darwin', isDevelopment: !app.isPackaged, run })),
  );
  app.on('second-instance', (_event, args, directory) => {
    openProject(studio, projectOfArguments(args.slice(1), directory));
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('web-contents-created', (_event, contents) => keepInside(contents));
  app.on('window-all-closed', () => app.quit());
  closeInOrder(studio);
  openProject(studio, wanted);
  openWindow(studio);
}

function openWindow(studio: Studio): void {
  window = new BrowserWindow({
    ...{ width: 1440, height: 900, minWidth: 1024, minHeight: 700, show: false },
    // The window is dark before the page is there: no white flash in a reading room.
    backgroundColor: '#161616',
    webPreferences: { ...WEB_PREFERENCES, preload: join(import.meta.dirname, 'preload.cjs') },
  });
  window.once('ready-to-show', () => window?.show());
  // The page comes back to where it was: its place stands in its address, and work is saved gesture by gesture.
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') window?.webContents.reload();
  });
  window.on('close', (event) => {
    if (!mayClose(studio)) event.preventDefault();
  });
  window.on('closed', () => (window = undefined));
  void window.loadURL(PAGE_ADDRESS);
}

/** Asks before work that takes long is stopped. */
function mayClose(studio: Studio): boolean {
  const question = closingQuestion(studio.jobs.list());
  if (!question || !window) return true;
  const { message, detail, buttons } = question;
  const answers = { buttons: [...buttons], defaultId: 0, cancelId: 0 };
  const choice = dialog.showMessageBoxSync(window, { type: 'question', message, detail, ...answers });
  return choice === 1;
}

/** Jobs end and the project is closed before the process does. */
function closeInOrder(studio: Studio): void {
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void studio.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
}

function openProject(studio: Studio, directory: string | undefined): void {
  if (directory === undefined) return;
  try {
    studio.openProject(directory);
  } catch (error) {
    dialog.showErrorBox('The project cannot be opened', error instanceof Error ? error.message : String(error));
  }
}

/** Only selects it in the file manager: nothing is opened or run. */
function revealFolder(path: string): void {
  if (existsSync(path)) shell.showItemInFolder(path);
}

async function chooseFolder(title: string): Promise<string | null> {
  const options = { title, properties: ['openDirectory', 'createDirectory'] as const };
  const chosen = window
    ? await dialog.showOpenDialog(window, { ...options, properties: [...options.properties] })
    : await dialog.showOpenDialog({ ...options, properties: [...options.properties] });
  return chosen.filePaths[0] ?? null;
}
