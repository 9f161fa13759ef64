import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { decodeFrame, encodeFrame } from '../../../src-core/contract/wire.ts';
import { openStudio, type TestStudio } from '../../support/browser.ts';

interface Reply {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** A request as any program could make it, with headers that a browser would not send. */
function ask({ server }: TestStudio, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

function connect({ server }: TestStudio, headers: Record<string, string>): Promise<WebSocket | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/socket`, { headers });
  return new Promise((resolve) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', () => resolve(undefined));
  });
}

const bearer = ({ server }: TestStudio) => ({ Authorization: `Bearer ${server.token}` });

describe('unia serve lets in only a page with the token, from this machine', () => {
  it('refuses a request without the token, and one with another', async () => {
    const studio = await openStudio();
    expect((await ask(studio, '/')).status).toBe(401);
    expect((await ask(studio, '/?token=wrong')).status).toBe(401);
    expect((await ask(studio, '/resource/thumbnail?item=a')).status).toBe(401);
    expect((await ask(studio, '/', bearer(studio))).status).toBe(200);
  });

  it('refuses another host name, as DNS rebinding would send', async () => {
    const studio = await openStudio();
    const { status, body } = await ask(studio, '/', { ...bearer(studio), Host: 'evil.example' });
    expect(status).toBe(403);
    expect(body).toContain('host');
  });

  it('takes another port in the host name, as an SSH tunnel sends', async () => {
    const studio = await openStudio();
    expect((await ask(studio, '/', { ...bearer(studio), Host: 'localhost:9000' })).status).toBe(200);
  });

  it('refuses the page of another site', async () => {
    const studio = await openStudio();
    const refused = await ask(studio, '/', { ...bearer(studio), Origin: 'https://evil.example' });
    expect(refused.status).toBe(403);
    expect(await connect(studio, { ...bearer(studio), Origin: 'https://evil.example' })).toBeUndefined();
    expect(await connect(studio, { Origin: `http://127.0.0.1:${studio.server.port}` })).toBeUndefined();
  });

  it('sends its security policy with every answer, refusals included', async () => {
    const studio = await openStudio();
    for (const reply of [await ask(studio, '/'), await ask(studio, '/', bearer(studio))]) {
      expect(reply.headers['content-security-policy']).toContain(`default-src 'none'`);
    }
  });

  it('serves nothing from outside the page folder', async () => {
    const studio = await openStudio();
    for (const path of [
      '/../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/package.json',
      '/assets/../../../package.json',
    ]) {
      expect((await ask(studio, path, bearer(studio))).status).toBe(404);
    }
  });
});

describe('a page that lies', () => {
  it('gets an answer in words for an unknown call and for parameters of the wrong shape', async () => {
    const studio = await openStudio();
    const socket = (await connect(studio, bearer(studio)))!;
    const answers: unknown[] = [];
    socket.on('message', (data: Buffer) => answers.push(decodeFrame(data)));
    socket.send(encodeFrame({ id: 1, call: 'constructor', params: {} }));
    socket.send(encodeFrame({ id: 2, call: 'project.open', params: { directory: 7 } }));
    await expect.poll(() => answers.length).toBe(2);
    expect(answers).toMatchObject([
      { id: 1, answer: { ok: false, kind: 'misuse' } },
      { id: 2, answer: { ok: false, kind: 'misuse' } },
    ]);
    expect(JSON.stringify(answers[1])).toContain('directory');
    socket.close();
  });

  it('is cut off for bytes that are no question, and the server stays up', async () => {
    const studio = await openStudio();
    for (const frame of [Buffer.from([0xc1, 0xff]), 'text', encodeFrame({ event: 'x', data: 1 })]) {
      const socket = (await connect(studio, bearer(studio)))!;
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.send(frame);
      await closed;
    }
    expect((await ask(studio, '/', bearer(studio))).status).toBe(200);
  });
});
