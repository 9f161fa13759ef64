// Edits that look at or reach other slices and phases of a recording.
import type { RecordingPhase } from '../../src-core/contract/items.ts';
import { shapesBetween } from '../../src-core/labels/interpolate.ts';
import { paintRegion } from '../../src-core/labels/paint.ts';
import { regionOfMask } from '../../src-core/labels/region.ts';
import { t } from '../i18n/index.svelte.ts';
import type { OpenItem } from './review-item.svelte.ts';
import type { Edit } from './review-saver.svelte.ts';
import type { Review } from './review.svelte.ts';

export class ReviewAcross {
  private readonly review: Review;

  constructor(review: Review) {
    this.review = review;
  }

  /** Takes the masks of a neighbouring slice or phase. */
  async copyFrom(slices: number, phases: number): Promise<void> {
    const { review } = this;
    const id = review.way.neighbour(slices, phases);
    if (id === undefined || id === review.item?.id) return review.tell(t('review:noNeighbour'));
    const [from] = await this.openAll([id]);
    if (from) review.operate('copy', { kind: 'copy', from: from.labels.plane });
  }

  /** Draws the active class on the slices between those that have it, as one gesture. */
  async interpolate(): Promise<void> {
    const { canDecide, way } = this.review;
    if (way.phase && canDecide) await this.fillBetween(way.phase.items, 'interpolate', false);
  }

  /** Draws the active class in the phases between those that have it, round the heart beat. */
  async interpolatePhases(): Promise<void> {
    const { recording, place } = this.review.way;
    if (!recording || !place || !this.review.canDecide) return;
    const items = recording.phases.flatMap((phase) => phase.items.filter(({ slice }) => slice === place.slice));
    await this.fillBetween(items, 'interpolate phases', true);
  }

  private async fillBetween(places: RecordingPhase['items'], action: string, cyclic: boolean): Promise<void> {
    const { review } = this;
    // An undo that is still on its way changes what there is to see.
    await review.tools.settled;
    const { label, locked } = review.tools;
    const items = await this.openAll(places.map(({ id }) => id));
    review.tools.cancel();
    const planes = items.map(({ labels }) => labels.plane);
    const edits: Edit[] = [];
    for (const [at, shape] of shapesBetween(planes, label, cyclic)) {
      const item = items[at]!; // shapes are given for some of the planes
      const { plane } = item.labels;
      const patch = paintRegion(plane, regionOfMask(plane, shape.data), label, { locked });
      if (patch) edits.push({ item, patch });
    }
    if (edits.length === 0) return review.tell(t('review:nothingBetween'));
    for (const { item, patch } of edits) item.apply(patch);
    await review.save(action, edits);
    review.tell(t('review:drawnOn', { count: edits.length }));
  }

  private async openAll(ids: readonly string[]): Promise<OpenItem[]> {
    const opened = await this.review.attempt(() => Promise.all(ids.map(async (id) => this.review.loader.open(id))));
    return opened ?? [];
  }
}
