import { keepLargestComponents } from '../labels/components.ts';
import { decodeLabels, encodeLabels } from '../labels/label-codec.ts';
import type { Batches } from './batches.ts';
import type { TrainingConfig } from './config.ts';
import { BACKGROUND, IGNORE } from '../imaging/plane.ts';
import type { TaggedRegion, TaggedWindow } from './data.ts';
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
    group.forEach(({ item }, i) => {
      const { pseudo } = predictions[i]!;
      masks.put(item, cleaned(pseudo, config, batches.taggedWindows(item)), config.data.side);
    });
    yield from + group.length;
  }
}

function cleaned(pseudo: Uint8Array, config: TrainingConfig, windows: readonly TaggedWindow[]): Uint8Array {
  const { trustAbsence, oneComponent } = config.segmentation;
  const { side } = config.data;
  const trusted = trustAbsence ? withoutAbsentClasses(pseudo, side, windows) : pseudo;
  return oneComponent ? largestComponentsOnly(trusted, side) : trusted;
}

/** The labels with all but the largest component of each class ignored. */
export function largestComponentsOnly(labels: Uint8Array, side: number): Uint8Array {
  const classes = labels.map((label) => (label === IGNORE ? BACKGROUND : label));
  const kept = keepLargestComponents(classes, [side, side]);
  return labels.map((label, i) => (label !== BACKGROUND && kept[i] === BACKGROUND ? IGNORE : label));
}

/**
 * The labels with every class made background inside the windows that were tagged not to show it: an annotator's no
 * outweighs the network's yes.
 */
export function withoutAbsentClasses(labels: Uint8Array, side: number, windows: readonly TaggedWindow[]): Uint8Array {
  const result = labels.slice();
  const inside = (from: number, length: number): [number, number] => [
    Math.max(0, Math.round(from)),
    Math.min(side, Math.round(from + length)),
  ];
  for (const { area, present } of windows) {
    const [left, right] = inside(area.x, area.width);
    const [top, bottom] = inside(area.y, area.height);
    for (let y = top; y < bottom; y++) {
      for (let i = y * side + left; i < y * side + right; i++) {
        const label = result[i]!;
        if (label !== BACKGROUND && label !== IGNORE && present[label - 1] === 0) result[i] = BACKGROUND;
      }
    }
  }
  return result;
}
