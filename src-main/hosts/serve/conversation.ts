// One page over its socket: questions in, answers and events out. Whatever a page sends, the server stays up.
import type { RawData, WebSocket } from 'ws';
import { decodeFrame, encodeFrame, QUESTION, type Message } from '../../../src-core/contract/wire.ts';
import type { Dispatch } from '../../services/studio/dispatch.ts';
import type { Studio } from '../../services/studio/studio.ts';

/** The largest frame: a label map of a large image fits many times. */
export const MOST_BYTES = 256 * 2 ** 20;
const UNSUPPORTED_DATA = 1003;

/** Serves a page until its socket closes. */
export function converse(client: WebSocket, studio: Studio, dispatch: Dispatch): void {
  const tell = (message: Message): void => {
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
    void dispatch(call, params).then((answer) => tell({ id, answer }));
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
