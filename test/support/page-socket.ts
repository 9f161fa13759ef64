// A page's end of the socket without a page: questions that are answered, and frames that no page would send.
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { CallName, ParamsOf, ResultOf } from '../../src-core/contract/contract.ts';
import { decodeFrame, encodeFrame, type Message } from '../../src-core/contract/wire.ts';

export interface PageSocket {
  readonly socket: WebSocket;
  /** What came back, in this order. */
  readonly received: readonly Message[];
  /** Asks as a page does; rejects with the kind and the words of a refusal. */
  ask<Name extends CallName>(name: Name, params: ParamsOf<Name>): Promise<ResultOf<Name>>;
}

/** Opens a socket with these headers; undefined where the server refuses it. It closes with the test. */
export async function connectSocket(
  port: number | string,
  headers: Record<string, string>,
  path = '/socket',
): Promise<WebSocket | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

/** A socket to the address that a server printed. */
export async function openPageSocket(address: string): Promise<PageSocket> {
  const { port, searchParams } = new URL(address);
  const socket = await connectSocket(port, { Authorization: `Bearer ${searchParams.get('token')}` });
  if (!socket) throw new Error(`${address}: expected a server that lets its own page in`);
  const received: Message[] = [];
  socket.on('message', (data: Buffer) => received.push(decodeFrame(data) as Message)); // our own server sent it
  let next = 1;
  return {
    socket,
    received,
    async ask(name, params) {
      const id = next++;
      socket.send(encodeFrame({ id, call: name, params }));
      return (await answerTo(socket, id)) as ResultOf<typeof name>; // the call says so
    },
  };
}

async function answerTo(socket: WebSocket, id: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('the connection was lost'));
    const take = (data: Buffer): void => {
      const message = decodeFrame(data) as {
        id?: number;
        answer: { ok: boolean; value?: unknown; kind?: string; message?: string };
      };
      if (message.id !== id) return;
      socket.off('message', take);
      socket.off('close', gone);
      const { answer } = message;
      if (answer.ok) resolve(answer.value);
      else reject(new Error(`${answer.kind}: ${answer.message}`));
    };
    socket.on('message', take);
    socket.once('close', gone);
  });
}
