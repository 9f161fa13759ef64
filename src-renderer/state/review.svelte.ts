// The review screen's state: which item is open, and everything that a person does about it.
import { createContext } from 'svelte';
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
import { whyReadOnly } from './read-only.ts';
import { Readers } from './readers.svelte.ts';
import { ReviewDisplay } from './review-display.svelte.ts';
import type { OpenItem } from './review-item.svelte.ts';
import { ReviewLoader } from './review-loader.ts';
import { ReviewPropagation } from './review-propagation.svelte.ts';
import { ReviewQueue } from './review-queue.svelte.ts';
import { ReviewSaver, type Edit } from './review-saver.svelte.ts';
import { turnBack } from './review-undo.ts';
import { ReviewTools } from './review-tools.svelte.ts';
import { ReviewWay } from './review-way.svelte.ts';

/** A mask to look at in place of the working one: a kind of the run's, the suggestion that the mask began as, or a reader's. */
export type Compared = 'p1' | 'p2' | 'p3' | 'segmentation' | 'base' | 'first' | 'second';

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
  readonly way = new ReviewWay(this);
  item = $state.raw<OpenItem>();
  compared = $state<Compared | null>(null);
  /** CSS pixels a column, as the canvas has it. */
  zoom = 1;
  /** Whether a decision is on its way: what is pressed meanwhile was not meant for the item that comes. */
  private deciding = false;
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
      mayDraw: () => this.mayDraw(),
      api: app.api,
    });
  }

  /** Whether something can be decided about the item on the screen. */
  get canDecide(): boolean {
    return this.item !== undefined && this.way.opening === null && !this.app.project?.readOnly;
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
          ...this.changeParams(),
        }),
      ),
    );
    if (changed) this.take(changed);
    if (changed && this.display.kept.autoAdvance && decision !== 'reopen') await this.way.goOn('next', true);
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
        this.saver.send(() => this.app.api.call('review.startOver', { items: [item.id], ...this.changeParams() })),
      );
      if (changed) this.take(changed);
    });
  }

  /** Accepts what a preview covered, as one gesture. */
  async acceptBelow(volume: string, threshold: number, items: readonly string[]): Promise<void> {
    this.tools.leave();
    const changed = await this.attemptStored(() =>
      this.saver.send(() =>
        this.app.api.call('review.acceptBelow', { volume, threshold, items: [...items], ...this.changeParams() }),
      ),
    );
    if (!changed) return;
    this.take(changed);
    this.notices.done(t('review:acceptedCount', { count: changed.length }));
    if (this.display.kept.autoAdvance) await this.way.goOn('next', true);
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
    this.way.heard(event);
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
    if (id !== undefined) await this.way.open(id);
  }

  /** Nothing of what was read before stays on the screen. */
  forget(): void {
    this.propagation.cancel();
    this.way.forget();
    this.loader.forgetAll();
    this.item = undefined;
  }

  /** Puts an item on the screen in place of the one before. */
  show(item: OpenItem, isOtherRecording: boolean): void {
    // A gesture that was begun while the item came belongs to the one before.
    this.tools.leave();
    const { item: before, display } = this;
    if (before && display.viewport) display.viewport = carryOver(display.viewport, before.picture, item.picture);
    if (isOtherRecording) display.restartWindow(item.statistics, item.picture.shown);
    this.item = item;
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

  /** What every change says of whose reading it is, and of the readings that it brings together. */
  private changeParams(): { reader?: string; adjudicates?: string } {
    return { ...this.readerParam(), ...this.adjudication.param() };
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

  private mayDraw(): boolean {
    const why = whyReadOnly(this.app.project);
    if (why) this.notices.done(why, undefined, 'read-only');
    return why === '';
  }

  private wordsOf(refused: Refusal): string {
    if (refused.kind === 'notReady') return t('review:growNotReady');
    return t('review:isLocked', { name: this.app.project?.classes[refused.label - 1]?.name ?? refused.label });
  }
}

export const [useReview, provideReview] = createContext<Review>();
