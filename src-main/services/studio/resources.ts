// Pictures that a page loads by address, so that the browser fetches, decodes and keeps them by itself.
import type { Studio } from './studio.ts';

/** Bytes of a resource. */
export interface Resource {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Whether the address names this content for ever. */
  readonly immutable: boolean;
}

type Produce = (studio: Studio, query: URLSearchParams) => Promise<Resource | undefined>;

const RESOURCES: Readonly<Record<string, Produce>> = {};

/** The resource of an address below `resource/`; undefined where there is none. */
export function readResource(studio: Studio, name: string, query: URLSearchParams): Promise<Resource | undefined> {
  const produce = Object.hasOwn(RESOURCES, name) ? RESOURCES[name] : undefined;
  return produce ? produce(studio, query) : Promise.resolve(undefined);
}
