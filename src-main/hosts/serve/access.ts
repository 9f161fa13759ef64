// Who may talk to `unia serve`: a page that was opened with the token, over an address of this machine.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Names of this machine in a Host header. The port is not compared: an SSH tunnel may show another one. */
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const COOKIE = 'unia-token';

/** A new secret for one process. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Why a request is refused; undefined where it is allowed. A foreign Host is how DNS rebinding looks, a foreign Origin is
 * another site's page.
 */
export function refusalOf(request: IncomingMessage): string | undefined {
  const host = hostOf(request.headers.host);
  if (!host || !LOOPBACK.has(host.hostname)) return 'host: expected an address of this machine';
  const { origin } = request.headers;
  if (origin === undefined) return undefined;
  return hostOf(origin.replace(/^https?:\/\//, ''))?.host === host.host ? undefined : 'origin: expected our own page';
}

/** Whether a request carries the token, as a cookie or as a bearer. */
export function carriesToken(request: IncomingMessage, token: string): boolean {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const cookies = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const cookie = cookies.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  return [bearer, cookie].some((given) => given !== undefined && isToken(given, token));
}

/** Whether a text is the token, in a time that does not depend on where they differ. */
export function isToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The cookie that keeps a page allowed without the token in its address. */
export function tokenCookie(token: string): string {
  return `${COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=/`;
}

function hostOf(header: string | undefined): URL | undefined {
  return header === undefined ? undefined : (URL.parse(`http://${header}`) ?? undefined);
}
