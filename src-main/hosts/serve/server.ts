// `unia serve`: the page and the services over loopback HTTP and a WebSocket, behind a token.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { createDispatch, type Dispatch } from '../../services/studio/dispatch.ts';
import { readResource } from '../../services/studio/resources.ts';
import type { Studio } from '../../services/studio/studio.ts';
import { UploadError } from '../../services/studio/uploads.ts';
import { errorText } from '../../services/error-text.ts';
import { PAGE_HEADERS, readPageFile } from '../page-files.ts';
import { carriesToken, isToken, newToken, refusalOf, tokenCookie } from './access.ts';
import { converse, MOST_BYTES } from './conversation.ts';

/** A running server. */
export interface StudioServer {
  /** With the token in it: whoever has it may use the services. */
  readonly address: string;
  readonly token: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  /** A token to keep over restarts; a new one when absent. */
  readonly token?: string;
}

/** Serves a studio on 127.0.0.1 only. */
export async function serveStudio(
  studio: Studio,
  { port = 0, token = newToken() }: ServeOptions = {},
): Promise<StudioServer> {
  // A large file of an upload takes longer than the usual limit on a request.
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    answer(studio, token, request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      if (!response.headersSent)
        send(response, 500, 'text/plain', error instanceof Error ? error.message : String(error));
      else response.destroy();
    });
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES });
  const dispatch: Dispatch = createDispatch(studio);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (refusalOf(request) !== undefined || !carriesToken(request, token) || request.url !== '/socket') {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => converse(client, studio, dispatch));
  });
  await listen(server, port);
  const used = (server.address() as AddressInfo).port; // it listens on a port, not on a pipe
  return {
    address: `http://127.0.0.1:${used}/?token=${token}`,
    token,
    port: used,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  studio: Studio,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== undefined) return send(response, 403, 'text/plain', refusal);
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const given = url.searchParams.get('token');
  if (given !== null && isToken(given, token)) {
    // The token leaves the address bar and the history at once.
    response.writeHead(303, { ...PAGE_HEADERS, Location: url.pathname, 'Set-Cookie': tokenCookie(token) }).end();
    return;
  }
  if (!carriesToken(request, token)) {
    return send(response, 401, 'text/plain', 'Open the address that "unia serve" printed; it carries the token.');
  }
  if (request.method === 'PUT') return receive(studio, url.pathname, request, response);
  if (request.method !== 'GET') return send(response, 405, 'text/plain', `method: expected GET, got ${request.method}`);
  const file = url.pathname.startsWith('/resource/')
    ? await readResource(studio, url.pathname.slice('/resource/'.length), url.searchParams, whenGone(response))
    : await readPageFile(url.pathname);
  if (response.destroyed) return;
  if (!file) return send(response, 404, 'text/plain', `nothing at ${url.pathname}`);
  send(response, 200, file.type, file.bytes, file.immutable);
}

/** A file of a folder that the page sends. */
async function receive(
  studio: Studio,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, id, place] = /^\/upload\/([\d-]+)\/(\d+)$/.exec(pathname) ?? [];
  if (id === undefined) return send(response, 404, 'text/plain', `nothing at ${pathname}`);
  try {
    await studio.uploads.receive(id, Number(place), request);
    send(response, 204, 'text/plain', '');
  } catch (error) {
    // What is still on its way is not read: a wrong length could go on for ever.
    response.setHeader('Connection', 'close');
    send(response, error instanceof UploadError ? error.status : 500, 'text/plain', errorText(error));
  }
}

/** Aborts when nobody waits for the answer any more, such as for a picture that was scrolled past. */
function whenGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => controller.abort());
  return controller.signal;
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  immutable = false,
): void {
  const cache = immutable ? 'private, max-age=31536000, immutable' : 'no-store';
  response.writeHead(status, { ...PAGE_HEADERS, 'Content-Type': type, 'Cache-Control': cache }).end(body);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`port: expected a free one, got ${port}, which another program uses`, { cause }) : cause,
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
