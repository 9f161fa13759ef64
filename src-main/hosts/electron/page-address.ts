/** The page's own scheme: never file://, which would give it the whole disk. */
export const SCHEME = 'app';
const HOST = 'unia';
export const PAGE_ADDRESS = `${SCHEME}://${HOST}/`;

/** Whether an address is that of our page. Compared by its parts: a text may begin alike and lead elsewhere. */
export function isOurPage(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === `${SCHEME}:` && url.hostname === HOST;
}
