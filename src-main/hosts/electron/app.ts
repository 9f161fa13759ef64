// The app's life in Electron: one process, one window, in order to its end. What can be decided without Electron is decided
// elsewhere; Electron itself comes in as a parameter, so that tests can live the app through without its binary.
import type * as Electron from 'electron';
import type { BrowserWindow } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDispatch } from '../../services/studio/dispatch.ts';
import { Studio } from '../../services/studio/studio.ts';
import { CHANNELS } from './channels.ts';
import { closingQuestion } from './closing-question.ts';
import { comeBack } from './come-back.ts';
import { answerPage } from './ipc.ts';
import { keepAwake } from './keep-awake.ts';
import { menuTemplate } from './menu.ts';
import { projectOfArguments, projectOfPath } from './opened-path.ts';
import { PAGE_ADDRESS, SCHEME } from './page-address.ts';
import { pageProtocol } from './page-protocol.ts';
import { utilityWorkerHost } from './utility-worker-host.ts';
import { blockNetwork, denyPermissions, keepInside, WEB_PREFERENCES } from './security.ts';

/** The parts of Electron that the app uses. */
export type ElectronParts = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'powerSaveBlocker'
  | 'protocol'
  | 'session'
  | 'shell'
  | 'utilityProcess'
>;

/** Starts the app. A second start by the same person shows the window of the first and ends. */
export async function runApp(electron: ElectronParts): Promise<void> {
  const { app, protocol } = electron;
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  if (app.requestSingleInstanceLock()) await new RunningApp(electron).start();
  else app.quit();
}

class RunningApp {
  private readonly electron: ElectronParts;
  private window: BrowserWindow | undefined;
  /** Asked for by the operating system before the studio was there. */
  private wanted: string | undefined;

  constructor(electron: ElectronParts) {
    this.electron = electron;
  }

  async start(): Promise<void> {
    const { app, ipcMain, Menu, powerSaveBlocker, protocol, session, utilityProcess } = this.electron;
    this.wanted = projectOfArguments(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd());
    let open = (path: string): void => void (this.wanted = path);
    app.on('open-file', (event, path) => {
      event.preventDefault();
      open(projectOfPath(path));
    });
    await app.whenReady();
    const studio = new Studio({
      host: 'electron',
      home: app.getPath('userData'),
      workers: utilityWorkerHost((entry, args, options) => utilityProcess.fork(entry, args, options)),
    });
    open = (path) => this.openProject(studio, path);
    protocol.handle(SCHEME, pageProtocol(studio));
    denyPermissions(session.defaultSession);
    studio.privacy = blockNetwork(session.defaultSession, () => studio.settings().offline);
    answerPage(ipcMain, {
      dispatch: createDispatch(studio),
      chooseFolder: (title) => this.chooseFolder(title),
      revealFolder: (path) => this.revealFolder(path),
    });
    studio.listen((name, data) => this.window?.webContents.send(CHANNELS.event, name, data));
    studio.listen(keepAwake(powerSaveBlocker));
    const run = (action: string): void => studio.emit('command', action);
    const isMac = process.platform === 'darwin';
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ isMac, isDevelopment: !app.isPackaged, run })));
    app.on('second-instance', (_event, args, directory) => {
      this.openProject(studio, projectOfArguments(args.slice(1), directory));
      if (this.window?.isMinimized()) this.window.restore();
      this.window?.focus();
    });
    app.on('web-contents-created', (_event, contents) => keepInside(contents));
    app.on('window-all-closed', () => app.quit());
    this.endInOrder(studio);
    this.openProject(studio, this.wanted);
    this.openWindow(studio);
  }

  private openWindow(studio: Studio): void {
    const window = (this.window = new this.electron.BrowserWindow({
      ...{ width: 1440, height: 900, minWidth: 1024, minHeight: 700, show: false },
      // The window is dark before the page is there: no white flash in a reading room.
      backgroundColor: '#161616',
      webPreferences: { ...WEB_PREFERENCES, preload: join(import.meta.dirname, 'preload.cjs') },
    }));
    window.once('ready-to-show', () => window.show());
    comeBack(window.webContents, (reason) => this.mayTryAgain(reason));
    // The page asks to stay where strokes on it are not stored; Electron shows nothing of that by itself.
    window.webContents.on('will-prevent-unload', (event) => {
      if (this.mayLeaveUnsaved()) event.preventDefault();
    });
    window.on('close', (event) => {
      if (!this.mayClose(studio)) event.preventDefault();
    });
    window.on('closed', () => (this.window = undefined));
    void window.loadURL(PAGE_ADDRESS);
  }

  /** Asks before work that takes long is stopped. Nobody is asked once the window is gone: that was agreed to. */
  private mayClose(studio: Studio): boolean {
    const question = closingQuestion(studio.jobs.list());
    if (!question || !this.window) return true;
    const { message, detail, buttons } = question;
    const answers = { buttons: [...buttons], defaultId: 0, cancelId: 0 };
    const asked = { type: 'question', message, detail, ...answers } as const;
    return this.electron.dialog.showMessageBoxSync(this.window, asked) === 1;
  }

  /** The window is closed first, then jobs end and the project is closed, and then the process. */
  private endInOrder(studio: Studio): void {
    const { app } = this.electron;
    let state: 'open' | 'closing' | 'closed' = 'open';
    app.on('before-quit', (event) => {
      if (state === 'closed') return;
      event.preventDefault();
      // It asks about work under way and about strokes that are not saved. Closed, it asks to quit again.
      if (this.window) return this.window.close();
      if (state === 'closing') return;
      state = 'closing';
      void studio.close().finally(() => {
        state = 'closed';
        app.quit();
      });
    });
  }

  private openProject(studio: Studio, directory: string | undefined): void {
    if (directory === undefined) return;
    try {
      studio.openProject(directory);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.electron.dialog.showErrorBox('The project cannot be opened', message);
    }
  }

  private mayLeaveUnsaved(): boolean {
    const choice = this.electron.dialog.showMessageBoxSync({
      type: 'warning',
      message: 'Some strokes are not saved. Leave without them?',
      detail: 'They could not be written to the project. What stands in the way is said on the Review screen.',
      buttons: ['Stay', 'Leave without them'],
      defaultId: 0,
      cancelId: 0,
    });
    return choice === 1;
  }

  private mayTryAgain(reason: string): boolean {
    const { app, dialog } = this.electron;
    const choice = dialog.showMessageBoxSync({
      type: 'error',
      message: 'The screen keeps ending',
      detail: `Its process ended several times within a minute (${reason}). Every finished stroke is saved.`,
      buttons: ['Quit', 'Try again'],
      defaultId: 1,
      cancelId: 0,
    });
    if (choice === 0) app.quit();
    return choice === 1;
  }

  /** Only selects it in the file manager: nothing is opened or run. */
  private revealFolder(path: string): void {
    if (existsSync(path)) this.electron.shell.showItemInFolder(path);
  }

  private async chooseFolder(title: string): Promise<string | null> {
    const { dialog } = this.electron;
    const options = { title, properties: ['openDirectory' as const, 'createDirectory' as const] };
    const chosen = this.window
      ? await dialog.showOpenDialog(this.window, options)
      : await dialog.showOpenDialog(options);
    return chosen.filePaths[0] ?? null;
  }
}
