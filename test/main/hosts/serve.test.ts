import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openStudio, type TestStudio } from '../../support/browser.ts';
import { connectSocket } from '../../support/page-socket.ts';

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

const bearer = ({ server }: TestStudio) => ({ Authorization: `Bearer ${server.token}` });

describe('unia serve lets in only a page with the token, from this machine', () => {
  it('refuses a request without the token, and one with another', async () => {
    const studio = await openStudio();
    expect((await ask(studio, '/')).status).toBe(401);
    expect((await ask(studio, '/?token=wrong')).status).toBe(401);
    expect((await ask(studio, '/resource/thumbnail?item=a')).status).toBe(401);
    expect((await ask(studio, '/', bearer(studio))).status).toBe(200);
  });

  it('refuses a socket without the token, with another, with it in the address, and anywhere else', async () => {
    const studio = await openStudio();
    const { port, token } = studio.server;
    const refused = [
      {},
      { Authorization: 'Bearer wrong' },
      { Authorization: `Bearer ${token.slice(0, -1)}` },
      { Cookie: `unia-token=${token}x` },
      { ...bearer(studio), Host: 'evil.example' },
    ];
    for (const headers of refused) expect(await connectSocket(port, headers), JSON.stringify(headers)).toBeUndefined();
    expect(await connectSocket(port, {}, `/socket?token=${token}`)).toBeUndefined();
    expect(await connectSocket(port, bearer(studio), '/other')).toBeUndefined();
    expect(await connectSocket(port, { Cookie: `other=1; unia-token=${token}` })).toBeDefined();
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
    expect(
      await connectSocket(studio.server.port, { ...bearer(studio), Origin: 'https://evil.example' }),
    ).toBeUndefined();
    expect(
      await connectSocket(studio.server.port, { Origin: `http://127.0.0.1:${studio.server.port}` }),
    ).toBeUndefined();
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
