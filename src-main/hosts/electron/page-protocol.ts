// Answers the page's own scheme: built files and pictures, nothing else.
import { readResource } from '../../services/studio/resources.ts';
import type { Studio } from '../../services/studio/studio.ts';
import { PAGE_HEADERS, readPageFile } from '../page-files.ts';
import { isOurPage } from './page-address.ts';

/** What `protocol.handle` calls for each request of the page. */
export function pageProtocol(studio: Studio, folder?: string): (request: Request) => Promise<Response> {
  return async ({ url, method }) => {
    if (!isOurPage(url) || method !== 'GET') return refuse(403, 'expected a GET of our own page');
    const { pathname, searchParams } = new URL(url);
    try {
      const found = pathname.startsWith('/resource/')
        ? await readResource(studio, pathname.slice('/resource/'.length), searchParams)
        : await readPageFile(decodeURIComponent(pathname), folder);
      if (!found) return refuse(404, `nothing at ${pathname}`);
      const cache = found.immutable ? 'private, max-age=31536000, immutable' : 'no-store';
      const headers = { ...PAGE_HEADERS, 'Content-Type': found.type, 'Cache-Control': cache };
      return new Response(Uint8Array.from(found.bytes), { headers });
    } catch (error) {
      return refuse(500, error instanceof Error ? error.message : String(error));
    }
  };
}

function refuse(status: number, message: string): Response {
  return new Response(message, { status, headers: { ...PAGE_HEADERS, 'Content-Type': 'text/plain' } });
}
