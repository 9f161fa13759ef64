// The app's life in Electron: started twice, closed while work is under way, with a page or the graphics that end.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CHANNELS } from '../../../../src-main/hosts/electron/channels.ts';
import { runApp } from '../../../../src-main/hosts/electron/app.ts';
import { Project } from '../../../../src-main/services/project.ts';
import type { Answer } from '../../../../src-core/contract/call.ts';
import { FakeElectron, FakeMachine, preventable } from '../../../support/fake-electron.ts';
import { phantomProject, type PhantomProject } from '../../../support/predicted-project.ts';
import { temporaryFolder } from '../../../support/source-folders.ts';

let phantom: PhantomProject;
beforeAll(async () => {
  phantom = await phantomProject({}, { patients: 2, slices: 2, side: 32 });
});
afterAll(() => rmSync(phantom.folder, { recursive: true, force: true }));

function copyProject(): string {
  const directory = join(temporaryFolder(), 'project');
  cpSync(phantom.directory, directory, { recursive: true });
  return directory;
}

const PAGE = { url: 'app://unia/#/review', parent: null };

/** Asks the app as its page does. */
async function ask(electron: FakeElectron, name: string, params: unknown = {}): Promise<unknown> {
  const handler = electron.handlers.get(CHANNELS.call) as (
    event: unknown,
    payload: unknown,
  ) => Promise<Answer<unknown>>;
  const answer = await handler({ senderFrame: PAGE }, { name, params });
  return answer.ok ? answer.value : answer;
}

/** Starts the app and, with a project, has the system open it. */
async function startApp(machine = new FakeMachine(), project?: string): Promise<FakeElectron> {
  const electron = new FakeElectron(machine);
  const running = runApp(electron.parts);
  if (project !== undefined) electron.app.emit('open-file', preventable(), project);
  electron.becomeReady();
  await running;
  onTestFinished(async () => {
    electron.answers.splice(0, Infinity, 1, 1, 1);
    electron.quit();
    await expect.poll(() => electron.ended).toBe(true);
  });
  return electron;
}

/** A job that goes on until it is told to end; gives whether it was told. */
async function startLongJob(electron: FakeElectron): Promise<void> {
  // The sample takes long enough, and ends within a moment where it is told to.
  expect(await ask(electron, 'project.sample')).toMatchObject({ state: 'running' });
}

describe('the app', () => {
  it('opens one window on its own scheme, in a sandbox that nothing leaves', async () => {
    const electron = await startApp();
    expect(electron.schemes).toEqual(['app']);
    expect(electron.window.loaded).toEqual(['app://unia/']);
    expect(electron.window.options.webPreferences).toMatchObject({ sandbox: true, contextIsolation: true });
    expect(electron.window.webContents.opens!({ url: 'https://example.com' })).toEqual({ action: 'deny' });
    const navigation = { ...preventable(), url: 'https://example.com' };
    let stopped = false;
    electron.window.webContents.emit('will-navigate', { ...navigation, preventDefault: () => (stopped = true) });
    expect(stopped).toBe(true);
    for (const rule of ['permission request', 'permission check', 'request', 'protocol']) {
      expect(electron.handlers.has(rule), rule).toBe(true);
    }
  });

  it('started a second time shows the window of the first, with the project that was asked for', async () => {
    const machine = new FakeMachine();
    const first = await startApp(machine);
    const second = new FakeElectron(machine);
    await runApp(second.parts);
    expect(second).toMatchObject({ ended: true, windows: [] });

    const directory = copyProject();
    first.window.minimized = true;
    first.app.emit('second-instance', {}, ['unia-studio', '--flag', 'project'], join(directory, '..'));
    expect(first.windows).toHaveLength(1);
    expect(first.window).toMatchObject({ minimized: false, focused: 1 });
    expect(await ask(first, 'project.facts')).toMatchObject({ directory });
    expect(first.window.webContents.sent).toContainEqual([
      CHANNELS.event,
      'project',
      expect.objectContaining({ directory }),
    ]);
  });

  it('says who holds a project that another person’s app has open, and both work on', async () => {
    const directory = copyProject();
    const first = await startApp(new FakeMachine(), directory);
    const second = await startApp(new FakeMachine(), directory);
    expect(second.errorBoxes).toEqual([
      expect.stringMatching(
        `The project cannot be opened: .* is open for writing in another process \\(process ${process.pid} `,
      ),
    ]);
    expect(await ask(second, 'project.facts')).toBeNull();
    const [item] = (await ask(first, 'items.ids')) as [string];
    expect(await ask(first, 'review.decide', { items: [item], decision: 'flag' })).toMatchObject([
      { state: 'flagged' },
    ]);
    first.quit();
    await expect.poll(() => first.ended).toBe(true);
    second.app.emit('open-file', preventable(), join(directory, 'project.unia'));
    expect(await ask(second, 'review.item', { item })).toMatchObject({ state: 'flagged' });
  });

  it('asks before it ends work under way, whether the window is closed or the app is quit', async () => {
    const electron = await startApp();
    await startLongJob(electron);
    electron.closeWindow();
    electron.quit();
    expect(electron.questions).toHaveLength(2);
    expect(electron).toMatchObject({ ended: false, windows: [{}] });
    const [job] = (await ask(electron, 'job.list')) as [{ state: string }];
    expect(job.state).toBe('running');

    electron.answers.push(1);
    electron.quit();
    await expect.poll(() => electron.ended).toBe(true);
    expect(electron.questions).toHaveLength(3);
  });

  it('does not ask twice where the window was closed over work under way', async () => {
    const electron = await startApp();
    await startLongJob(electron);
    electron.answers.push(1);
    expect(electron.closeWindow()).toBe(true);
    await expect.poll(() => electron.ended).toBe(true);
    expect(electron.questions).toHaveLength(1);
  });

  it('asks before a page is left whose strokes are not saved', async () => {
    const electron = await startApp();
    const leave = (): boolean => {
      const event = preventable();
      electron.window.webContents.emit('will-prevent-unload', event);
      return event.prevented;
    };
    expect(leave()).toBe(false);
    electron.answers.push(1);
    expect(leave()).toBe(true);
    expect(electron.questions).toEqual(Array(2).fill('Some strokes are not saved. Leave without them?'));
  });

  it('closes the project before it ends, so that it can be opened at once', async () => {
    const directory = copyProject();
    const electron = await startApp(new FakeMachine(), directory);
    electron.quit();
    expect(electron.ended).toBe(false);
    await expect.poll(() => electron.ended).toBe(true);
    Project.open(directory).close();
  });
});

describe('a page whose process ends', () => {
  it('comes back to where it was', async () => {
    const { window } = await startApp();
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(window.webContents.reloads).toBe(1);
  });

  it('that keeps ending is brought back only where the person wants it', async () => {
    const electron = await startApp();
    const { window } = electron;
    const crash = (): boolean => window.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    electron.answers.push(1, 0);
    for (let i = 0; i < 3; i++) crash();
    expect(electron.questions).toEqual(['The screen keeps ending']);
    expect(window.webContents.reloads).toBe(3);
    for (let i = 0; i < 3; i++) crash();
    expect(window.webContents.reloads).toBe(5);
    await expect.poll(() => electron.ended).toBe(true);
  });
});
