// Pictures that a page loads by address, so that the browser fetches, decodes and keeps them by itself.
import { z } from 'zod';
import { colourOf } from '../../../src-core/review/colours.ts';
import type { Project } from '../project.ts';
import { readSample, SAMPLE_LAYERS } from '../run-samples.ts';
import { projectClasses } from './project-facts.ts';
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
  /** `run`, `stage`, `iteration`, `index`, `layer`, and `v`: what makes the address last. */
  sample: async (studio, query) => {
    const bytes = await sampleOf(studio.project, query);
    return bytes && { type: 'image/png', bytes, immutable: query.has('v') };
  },
};

const SAMPLE = z.object({
  run: z.string(),
  stage: z.enum(['warm-up', 'joint', 'classification', 'segmentation']),
  iteration: z.coerce.number().int().min(0),
  index: z.coerce.number().int().min(0),
  layer: z.enum(SAMPLE_LAYERS),
});

async function sampleOf(project: Project, query: URLSearchParams): Promise<Uint8Array | undefined> {
  const { run, layer, ...address } = SAMPLE.parse(Object.fromEntries(query));
  // The run's name becomes part of a path.
  if (!project.runs().some(({ id }) => id === run)) return undefined;
  const colours = projectClasses(project).map(({ colour }) => colourOf(colour));
  return readSample(project, run, address, layer, colours);
}

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
