import { decodeLabels, encodeLabels } from '../labels/label-codec.ts';
import type { Batches } from './batches.ts';
import type { TrainingConfig } from './config.ts';
import type { TaggedRegion } from './data.ts';
import type { Predictor } from './prediction.ts';

/** Label maps of the prepared squares, coded: a hundred thousand of them fit in memory. */
export class MaskStore {
  readonly #masks: Map<string, Uint8Array>;

  /** @param coded - masks to begin with, as an earlier store's `coded` */
  constructor(coded: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#masks = new Map(coded);
  }

  put(item: string, labels: Uint8Array, side: number): void {
    this.#masks.set(item, encodeLabels({ width: side, height: side, data: labels }));
  }

  get(item: string): Uint8Array {
    const coded = this.#masks.get(item);
    if (!coded) throw new Error(`No pseudo mask of "${item}"`);
    return decodeLabels(coded).data;
  }

  has(item: string): boolean {
    return this.#masks.has(item);
  }

  /** Masks as they are stored (label-codec.ts), by item. */
  get coded(): ReadonlyMap<string, Uint8Array> {
    return this.#masks;
  }
}

/** Fills the store with the pseudo mask of every region; yields how many are done. */
export async function* pseudoMasks(
  config: TrainingConfig,
  regions: readonly TaggedRegion[],
  batches: Batches,
  predictor: Predictor,
  masks: MaskStore,
): AsyncGenerator<number, void> {
  for (let from = 0; from < regions.length; from += predictor.batch) {
    const group = regions.slice(from, from + predictor.batch);
    const images = await batches.plain(group.map(({ item }) => item));
    const predictions = await predictor.predict(
      images,
      group.map(({ present }) => present),
    );
    group.forEach(({ item }, i) => masks.put(item, predictions[i]!.pseudo, config.data.side));
    yield from + group.length;
  }
}
