// Calls of the page over Electron's IPC: only our own page is heard, and every payload is checked before anything is done.
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import type { Answer } from '../../../src-core/contract/call.ts';
import type { Dispatch } from '../../services/studio/dispatch.ts';
import { CHANNELS } from './channels.ts';
import { isOurPage } from './page-address.ts';

const CALL = z.object({ name: z.string(), params: z.unknown() });
const PATH = z.string().min(1).max(4096);
const TITLE = z.string().max(200);

export interface IpcServices {
  readonly dispatch: Dispatch;
  readonly chooseFolder: (title: string) => Promise<string | null>;
  readonly revealFolder: (path: string) => void;
}

/** Answers the page. */
export function answerPage(ipc: Pick<IpcMain, 'handle'>, { dispatch, chooseFolder, revealFolder }: IpcServices): void {
  ipc.handle(CHANNELS.call, (event, payload): Promise<Answer<unknown>> => {
    refuseStrangers(event);
    const { name, params } = CALL.parse(payload);
    return dispatch(name, params);
  });
  ipc.handle(CHANNELS.chooseFolder, (event, title) => {
    refuseStrangers(event);
    return chooseFolder(TITLE.parse(title));
  });
  ipc.handle(CHANNELS.revealFolder, (event, path) => {
    refuseStrangers(event);
    revealFolder(PATH.parse(path));
  });
}

/** Throws unless the message comes from the main frame of our own page. */
function refuseStrangers({ senderFrame }: Pick<IpcMainInvokeEvent, 'senderFrame'>): void {
  if (senderFrame && senderFrame.parent === null && isOurPage(senderFrame.url)) return;
  throw new Error('ipc: expected a message of our own page');
}
