// Electron as far as the app uses it, for machines that have no binary of it. Takes what the app registers and lets a test do
// what a person or the system would: start a second time, close the window, end a process.
import { EventEmitter } from 'node:events';
import type { ElectronParts } from '../../src-main/hosts/electron/app.ts';
import { temporaryFolder } from './source-folders.ts';

/** An event that a listener may prevent. */
export interface Preventable {
  prevented: boolean;
  preventDefault(): void;
}

export function preventable(): Preventable {
  const event = { prevented: false, preventDefault: () => void (event.prevented = true) };
  return event;
}

class FakeContents extends EventEmitter {
  readonly sent: unknown[][] = [];
  reloads = 0;
  opens: ((details: { url: string }) => unknown) | undefined;
  send(...args: unknown[]): void {
    this.sent.push(args);
  }
  reload(): void {
    this.reloads++;
  }
  setWindowOpenHandler(handler: (details: { url: string }) => unknown): void {
    this.opens = handler;
  }
}

class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly options: { readonly webPreferences?: Readonly<Record<string, unknown>> };
  readonly loaded: string[] = [];
  minimized = false;
  focused = 0;
  /** Set by Electron, which asks its listeners first. */
  close = (): void => undefined;
  constructor(options: FakeWindow['options']) {
    super();
    this.options = options;
  }
  loadURL(address: string): Promise<void> {
    this.loaded.push(address);
    return Promise.resolve();
  }
  show(): void {}
  focus(): void {
    this.focused++;
  }
  isMinimized(): boolean {
    return this.minimized;
  }
  restore(): void {
    this.minimized = false;
  }
}

/** One person's machine: programs that are started on it share the single-instance lock. */
export class FakeMachine {
  readonly userData = temporaryFolder();
  first: FakeElectron | undefined;
}

/** Electron in one process. */
export class FakeElectron {
  readonly app = new EventEmitter();
  readonly windows: FakeWindow[] = [];
  readonly errorBoxes: string[] = [];
  readonly questions: string[] = [];
  /** Buttons that the person will press, in order. */
  readonly answers: number[] = [];
  readonly schemes: string[] = [];
  readonly handlers = new Map<string, unknown>();
  /** Whether the process has ended. */
  ended = false;
  private ready = (): void => undefined;

  private readonly machine: FakeMachine;

  constructor(machine = new FakeMachine()) {
    this.machine = machine;
  }

  get window(): FakeWindow {
    const window = this.windows.at(-1);
    if (!window) throw new Error('no window was opened');
    return window;
  }

  /** What the app is given. */
  get parts(): ElectronParts {
    const { machine, windows, schemes, handlers } = this;
    const register =
      (name: string) =>
      (...args: unknown[]): void =>
        void handlers.set(name, args.at(-1));
    const whenReady = new Promise<void>((resolve) => (this.ready = resolve));
    Object.assign(this.app, {
      isPackaged: true,
      getPath: () => machine.userData,
      whenReady: () => whenReady,
      requestSingleInstanceLock: () => (machine.first ??= this) === this,
      quit: () => this.quit(),
    });
    const ask = (...args: { message: string }[]): number => {
      this.questions.push(args.at(-1)!.message);
      return this.answers.shift() ?? 0;
    };
    const app = this.app;
    const close = (): void => void this.closeWindow();
    class BrowserWindow extends FakeWindow {
      constructor(options: FakeWindow['options']) {
        super(options);
        this.close = close;
        windows.push(this);
        app.emit('web-contents-created', {}, this.webContents);
      }
    }
    const parts: unknown = {
      app,
      BrowserWindow,
      dialog: {
        showErrorBox: (title: string, text: string) => this.errorBoxes.push(`${title}: ${text}`),
        showMessageBoxSync: ask,
      },
      ipcMain: { handle: (channel: string, handler: unknown) => handlers.set(channel, handler) },
      Menu: { buildFromTemplate: (template: unknown) => template, setApplicationMenu: () => undefined },
      powerSaveBlocker: { start: () => 1, stop: () => true },
      protocol: {
        registerSchemesAsPrivileged: (list: { scheme: string }[]) => schemes.push(...list.map(({ scheme }) => scheme)),
        handle: register('protocol'),
      },
      session: {
        defaultSession: {
          setPermissionRequestHandler: register('permission request'),
          setPermissionCheckHandler: register('permission check'),
          webRequest: { onBeforeRequest: register('request') },
        },
      },
      shell: {},
      utilityProcess: {},
    };
    return parts as ElectronParts; // the app uses nothing else of it
  }

  /** The system has started the process. */
  becomeReady(): void {
    this.ready();
  }

  /** As Electron does it: the app is asked, then each window, and then all is over. */
  quit(): void {
    if (this.ended || !this.isGivenLeave(this.app, 'before-quit')) return;
    if (!this.closeWindow()) return;
    this.ended = true;
    if (this.machine.first === this) this.machine.first = undefined;
  }

  /** The window's close button. Gives whether it closed. */
  closeWindow(): boolean {
    const window = this.windows.at(-1);
    if (!window) return true;
    if (!this.isGivenLeave(window, 'close')) return false;
    this.windows.pop();
    window.emit('closed');
    this.app.emit('window-all-closed');
    return true;
  }

  private isGivenLeave(emitter: EventEmitter, name: string): boolean {
    const event = preventable();
    emitter.emit(name, event);
    return !event.prevented;
  }
}
