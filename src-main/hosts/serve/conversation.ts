// One page over its socket: questions in, answers and events out. Whatever a page sends, the server stays up.
import type { RawData, WebSocket } from 'ws';
import type { Answer } from '../../../src-core/contract/call.ts';
import { decodeFrame, encodeFrame, QUESTION, type Message } from '../../../src-core/contract/wire.ts';
import type { Dispatch } from '../../services/studio/dispatch.ts';
import type { Studio } from '../../services/studio/studio.ts';

/**
 * The largest frame. What is longest of all that a page may ask: a stroke that changes every second pixel of 4096 x 4096, and the
 * 500 000 files of an upload with a hundred characters each.
 */
export const MOST_BYTES = 64 * 2 ** 20;
/** Questions of one page that wait for their answers. A page asks for a few at a time, and waits for jobs besides. */
export const MOST_OPEN = 256;
/** What a page may leave unread before nothing more is kept for it; many pictures on their way through a slow tunnel. */
const MOST_UNREAD = 256 * 2 ** 20;
const UNSUPPORTED_DATA = 1003;

const BUSY: Answer<never> = {
  ok: false,
  kind: 'busy',
  message: `${MOST_OPEN} questions of this page wait for an answer; nothing was done about this one. Try again in a moment.`,
};

/** Serves a page until its socket closes. */
export function converse(client: WebSocket, studio: Studio, dispatch: Dispatch): void {
  let open = 0;
  const tell = (message: Message): void => {
    if (client.bufferedAmount > MOST_UNREAD) client.terminate();
    if (client.readyState === client.OPEN) client.send(encodeFrame(message));
  };
  const stop = studio.listen((event, data) => tell({ event, data }));
  client.on('close', stop);
  // A frame that is too long, or no WebSocket frame at all: the library closes the socket.
  client.on('error', () => client.terminate());
  client.on('message', (data: RawData, isBinary: boolean) => {
    const question = isBinary ? readQuestion(data) : undefined;
    if (!question) {
      client.close(UNSUPPORTED_DATA, 'expected a question of the contract');
      return;
    }
    const { id, call, params } = question;
    if (open >= MOST_OPEN) {
      tell({ id, answer: BUSY });
      return;
    }
    open++;
    void dispatch(call, params).then((answer) => {
      open--;
      tell({ id, answer });
    });
  });
}

function readQuestion(data: RawData) {
  try {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data as Buffer);
    return QUESTION.safeParse(decodeFrame(bytes)).data;
  } catch {
    return undefined;
  }
}
