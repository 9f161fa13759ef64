// The page's end of the socket of `unia serve`. A lost connection is tried again; questions that were open fail in words.
import type { Answer } from '../../src-core/contract/call.ts';
import { decodeFrame, encodeFrame, type Message } from '../../src-core/contract/wire.ts';
import type { ConnectionState, Transport } from './api.ts';

const RETRY_MS = 1000;
const LOST: Answer<never> = {
  ok: false,
  kind: 'disconnected',
  message: 'The connection to UniA Studio was lost. It comes back by itself once the program runs again.',
};

export function connectSocket(onState: (state: ConnectionState) => void): Transport {
  const listeners: ((event: string, data: unknown) => void)[] = [];
  const open = new Map<number, (answer: Answer<unknown>) => void>();
  let next = 1;
  let socket = start();
  let ready = whenOpen(socket);

  function start(): WebSocket {
    const address = new URL('/socket', window.location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const made = new WebSocket(address);
    made.binaryType = 'arraybuffer';
    made.addEventListener('open', () => onState('open'));
    made.addEventListener('message', ({ data }) => take(new Uint8Array(data as ArrayBuffer))); // binaryType above
    made.addEventListener('close', () => {
      onState('lost');
      for (const answer of open.values()) answer(LOST);
      open.clear();
      setTimeout(() => {
        socket = start();
        ready = whenOpen(socket);
      }, RETRY_MS);
    });
    return made;
  }

  function take(bytes: Uint8Array): void {
    // Our own services sent it.
    const message = decodeFrame(bytes) as Message;
    if ('event' in message) {
      for (const listener of listeners) listener(message.event, message.data);
      return;
    }
    open.get(message.id)?.(message.answer as Answer<unknown>);
    open.delete(message.id);
  }

  onState('connecting');
  return {
    listen: (listener) => void listeners.push(listener),
    async call(name, params) {
      // A socket that closed after it was ready would take the question and never answer.
      if (!(await ready) || socket.readyState !== WebSocket.OPEN) return LOST;
      const id = next++;
      return new Promise((resolve) => {
        open.set(id, resolve);
        socket.send(encodeFrame({ id, call: name, params }));
      });
    },
  };
}

function whenOpen(socket: WebSocket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.addEventListener('open', () => resolve(true), { once: true });
    socket.addEventListener('close', () => resolve(false), { once: true });
  });
}
