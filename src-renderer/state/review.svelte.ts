// The review screen's state: which item is open, and everything that a person does about it.
import { createContext } from 'svelte';
import type { Recording, RecordingPhase } from '../../src-core/contract/items.ts';
import type { ReviewedEvent, ReviewedItem } from '../../src-core/contract/review.ts';
import { operationPatch, type ClassOperation } from '../../src-core/labels/class-operation.ts';
import type { LabelPatch } from '../../src-core/labels/patch.ts';
import type { Decision } from '../../src-core/review/decision.ts';
import { carryOver } from '../canvas/viewport.ts';
import { t } from '../i18n/index.svelte.ts';
import type { Refusal } from '../tools/tool.ts';
import type { AppState } from './app.svelte.ts';
import { attemptStored } from './attempt-stored.ts';
import type { Navigation } from './navigation.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import { Adjudication } from './adjudication.svelte.ts';
import { ReadingSides } from './reading-sides.svelte.ts';
import { Readers } from './readers.svelte.ts';
import { neighbourOf, withStates } from './recording.ts';
import { ReviewDisplay } from './review-display.svelte.ts';
import type { OpenItem } from './review-item.svelte.ts';
import { ReviewLoader } from './review-loader.ts';
import { ReviewPropagation } from './review-propagation.svelte.ts';
import { ReviewQueue } from './review-queue.svelte.ts';
import { ReviewSaver, type Edit } from './review-saver.svelte.ts';
import { turnBack } from './review-undo.ts';
import { ReviewTools } from './review-tools.svelte.ts';

/** A mask to look at in place of the working one: a kind of the run's, the suggestion that the mask began as, or a reader's. */
export type Compared = 'p1' | 'p2' | 'p3' | 'segmentation' | 'base' | 'first' | 'second';

/** The place is noted once a person stays at it. */
const LEAVE_AFTER_MS = 400;

export class Review {
  readonly app: AppState;
  readonly notices: Notices;
  readonly navigation: Navigation;
  readonly queue: ReviewQueue;
  readonly loader: ReviewLoader;
  readonly saver: ReviewSaver;
  readonly display: ReviewDisplay;
  readonly tools: ReviewTools;
  readonly readers: Readers;
  readonly sides: ReadingSides;
  readonly adjudication: Adjudication;
  readonly propagation = new ReviewPropagation(this);
  item = $state.raw<OpenItem>();
  /** Item that is on its way; nothing is decided about the old one meanwhile. */
  opening = $state<string | null>(null);
  failure = $state.raw<{ readonly item: string; readonly message: string } | null>(null);
  recording = $state.raw<Recording | null>(null);
  compared = $state<Compared | null>(null);
  /** Whether the queue holds nothing that is undone. */
  isDone = $state(false);
  /** CSS pixels a column, as the canvas has it. */
  zoom = 1;
  private turn = 0;
  /** Turn of what is on the screen. */
  private shown = 0;
  /** Whether a decision is on its way: what is pressed meanwhile was not meant for the item that comes. */
  private deciding = false;
  /** The way to the item that was asked for last, as far as its name. */
  private way: Promise<unknown> = Promise.resolve();
  private leaving: ReturnType<typeof setTimeout> | undefined;

  readonly phase = $derived(this.recording?.phases.find(({ items }) => items.some(({ id }) => id === this.item?.id)));
  readonly place = $derived(this.phase?.items.find(({ id }) => id === this.item?.id));

  constructor(app: AppState, navigation: Navigation, notices: Notices) {
    this.app = app;
    this.navigation = navigation;
    this.notices = notices;
    this.queue = new ReviewQueue(app.api, notices);
    this.loader = new ReviewLoader(app.api, () => this.queue.reader);
    this.saver = new ReviewSaver(app.api, () => this.queue.reader, {
      onsettled: () => this.item?.isStale && void this.refresh(this.item),
      onstored: (items) => items.forEach((facts) => this.adjudication.take(facts)),
    });
    this.display = new ReviewDisplay(app);
    this.readers = new Readers(this);
    this.sides = new ReadingSides(this);
    this.adjudication = new Adjudication(this);
    this.tools = new ReviewTools({
      item: () => this.item,
      zoom: () => this.zoom,
      onedit: (item, action, patch) => void this.save(action, [{ item, patch }]),
      onrefused: (refused) => notices.done(this.wordsOf(refused)),
      api: app.api,
    });
  }

  /** Goes to the item that is wanted, else to where the reader left, or to the first that is undone. */
  async begin(wanted?: string): Promise<void> {
    await this.queue.reload();
    const left = wanted === undefined ? await this.app.api.call('review.position', {}) : null;
    const first = wanted ?? left?.item ?? (await this.queue.next(undefined, 'next', true)) ?? this.queue.row(0)?.id;
    if (first !== undefined) await this.open(first);
  }

