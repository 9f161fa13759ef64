// Pictures that a page loads by address, so that the browser fetches, decodes and keeps them by itself.
import type { Studio } from './studio.ts';

/** Bytes of a resource. */
export interface Resource {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Whether the address names this content for ever. */
  readonly immutable: boolean;
}

type Produce = (studio: Studio, query: URLSearchParams, signal?: AbortSignal) => Promise<Resource | undefined>;

const RESOURCES: Readonly<Record<string, Produce>> = {
  /** `item`, `size` in pixels, and `v`: the project's key, which makes the address last. */
  thumbnail: async (studio, query, signal) => ({
    type: 'image/webp',
    bytes: await studio.thumbnails.read(query.get('item') ?? '', Number(query.get('size')) || 0, signal),
    immutable: query.has('v'),
  }),
};

/** The resource of an address below `resource/`; undefined where there is none. `signal` aborts when nobody waits any more. */
export function readResource(
  studio: Studio,
  name: string,
  query: URLSearchParams,
  signal?: AbortSignal,
): Promise<Resource | undefined> {
  const produce = Object.hasOwn(RESOURCES, name) ? RESOURCES[name] : undefined;
  return produce ? produce(studio, query, signal) : Promise.resolve(undefined);
}
