// A page's end of the socket without a page: questions that are answered, and frames that no page would send.
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Answer } from '../../src-core/contract/call.ts';
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
  const open = new Map<number, (answer: Answer<unknown> | undefined) => void>();
  socket.on('message', (data: Buffer) => {
    const message = decodeFrame(data) as Message; // our own server sent it
    received.push(message);
    if ('id' in message) open.get(message.id)?.(message.answer as Answer<unknown>);
  });
  socket.once('close', () => open.forEach((take) => take(undefined)));
  let next = 1;
  return {
    socket,
    received,
    async ask<Name extends CallName>(name: Name, params: ParamsOf<Name>) {
      const id = next++;
      const answer = await new Promise<Answer<unknown> | undefined>((resolve) => {
        open.set(id, resolve);
        socket.send(encodeFrame({ id, call: name, params }));
      });
      if (!answer) throw new Error(`${name}: the connection was lost`);
      if (!answer.ok) throw new Error(`${answer.kind}: ${answer.message}`);
      return answer.value as ResultOf<Name>; // the call says so
    },
  };
}