  async open(id: string): Promise<void> {
    this.tools.leave();
    const turn = ++this.turn;
    this.opening = null;
    if (id === this.item?.id && !this.failure) return;
    this.opening = id;
    try {
      await this.tools.settled;
      const found = this.loader.open(id);
      const item = found instanceof Promise ? await found : found;
      const recording = await this.recordingOf(id);
      // Items on the way to the last one are seen as they come, such as while a key is held.
      if (turn > this.shown) this.show(item, recording, turn);
    } catch (error) {
      if (turn !== this.turn) return;
      this.item = undefined;
      this.failure = { item: id, message: error instanceof Error ? error.message : String(error) };
    } finally {
      if (turn === this.turn) this.opening = null;
    }
  }

  /** Goes on from the item that was asked for last, even if it is not there yet: a key pressed twice goes two on. */
  async goOn(direction: 'next' | 'previous', undone = false): Promise<void> {
    const way = this.way.then(async () => {
      const from = this.opening ?? this.item?.id;
      const id = await this.notices.attempt(() => this.nextOf(from, direction, undone));
      this.isDone = undone && id === null;
      // Whoever comes next waits for the name of the item only.
      return { opened: typeof id === 'string' ? this.open(id) : undefined };
    });
    this.way = way;
    const { opened } = await way;
    await opened;
  }

  /** Goes to a slice or a phase of the same recording, as far as there is one. */
  async step(slices: number, phases: number): Promise<void> {
    const id = this.neighbour(slices, phases);
    if (id !== undefined) await this.open(id);
  }

  /** The item some slices and phases away. */
  neighbour(slices: number, phases: number): string | undefined {
    const { recording, item } = this;
    return recording && item ? neighbourOf(recording, item.id, slices, phases) : undefined;
  }

  async goToPhase(named: string): Promise<void> {
    const phase = this.recording?.phases.find((each) => each.phase === named);
    if (phase) await this.goToPlace(phase, this.place?.slice ?? 0);
  }

  async goToPlace(phase: RecordingPhase, slice: number): Promise<void> {
    const id = phase.items.find((each) => each.slice === slice)?.id;
    if (id !== undefined) await this.open(id);
  }

  /** Whether something can be decided about the item on the screen. */
  get canDecide(): boolean {
    return this.item !== undefined && this.opening === null;
  }

  async decide(decision: Decision, reason = ''): Promise<void> {
    const { item } = this;
    if (!item || !this.canDecide || this.deciding) return;
    this.tools.leave();
    this.deciding = true;
    const changed = await this.attemptStored(() =>
      this.saver.send(() =>
        this.app.api.call('review.decide', {
          ...{ items: [item.id], decision, reason },
          ...this.readerParam(),
          ...this.adjudication.param(),
        }),
      ),
    );
    if (changed) this.take(changed);
    if (changed && this.display.kept.autoAdvance && decision !== 'reopen') await this.goOn('next', true);
    this.deciding = false;
  }

  /** Stores a gesture that is on the screen already. */
  async save(action: string, edits: readonly Edit[]): Promise<void> {
    await this.attemptStored(() => this.saver.edit(action, edits, this.adjudication.param()));
  }

  /** Runs work that stores something and tells the person where it could not. */
  attemptStored<Result>(store: () => Promise<Result>): Promise<Result | undefined> {
    return attemptStored(this.saver, this.notices, store);
  }

  /** Does something to the classes of the open item, as one gesture. */
  operate(action: string, operation: ClassOperation): void {
    this.tools.inTurn(() => this.operateNow(action, operation));
  }

  private operateNow(action: string, operation: ClassOperation): void {
    const { item } = this;
    if (!item || !this.canDecide) return;
    this.tools.leave();
    const patch = operationPatch(item.labels.plane, operation, { locked: this.tools.locked });
    if (patch) this.change(item, action, patch);
    else this.notices.done(t('review:nothingChanged'));
  }

  change(item: OpenItem, action: string, patch: LabelPatch): void {
    item.apply(patch);
    void this.save(action, [{ item, patch }]);
  }

  /** Lays the mask aside, so that the present suggestion is decided about anew. */
  async startOver(): Promise<void> {
    const { item } = this;
    if (!item || !this.canDecide) return;
    this.tools.leave();
    await this.tools.hold(async () => {
      const changed = await this.attemptStored(() =>
        this.saver.send(() => this.app.api.call('review.startOver', { items: [item.id], ...this.readerParam() })),
      );
      if (changed) this.take(changed);
    });
  }

  /** Accepts what a preview covered, as one gesture. */
  async acceptBelow(volume: string, threshold: number, items: readonly string[]): Promise<void> {
    this.tools.leave();
    const changed = await this.attemptStored(() =>
      this.saver.send(() =>
        this.app.api.call('review.acceptBelow', { volume, threshold, items: [...items], ...this.readerParam() }),
      ),
    );
    if (!changed) return;
    this.take(changed);
    this.notices.done(t('review:acceptedCount', { count: changed.length }));
    if (this.display.kept.autoAdvance) await this.goOn('next', true);
  }

