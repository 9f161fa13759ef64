// The built page and the headers every host sends with it.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROGRAM_ROOT } from '../program-root.ts';

/** Where `npm run build` puts the page. */
export const PAGE_FOLDER = fileURLToPath(new URL('dist/renderer/', PROGRAM_ROOT));

/** What the page may load and reach: itself and the process that served it. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    `default-src 'none'`,
    `script-src 'self' 'wasm-unsafe-eval'`,
    // The hash is that of "display: contents;", which the palette's library writes into its items.
    `style-src 'self' 'unsafe-hashes' 'sha256-iaOezIDcQIoxCULa6FBKKuLUu09R7kG+Mlu+JVfU3Rw='`,
    `img-src 'self' blob: data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `worker-src 'self' blob:`,
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Built files carry a hash of their content in their name. */
  readonly immutable: boolean;
}

/** A file of the page; undefined where there is none or the path leads out of its folder. */
export async function readPageFile(path: string, folder = PAGE_FOLDER): Promise<PageFile | undefined> {
  const relative = normalize(path === '/' ? 'index.html' : path.replace(/^\/+/, ''));
  const type = TYPES[extname(relative)];
  if (type === undefined || relative.startsWith('..') || relative.includes('\0') || relative.startsWith(sep))
    return undefined;
  const bytes = await readFile(join(folder, relative)).catch(() => undefined);
  return bytes && { type, bytes, immutable: relative.startsWith(`assets${sep}`) };
}
