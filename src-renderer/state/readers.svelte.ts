// Who reads the project beside the first reader, who of them is at the screen, and whose reading is on it.
import type { SecondReaderFacts } from '../../src-core/contract/second-reader.ts';
import type { Review } from './review.svelte.ts';

export class Readers {
  /** In the order they began. */
  second = $state.raw<readonly SecondReaderFacts[]>([]);
  /** Names of those who made the first reading. */
  first = $state.raw<readonly string[]>([]);
  private readonly review: Review;
  /** The second reader that the person at the screen is; undefined where they are none. */
  readonly own = $derived.by(() => this.find(this.review.app.settings.annotator.trim()));
  /** The second reading that is on the screen; undefined: the first, effective one. */
  readonly shown = $derived.by(() => this.find(this.review.queue.reader));

  constructor(review: Review) {
    this.review = review;
  }

  find(name: string | undefined): SecondReaderFacts | undefined {
    return this.second.find((reader) => reader.name === name);
  }

  async load(): Promise<void> {
    const { api } = this.review.app;
    const [second, first] = await Promise.all([api.call('second.readers', {}), api.call('second.firstReaders', {})]);
    this.second = second;
    this.first = first;
  }

  /** Takes up a second reading, or changes how it is read. */
  async begin(name: string, isBlind: boolean): Promise<void> {
    this.second = await this.review.app.api.call('second.begin', { name, isBlind });
  }

  /** The person at the screen goes by this name from now on. */
  async signAs(name: string): Promise<void> {
    const { app } = this.review;
    if (app.settings.annotator !== name) await app.changeSettings({ annotator: name });
  }

  /** Begins in the reading that is the person's own: who reads blind never comes upon the first reader's masks by chance. */
  async start({ item, adjudicate }: { readonly item?: string; readonly adjudicate?: string }): Promise<void> {
    await this.load();
    if (adjudicate !== undefined && this.find(adjudicate) && !this.own?.isBlind)
      await this.adjudicate(adjudicate, item);
    else await this.readAs(this.own?.name, item);
  }

  /** Another person sits down at the screen. */
  async meet(): Promise<void> {
    await this.load();
    const { item, adjudication, queue } = this.review;
    const mayStay = adjudication.reader !== undefined && !this.own?.isBlind;
    if (!mayStay && this.own?.name !== queue.reader) await this.readAs(this.own?.name, item?.id);
  }

  /** Takes up a reading: that of a second reader by name, or the first. */
  async readAs(reader: string | undefined, item?: string): Promise<void> {
    const { review } = this;
    review.tools.leave();
    review.adjudication.end();
    review.queue.reader = reader;
    review.forget();
    await review.way.begin(item);
  }

  /** Takes up bringing the first reading and a second one together. */
  async adjudicate(reader: string, item?: string): Promise<void> {
    const { review } = this;
    const { adjudication } = review;
    review.tools.leave();
    review.queue.reader = undefined;
    adjudication.begin(reader);
    review.forget();
    const known = adjudication.load();
    if (item === undefined) await known;
    const next = (undone: boolean): string | null => adjudication.next(undefined, 'next', undone);
    await review.way.begin(item ?? next(true) ?? next(false) ?? undefined);
  }
}
