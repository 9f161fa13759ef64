// The way from item to item: what is asked for, what is on its way and where in its recording the person is.
import type { Recording, RecordingPhase } from '../../src-core/contract/items.ts';
import type { ReviewedEvent } from '../../src-core/contract/review.ts';
import { neighbourOf, withStates } from './recording.ts';
import type { OpenItem } from './review-item.svelte.ts';
import type { Review } from './review.svelte.ts';

/** The place is noted once a person stays at it. */
const LEAVE_AFTER_MS = 400;

export class ReviewWay {
  /** Item that is on its way; nothing is decided about the old one meanwhile. */
  opening = $state<string | null>(null);
  failure = $state.raw<{ readonly item: string; readonly message: string } | null>(null);
  /** Recording of the item on the screen. */
  recording = $state.raw<Recording | null>(null);
  /** Whether the queue holds nothing that is undone. */
  isDone = $state(false);
  private turn = 0;
  /** Turn of what is on the screen. */
  private shown = 0;
  /** The way to the item that was asked for last, as far as its name. */
  private asked: Promise<unknown> = Promise.resolve();
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private readonly review: Review;

  readonly phase = $derived.by(() =>
    this.recording?.phases.find(({ items }) => items.some(({ id }) => id === this.review.item?.id)),
  );
  readonly place = $derived.by(() => this.phase?.items.find(({ id }) => id === this.review.item?.id));

  constructor(review: Review) {
    this.review = review;
  }

  /** Goes to the item that is wanted, else to where the reader left, or to the first that is undone. */
  async begin(wanted?: string): Promise<void> {
    const { app, queue } = this.review;
    await queue.reload();
    const left = wanted === undefined ? await app.api.call('review.position', {}) : null;
    const first = wanted ?? left?.item ?? (await queue.next(undefined, 'next', true)) ?? queue.row(0)?.id;
    if (first !== undefined) await this.open(first);
  }

  async open(id: string): Promise<void> {
    const { loader, tools } = this.review;
    tools.leave();
    const turn = ++this.turn;
    this.opening = null;
    if (id === this.review.item?.id && !this.failure) return;
    this.opening = id;
    try {
      await tools.settled;
      const found = loader.open(id);
      const item = found instanceof Promise ? await found : found;
      const recording = await this.recordingOf(id);
      // Items on the way to the last one are seen as they come, such as while a key is held.
      if (turn > this.shown) this.arrive(item, recording, turn);
    } catch (error) {
      if (turn !== this.turn) return;
      this.review.item = undefined;
      this.failure = { item: id, message: error instanceof Error ? error.message : String(error) };
    } finally {
      if (turn === this.turn) this.opening = null;
    }
  }

  /** Goes on from the item that was asked for last, even if it is not there yet: a key pressed twice goes two on. */
  async goOn(direction: 'next' | 'previous', undone = false): Promise<void> {
    const asked = this.asked.then(async () => {
      const from = this.opening ?? this.review.item?.id;
      const id = await this.review.attempt(() => this.nextOf(from, direction, undone));
      this.isDone = undone && id === null;
      // Whoever comes next waits for the name of the item only.
      return { opened: typeof id === 'string' ? this.open(id) : undefined };
    });
    this.asked = asked;
    const { opened } = await asked;
    await opened;
  }

  /** Goes to a slice or a phase of the same recording, as far as there is one. */
  async step(slices: number, phases: number): Promise<void> {
    const id = this.neighbour(slices, phases);
    if (id !== undefined) await this.open(id);
  }

  /** The item some slices and phases away. */
  neighbour(slices: number, phases: number): string | undefined {
    const { item } = this.review;
    return this.recording && item ? neighbourOf(this.recording, item.id, slices, phases) : undefined;
  }

  async goToPhase(named: string): Promise<void> {
    const phase = this.recording?.phases.find((each) => each.phase === named);
    if (phase) await this.goToPlace(phase, this.place?.slice ?? 0);
  }

  async goToPlace(phase: RecordingPhase, slice: number): Promise<void> {
    const id = phase.items.find((each) => each.slice === slice)?.id;
    if (id !== undefined) await this.open(id);
  }

  heard(event: ReviewedEvent): void {
    if (this.recording) this.recording = withStates(this.recording, event.items);
  }

  /** What is still on its way belongs to what was read before. */
  forget(): void {
    this.shown = ++this.turn;
    this.opening = null;
    this.recording = null;
  }

  private arrive(item: OpenItem, recording: Recording, turn: number): void {
    const { review } = this;
    this.shown = turn;
    const isOther = review.item === undefined || this.recording?.phases[0]?.volume !== recording.phases[0]?.volume;
    review.show(item, isOther);
    this.recording = recording;
    this.failure = null;
    this.isDone = false;
    const { reader: adjudicate } = review.adjudication;
    review.navigation.note({ item: item.id, ...(adjudicate !== undefined && { adjudicate }) });
    void review.sides.load(item.id);
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => void this.leave(item.id), LEAVE_AFTER_MS);
    void this.fetchAhead(item.id);
  }

  private async nextOf(
    from: string | undefined,
    direction: 'next' | 'previous',
    undone: boolean,
  ): Promise<string | null> {
    const { adjudication, queue } = this.review;
    return adjudication.reader === undefined
      ? queue.next(from, direction, undone)
      : adjudication.next(from, direction, undone);
  }

  private async recordingOf(id: string): Promise<Recording> {
    const { recording, review } = this;
    const isIn = recording?.phases.some(({ items }) => items.some((each) => each.id === id));
    return isIn ? recording! : review.app.api.call('items.recording', { item: id, ...review.readerParam() }); // one that has the item
  }

  private async fetchAhead(id: string): Promise<void> {
    const next = await this.nextOf(id, 'next', true).catch(() => null);
    if (this.review.item?.id !== id) return;
    const around = [next, this.neighbour(1, 0), this.neighbour(-1, 0), this.neighbour(0, 1), this.neighbour(0, -1)];
    this.review.loader.prefetch(around.filter((each) => typeof each === 'string'));
  }

  private async leave(item: string): Promise<void> {
    const { api, project } = this.review.app;
    if (project?.readOnly) return;
    // Only the place to come back to: without it the review goes on all the same.
    await api.call('review.leave', { item, view: null }).catch(() => undefined);
  }
}
