// What a run knows of how the tokens of an item belong together: its encoder alone, once for an item.
import type { Engine } from '../../src-core/compile/index.ts';
import type { ItemAffinity } from '../../src-core/review/token-walk.ts';
import { Batches, PreparedImages } from '../../src-core/training/batches.ts';
import { weightsOf } from '../../src-core/training/checkpoint.ts';
import { shownArea } from '../../src-core/training/prepare.ts';
import { createAffinityReader } from '../../src-core/training/token-affinity.ts';
import { openImageData } from './image-data.ts';
import type { Project } from './project.ts';
import { readCheckpoint } from './train.ts';

/** Bytes of decoded sources kept: the app keeps its own. */
const CACHE_BYTES = 64 * 2 ** 20;

/** Reads the affinity of items, one at a time. */
export interface Affinities {
  read(item: string): Promise<ItemAffinity>;
  close(): Promise<void>;
}

/** Puts the newest weights of a run on an engine. */
export async function openAffinities(project: Project, engine: Engine, run: string): Promise<Affinities> {
  const { config, state: values } = readCheckpoint(project, run);
  const data = openImageData(project, { cacheBytes: CACHE_BYTES });
  const weights = weightsOf(values);
  const shapes = Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]));
  const state = await engine.allocate(weights);
  const reader = await createAffinityReader(engine, state, config, shapes);
  const batches = new Batches(data, config, new PreparedImages(data, config));
  return {
    async read(item) {
      const area = shownArea(data.volume(item), config.data);
      return { area, ...(await reader.read(await batches.plain([item]))) };
    },
    async close() {
      await reader.dispose();
      await state.dispose();
    },
  };
}
