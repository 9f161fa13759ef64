// Bringing the first and a second reading together: the images that the two read differently, and what is chosen for each.
import type { ReviewedEvent, ReviewedItem } from '../../src-core/contract/review.ts';
import type { ReadingConflict } from '../../src-core/contract/second-reader.ts';
import { awaitsReview } from '../../src-core/review/item-state.ts';
import { t } from '../i18n/index.svelte.ts';
import type { Review } from './review.svelte.ts';

/** Changes by others are asked for once they have stopped for this long. */
const RELOAD_MS = 500;

export class Adjudication {
  /** Second reader whose reading is brought together with the first; undefined: none is. */
  reader = $state<string>();
  /** The most different first; undefined until they are known. */
  conflicts = $state.raw<readonly ReadingConflict[]>();
  failure = $state('');
  jobId = $state<string>();
  readonly left = $derived.by(() => this.conflicts?.filter(({ isOpen }) => isOpen).length ?? 0);
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly review: Review;

  constructor(review: Review) {
    this.review = review;
  }

  begin(reader: string): void {
    this.reader = reader;
    this.conflicts = undefined;
  }

  end(): void {
    this.reader = undefined;
    this.conflicts = undefined;
    this.failure = '';
    this.turn++;
    clearTimeout(this.timer);
  }

  /** Looks for the differing images; those that are shown stay until the new ones are known. */
  async load(): Promise<void> {
    const { reader } = this;
    if (reader === undefined) return;
    const mine = ++this.turn;
    this.failure = '';
    try {
      const { id } = await this.review.app.api.call('second.conflicts', { reader });
      this.jobId = id;
      const found = (await this.review.app.api.call('job.result', { id })) as readonly ReadingConflict[]; // what this job gives
      if (mine === this.turn) this.conflicts = found;
    } catch (error) {
      if (mine === this.turn) this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  /** The image that follows another in the list, from the start again after its end; null where there is none. */
  next(item: string | undefined, direction: 'next' | 'previous', undone: boolean): string | null {
    const all = this.conflicts ?? [];
    const at = all.findIndex((each) => each.item === item);
    const after =
      direction === 'next'
        ? [...all.slice(at + 1), ...all.slice(0, Math.max(at, 0))]
        : all.slice(0, Math.max(at, 0)).toReversed();
    return after.find(({ isOpen }) => isOpen || !undone)?.item ?? null;
  }

  /** Makes one of the two readings of the open image the effective one, and goes on to the next unless it is to be corrected. */
  async choose(choice: 'first' | 'second', stay = false): Promise<void> {
    const { review } = this;
    if (!review.item || !review.canDecide) return;
    review.tools.leave();
    let isDone = false;
    // What a hand does meanwhile is done to the mask that was chosen.
    await review.tools.hold(async () => {
      isDone = await this.put(choice);
    });
    if (isDone && !stay && review.display.kept.autoAdvance) await review.way.goOn('next', true);
  }

  /**
   * What a change of an open image says: the first reading is kept apart as it is, and the change counts as bringing the two
   * together.
   */
  param(): { readonly adjudicates?: string } {
    return this.reader === undefined ? {} : { adjudicates: this.reader };
  }

  /** Takes what calls gave of an image, such as that its adjudication was undone. */
  take({ item, adjudicated, state }: ReviewedItem): void {
    if (this.reader === undefined) return;
    const { sides } = this.review;
    sides.settled(item, adjudicated);
    this.noteOpen(item, sides.open?.item === item ? sides.isOpen : adjudicated === null || awaitsReview(state));
  }

  /** Hears of readings that others have changed. */
  heard({ items }: ReviewedEvent): void {
    const { review } = this;
    // What this screen did is known from the answer.
    if (review.saver.pending > 0) return;
    const open = review.item?.id;
    if (open !== undefined && items.some(({ item }) => item === open)) void review.sides.load(open);
    if (this.reader === undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), RELOAD_MS);
  }

  private async put(choice: 'first' | 'second'): Promise<boolean> {
    const { review, reader } = this;
    const { item, sides } = review;
    // The image may have come before what is known of its readings.
    await sides.coming;
    if (!item || review.item !== item || reader === undefined) return false;
    if (!sides.areBoth) {
      review.tell(sides.failure || t('readers:notBoth'));
      return false;
    }
    const changed = await review.attemptStored(() =>
      review.saver.send(() => review.app.api.call('second.adjudicate', { reader, items: [item.id], choice })),
    );
    if (changed) review.take(changed);
    return changed !== undefined;
  }

  private noteOpen(item: string, isOpen: boolean): void {
    this.conflicts = this.conflicts?.map((each) => (each.item === item ? { ...each, isOpen } : each));
  }
}
