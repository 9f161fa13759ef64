// Masks of one phase taken over to the others of the recording, where the tissue has gone; what a person has decided about stays.
import type { RecordingPhase } from '../../src-core/contract/items.ts';
import type { GreyImage } from '../../src-core/imaging/motion.ts';
import { paintLabels } from '../../src-core/labels/paint.ts';
import { awaitsReview } from '../../src-core/review/item-state.ts';
import { t } from '../i18n/index.svelte.ts';
import type { PropagationTask } from './propagation-worker.ts';
import type { OpenItem } from './review-item.svelte.ts';
import type { Edit } from './review-saver.svelte.ts';
import type { Review } from './review.svelte.ts';

export class ReviewPropagation {
  /** Masks made and to be made, while it works. */
  progress = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
  private worker: Worker | undefined;
  private readonly review: Review;

  constructor(review: Review) {
    this.review = review;
  }

  /** Takes the mask on the screen over to its slice in the other phases. */
  async propagateSlice(): Promise<void> {
    const { place } = this.review.way;
    if (place) await this.propagate('propagate slice', [place]);
  }

  /** Takes the masks of all slices of the phase on the screen over to the other phases. */
  async propagatePhase(): Promise<void> {
    const { phase } = this.review.way;
    if (phase) await this.propagate('propagate phase', phase.items);
  }

  /** Ends it; nothing was changed yet. */
  cancel(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.progress = null;
  }

  private async propagate(action: string, places: RecordingPhase['items']): Promise<void> {
    const { review } = this;
    if (!review.canDecide || this.progress) return;
    review.tools.leave();
    // An undo that is still on its way changes what there is to take over.
    await review.tools.settled;
    if (this.progress) return;
    const chains = places.flatMap(({ id, slice }) => this.chainsFrom(slice).map((chain) => ({ id, chain })));
    const total = chains.reduce((sum, { chain }) => sum + chain.length, 0);
    if (total === 0) return review.tell(t('review:noOtherPhase'));
    this.progress = { done: 0, total };
    const worker = new Worker(new URL('./propagation-worker.ts', import.meta.url), { type: 'module' });
    this.worker = worker;
    await review.attempt(async () => {
      const made = new Map<string, Uint8Array>();
      for (const { id, chain } of chains) {
        const [from, ...items] = await Promise.all([id, ...chain].map(async (each) => review.loader.open(each)));
        if (this.worker !== worker) return;
        // A slice where nothing is drawn has nothing to say of the others.
        if (!from!.labels.plane.data.some((label) => label !== 0)) {
          this.count(chain.length);
          continue;
        }
        await this.follow(worker, from!, items, (at, labels) => made.set(chain[at]!, labels));
        if (this.worker !== worker) return;
      }
      await this.store(action, made);
    });
    if (this.worker === worker) this.cancel();
  }

  /** The items of a slice in the other phases, as they follow on the phase on the screen: one half forwards, the other backwards. */
  private chainsFrom(slice: number): string[][] {
    const { recording, phase } = this.review.way;
    if (!recording || !phase) return [];
    const { phases } = recording;
    const here = phases.indexOf(phase);
    const idAt = (steps: number): string | undefined =>
      phases[(here + steps + phases.length) % phases.length]?.items.find((each) => each.slice === slice)?.id;
    const forwards = Math.floor(phases.length / 2);
    const chain = (count: number, direction: 1 | -1): string[] =>
      Array.from({ length: count }, (_, i) => idAt(direction * (i + 1))).filter((id) => id !== undefined);
    return [chain(forwards, 1), chain(phases.length - 1 - forwards, -1)].filter(({ length }) => length > 0);
  }

  /** Hands a chain to the worker and takes what it makes of each item. */
  private follow(
    worker: Worker,
    from: OpenItem,
    items: readonly OpenItem[],
    take: (at: number, labels: Uint8Array) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      let at = 0;
      worker.onmessage = ({ data }: MessageEvent<Uint8Array>) => {
        take(at++, data);
        this.count(1);
        if (at === items.length) resolve();
      };
      worker.onerror = (event) => reject(new Error(event.message));
      const { plane } = from.labels;
      const following = items.map(greyImage);
      worker.postMessage({ plane, image: greyImage(from), following } satisfies PropagationTask);
    });
  }

  private count(made: number): void {
    if (this.progress) this.progress = { ...this.progress, done: this.progress.done + made };
  }

  /** Takes the labels over where nobody has decided yet, as one gesture. */
  private async store(action: string, made: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const { review } = this;
    if (made.size === 0) return review.tell(t('review:nothingToPropagate'));
    const all = await Promise.all(
      [...made].map(async ([id, labels]) => ({ item: await review.loader.open(id), labels })),
    );
    const open = all.filter(({ item }) => awaitsReview(item.facts.state));
    const kept = all.length - open.length;
    const edits: Edit[] = [];
    for (const { item, labels } of open) {
      const patch = paintLabels(item.labels.plane, labels, { locked: review.tools.locked });
      if (!patch) continue;
      item.apply(patch);
      edits.push({ item, patch });
    }
    if (edits.length > 0) await review.save(action, edits);
    const words = [
      edits.length > 0 ? t('review:propagatedTo', { count: edits.length }) : t('review:nothingChanged'),
      ...(kept > 0 ? [t('review:keptReviewed', { count: kept })] : []),
    ];
    review.tell(words.join(' · '));
  }
}

function greyImage({ picture, intensities }: OpenItem): GreyImage {
  return { width: picture.width, height: picture.height, data: intensities };
}
