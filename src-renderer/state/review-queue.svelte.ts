// The queue: which items, in what order, how far they are reviewed. Rows come in pages as they are scrolled to.
import type { ItemFilter, ItemList, ItemOrder, ItemRow, ListProgress } from '../../src-core/contract/items.ts';
import type { ReviewedEvent } from '../../src-core/contract/review.ts';
import type { ItemState } from '../../src-core/review/item-state.ts';
import type { Api } from '../platform/api.ts';
import type { Notices } from './notices.svelte.ts';

const PAGE = 100;
/** Progress is asked for again at most this often. */
const PROGRESS_MS = 250;

export class ReviewQueue {
  order = $state.raw<ItemOrder>({ by: 'uncertain' });
  filter = $state.raw<ItemFilter>({});
  /** Name of a second reader whose readings count. */
  reader = $state<string>();
  /** Items in the list; undefined until it is known. */
  total = $state<number>();
  progress = $state.raw<ListProgress>();
  /** Goes up when the list is another one. */
  revision = $state(0);
  private rows = $state.raw<ReadonlyMap<number, ItemRow>>(new Map());
  private readonly api: Api;
  private readonly notices: Notices;
  private readonly asked = new Set<number>();
  private progressTimer: ReturnType<typeof setTimeout> | undefined;

  readonly list = $derived<ItemList>({
    order: this.order,
    filter: this.filter,
    ...(this.reader !== undefined && { reader: this.reader }),
  });

  constructor(api: Api, notices: Notices) {
    this.api = api;
    this.notices = notices;
  }

  /** Asks for another list; rows that are shown stay until the new ones are there. */
  async choose(changes: { order?: ItemOrder; filter?: ItemFilter; reader?: string | undefined }): Promise<void> {
    if (changes.order) this.order = changes.order;
    if (changes.filter) this.filter = changes.filter;
    if ('reader' in changes) this.reader = changes.reader;
    await this.reload();
  }

  async reload(): Promise<void> {
    this.revision++;
    this.asked.clear();
    await Promise.all([this.fetchPage(0), this.fetchProgress()]);
  }

  row(index: number): ItemRow | undefined {
    return this.rows.get(index);
  }

  /** Fetches the rows of a range that are not there yet. */
  need(first: number, last: number): void {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) {
      if (!this.asked.has(page)) void this.notices.attempt(() => this.fetchPage(page));
    }
  }

  /** Place of an item; null where the list leaves it out. */
  place(item: string): Promise<number | null> {
    return this.api.call('items.place', { ...this.list, item });
  }

  /** The item that follows another, or the next that is undone; null where there is none. */
  next(item: string | undefined, direction: 'next' | 'previous', undone: boolean): Promise<string | null> {
    return this.api.call('items.next', { ...this.list, ...(item !== undefined && { item }), direction, undone });
  }

  /** Shows states that were changed. */
  heard({ items }: ReviewedEvent): void {
    if (this.filter.states) void this.notices.attempt(() => this.reload());
    else this.showStates(new Map(items.map(({ item, state }) => [item, state])));
    clearTimeout(this.progressTimer);
    this.progressTimer = setTimeout(() => void this.notices.attempt(() => this.fetchProgress()), PROGRESS_MS);
  }

  private showStates(states: ReadonlyMap<string, ItemState>): void {
    this.rows = new Map(
      Array.from(this.rows, ([index, row]) => {
        const state = states.get(row.id);
        return [index, state === undefined || state === row.state ? row : { ...row, state }] as const;
      }),
    );
  }

  private async fetchPage(page: number): Promise<void> {
    const { revision } = this;
    this.asked.add(page);
    try {
      const answer = await this.api.call('items.page', { ...this.list, offset: page * PAGE, limit: PAGE });
      if (revision !== this.revision) return;
      // The first page of another list takes the place of all rows of the old one.
      const kept = this.asked.size === 1 ? [] : this.rows;
      this.rows = new Map([...kept, ...answer.rows.map((row, i) => [answer.offset + i, row] as const)]);
      this.total = answer.total;
    } catch (error) {
      this.asked.delete(page);
      throw error;
    }
  }

  private async fetchProgress(): Promise<void> {
    const { revision } = this;
    const { states: _states, ...filter } = this.filter;
    const progress = await this.api.call('items.progress', { ...this.list, filter });
    if (revision === this.revision) this.progress = progress;
  }
}
