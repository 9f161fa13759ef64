import { decodeLabels, encodeLabels } from '../labels/label-codec.ts';
import type { Batches } from './batches.ts';
import type { TrainingConfig } from './config.ts';
import type { ImageData, TaggedRegion } from './data.ts';
import type { Predictor } from './prediction.ts';
import { prepareLabels } from './prepare.ts';

/** Label maps of the prepared squares, coded: a hundred thousand of them fit in memory. */
export class MaskStore {
  readonly #masks = new Map<string, Uint8Array>();
  #side = 0;

  put(item: string, labels: Uint8Array, side: number): void {
    this.#side = side;
    this.#masks.set(item, encodeLabels({ width: side, height: side, data: labels }));
  }

  get(item: string): Uint8Array {
    const coded = this.#masks.get(item);
    if (!coded) throw new Error(`No pseudo mask of "${item}" (side ${this.#side})`);
    return decodeLabels(coded).data;
  }

  items(): string[] {
    return [...this.#masks.keys()];
  }
}

/** Fills the store with the pseudo mask of every region, or its reviewed mask; yields how many are done. */
export async function* pseudoMasks(
  data: ImageData,
  config: TrainingConfig,
  regions: readonly TaggedRegion[],
  batches: Batches,
  predictor: Predictor,
  masks: MaskStore,
): AsyncGenerator<number, void> {
  const { side } = config.data;
  for (let from = 0; from < regions.length; from += predictor.batch) {
    const group = regions.slice(from, from + predictor.batch);
    const images = await batches.plain(group.map(({ item }) => item));
    const predictions = await predictor.predict(
      images,
      group.map(({ present }) => present),
    );
    for (const [i, { item }] of group.entries()) {
      const reviewed = await data.reviewed(item);
      masks.put(item, reviewed ? prepareLabels(reviewed, config.data) : predictions[i]!.pseudo, side);
    }
    yield Math.min(from + group.length, regions.length);
  }
}
