// Two people's readings of the open item, to be looked at beside each other: while they are brought together, or while a second reader
// looks at what the first one made.
import type { ReadingSide } from '../../src-core/contract/second-reader.ts';
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import { awaitsReview, type ItemState } from '../../src-core/review/item-state.ts';
import { isSettled } from '../../src-core/review/settled.ts';
import { LabelLayer } from '../canvas/label-layer.ts';
import type { Review } from './review.svelte.ts';

/** A reading as it is looked at. */
export interface ShownSide extends Omit<ReadingSide, 'mask'> {
  readonly labels: LabelLayer | null;
}

/** What of two readings says whether they wait for somebody. */
interface TwoReadings {
  readonly first: Pick<ReadingSide, 'state'>;
  readonly second: Pick<ReadingSide, 'state' | 'at'> | null;
  readonly adjudicated: string | null;
}

interface Sides {
  readonly item: string;
  readonly first: ShownSide;
  /** Null where it is the reading under work. */
  readonly second: ShownSide | null;
  /** When the two were brought together last. */
  readonly adjudicated: string | null;
}

export class ReadingSides {
  /** Settles once the readings that were asked for last are there, or are known to fail. */
  coming: Promise<void> = Promise.resolve();
  private found = $state.raw<Sides | null>(null);
  /** Why the readings are not there; empty where they are. */
  failure = $state('');
  private turn = 0;
  private readonly review: Review;

  constructor(review: Review) {
    this.review = review;
  }

  /** Those of the open item; null while they are on their way, or where only one reading may be seen. */
  readonly open = $derived.by(() => (this.found?.item === this.review.item?.id ? this.found : null));

  /** Whether both have decided about the open item. */
  readonly areBoth = $derived.by(() => this.open !== null && haveBothDecided(this.open));

  /** Whether somebody has to bring the two together, again where the second reading is newer than that, or nothing was decided. */
  readonly isOpen = $derived.by(() => {
    const { item } = this.review;
    return this.open !== null && item !== undefined && awaitsAdjudication(this.open, item.facts.state);
  });

  /** 1 where the two differ. */
  readonly difference = $derived.by(() => {
    const { open } = this;
    const { item } = this.review;
    if (!open?.first.labels || !item) return null;
    if (open.second) return open.second.labels && differing(open.first.labels, open.second.labels);
    // The reading under work changes in place.
    void item.revision;
    return differing(open.first.labels, item.labels);
  });

  /** Pixels in which the two differ; null where one has no mask. */
  readonly differingPixels = $derived.by(() => {
    const marks = this.difference?.plane.data;
    return marks ? marks.reduce((sum, mark) => sum + mark, 0) : null;
  });

  /** Asks for the readings that may be seen beside the one on the screen. */
  load(item: string): Promise<void> {
    this.coming = this.fetch(item);
    return this.coming;
  }

  /** Notes that the two were brought together. */
  settled(item: string, adjudicated: string | null): void {
    if (this.found?.item === item) this.found = { ...this.found, adjudicated };
  }

  private async fetch(item: string): Promise<void> {
    const mine = ++this.turn;
    const { adjudication, readers } = this.review;
    const { shown: second } = readers;
    const reader = adjudication.reader ?? (second && !second.isBlind ? second.name : undefined);
    this.failure = '';
    if (reader === undefined) {
      this.found = null;
      return;
    }
    const { api } = this.review.app;
    try {
      const found =
        adjudication.reader === undefined
          ? { first: await api.call('second.first', { item, reader }), second: null, adjudicated: null }
          : await api.call('second.pair', { item, reader });
      if (mine !== this.turn) return;
      const { first, second: other, adjudicated } = found;
      this.found = { item, adjudicated, first: sideOf(first), second: other && sideOf(other) };
    } catch (error) {
      if (mine === this.turn) this.failure = error instanceof Error ? error.message : String(error);
    }
  }
}

function haveBothDecided({ first, second }: TwoReadings): boolean {
  return second !== null && !awaitsReview(first.state) && !awaitsReview(second.state);
}

/** Whether two people have decided, and nobody has brought that together since, to an effective reading that is decided. */
function awaitsAdjudication(readings: TwoReadings, effective: ItemState): boolean {
  const { second, adjudicated } = readings;
  return haveBothDecided(readings) && !isSettled({ adjudicated, state: effective }, second!.at);
}

function sideOf({ mask, ...facts }: ReadingSide): ShownSide {
  return { ...facts, labels: mask && new LabelLayer(decodeLabels(mask)) };
}

function differing({ plane: { width, height, data } }: LabelLayer, { plane: other }: LabelLayer): LabelLayer {
  return new LabelLayer({ width, height, data: data.map((label, i) => (label === other.data[i] ? 0 : 1)) });
}