  async undo(): Promise<void> {
    await this.tools.hold(() => turnBack(this, 'review.undo'));
  }

  async redo(): Promise<void> {
    await this.tools.hold(() => turnBack(this, 'review.redo'));
  }

  /** Hears of readings that were changed, by this screen or another. */
  async heard(event: ReviewedEvent): Promise<void> {
    this.adjudication.heard(event);
    if (event.reader !== (this.queue.reader ?? null)) return;
    this.queue.heard(event);
    if (this.recording) this.recording = withStates(this.recording, event.items);
    const { item } = this;
    const changed = event.items.map((each) => each.item);
    this.loader.forget(changed.filter((id) => id !== item?.id));
    if (!item || !changed.includes(item.id)) return;
    // The answer to a call of our own comes after its event and says the same.
    item.isStale = true;
    if (this.saver.pending === 0) await this.refresh(item);
  }

  /** Another run's masks are suggested now, or another reader reads: everything is asked for again. */
  async restart(): Promise<void> {
    const id = this.item?.id;
    this.tools.cancel();
    this.forget();
    void this.adjudication.load();
    await this.notices.attempt(() => this.queue.reload());
    if (id !== undefined) await this.open(id);
  }

  /** Nothing of what was read before stays on the screen. */
  forget(): void {
    this.propagation.cancel();
    // What is still on its way belongs to what was read before.
    this.shown = ++this.turn;
    this.opening = null;
    this.loader.forgetAll();
    this.recording = null;
    this.item = undefined;
  }

  /** Takes what calls gave of items. */
  take(items: readonly ReviewedItem[]): void {
    for (const facts of items) {
      if (facts.item === this.item?.id) this.item.take(facts);
      else this.loader.forget([facts.item]);
      this.adjudication.take(facts);
    }
  }

  /** Says something that goes by itself. */
  tell(text: string): void {
    this.notices.done(text);
  }

  attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    return this.notices.attempt(work);
  }

  readerParam(): { reader?: string } {
    const { reader } = this.queue;
    return reader === undefined ? {} : { reader };
  }

  /** Brings an item up to date that was changed on another page. */
  private async refresh(item: OpenItem): Promise<void> {
    const facts = await this.notices.attempt(() =>
      this.app.api.call('review.item', { item: item.id, ...this.readerParam() }),
    );
    if (!facts) return;
    if (item.hasMaskOf(facts)) return item.decided(facts);
    // The gesture in hand stands on a mask that is no more.
    if (item === this.item) this.tools.cancel();
    if (item.take(facts)) this.notices.done(t('review:changedElsewhere'));
  }

  private wordsOf(refused: Refusal): string {
    if (refused.kind === 'notReady') return t('review:growNotReady');
    return t('review:isLocked', { name: this.app.project?.classes[refused.label - 1]?.name ?? refused.label });
  }

  private show(item: OpenItem, recording: Recording, turn: number): void {
    // A gesture that was begun while the item came belongs to the one before.
    this.tools.leave();
    this.shown = turn;
    const before = this.item;
    const sameRecording = before !== undefined && this.recording?.phases[0]?.volume === recording.phases[0]?.volume;
    if (before && this.display.viewport) {
      this.display.viewport = carryOver(this.display.viewport, before.picture, item.picture);
    }
    if (!sameRecording) this.display.restartWindow(item.statistics, item.picture.shown);
    this.item = item;
    this.recording = recording;
    this.failure = null;
    this.isDone = false;
    const { reader: adjudicate } = this.adjudication;
    this.navigation.note({ item: item.id, ...(adjudicate !== undefined && { adjudicate }) });
    void this.sides.load(item.id);
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => void this.leave(item.id), LEAVE_AFTER_MS);
    void this.fetchAhead(item.id);
  }

  private async nextOf(
    from: string | undefined,
    direction: 'next' | 'previous',
    undone: boolean,
  ): Promise<string | null> {
    const { adjudication, queue } = this;
    return adjudication.reader === undefined
      ? queue.next(from, direction, undone)
      : adjudication.next(from, direction, undone);
  }

  private async recordingOf(id: string): Promise<Recording> {
    const { recording } = this;
    const isIn = recording?.phases.some(({ items }) => items.some((each) => each.id === id));
    return isIn ? recording! : this.app.api.call('items.recording', { item: id, ...this.readerParam() }); // one that has the item
  }

  private async fetchAhead(id: string): Promise<void> {
    const next = await this.nextOf(id, 'next', true).catch(() => null);
    if (this.item?.id !== id) return;
    const around = [next, this.neighbour(1, 0), this.neighbour(-1, 0), this.neighbour(0, 1), this.neighbour(0, -1)];
    this.loader.prefetch(around.filter((each) => typeof each === 'string'));
  }

  private async leave(item: string): Promise<void> {
    // Only the place to come back to: without it the review goes on all the same.
    await this.app.api.call('review.leave', { item, view: null }).catch(() => undefined);
  }
}

export const [useReview, provideReview] = createContext<Review>();
