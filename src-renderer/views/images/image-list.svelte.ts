// The images that the grid shows. Their ids are taken once, so that the grid stays as it is while tags change; what is to be
// seen of each is asked for when it comes into view.
import type { ItemFilter, ItemOrder, ItemRow } from '../../../src-core/contract/items.ts';
import type { Api } from '../../platform/api.ts';
import type { Group } from './grid-rows.ts';

/** Rows asked for at once. */
const CHUNK = 120;
/** Questions under way at once; while scrolling fast the latest wish counts. */
const AT_ONCE = 2;

export class ImageList {
  private readonly api: Api;
  private readonly blind: () => string | null;
  filter = $state.raw<ItemFilter>({});
  order = $state.raw<ItemOrder>({ by: 'file' });
  ids = $state.raw<readonly string[]>([]);
  groups = $state.raw<readonly Group[]>([]);
  isLoading = $state(true);
  problem = $state('');
  /** Whether tags that the filter asks for have changed since. */
  isStale = $state(false);
  private version = $state(0);
  private readonly rows = new Map<string, ItemRow>();
  /** Images whose row is shown but may have changed. */
  private outdated = new Set<string>();
  /** Of lists that were asked for, the latest counts; rows count for the present list and tags only. */
  private turn = 0;
  private generation = 0;
  private wanted: readonly number[] = [];
  private underWay = new Set<number>();

  /** @param blind - name of the reader at the screen whose decisions alone are shown, where they read blind */
  constructor(api: Api, blind: () => string | null) {
    this.api = api;
    this.blind = blind;
  }

  /** Shows other images, or the same in another order. */
  async open(filter: ItemFilter, order: ItemOrder): Promise<void> {
    this.filter = filter;
    this.order = order;
    const turn = ++this.turn;
    this.isLoading = true;
    this.problem = '';
    try {
      const list = { filter, order, ...this.reader };
      const [ids, groups] = await Promise.all([this.api.call('items.ids', list), this.api.call('items.groups', list)]);
      if (turn !== this.turn) return;
      this.ids = ids;
      this.groups = groups;
      this.isStale = false;
      this.forget();
    } catch (error) {
      if (turn === this.turn) this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      if (turn === this.turn) this.isLoading = false;
    }
  }

  /** What there is to see of an image; undefined until it has come. */
  row(place: number): ItemRow | undefined {
    void this.version;
    return this.rows.get(this.ids[place] ?? '');
  }

  /** Asks for what is to be seen of the images from one place to another. */
  want(from: number, to: number): void {
    const first = Math.floor(from / CHUNK);
    const last = Math.floor((Math.min(to, this.ids.length) - 1) / CHUNK);
    this.wanted = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
    this.pump();
  }

  /** Asks again for all that is in view; what was seen stays until the answer is there. */
  forget(): void {
    this.generation++;
    this.underWay.clear();
    this.outdated = new Set(this.rows.keys());
    this.version++;
    this.pump();
  }

  private get reader(): { readonly reader?: string } {
    const reader = this.blind();
    return reader === null ? {} : { reader };
  }

  private pump(): void {
    for (const chunk of this.wanted) {
      if (this.underWay.size >= AT_ONCE) return;
      if (this.underWay.has(chunk) || !this.lacks(chunk)) continue;
      void this.fetch(chunk);
    }
  }

  private idsOf(chunk: number): readonly string[] {
    return this.ids.slice(chunk * CHUNK, (chunk + 1) * CHUNK);
  }

  private lacks(chunk: number): boolean {
    return this.idsOf(chunk).some((id) => !this.rows.has(id) || this.outdated.has(id));
  }

  private async fetch(chunk: number): Promise<void> {
    const { generation } = this;
    const items = this.idsOf(chunk);
    this.underWay.add(chunk);
    try {
      const rows = await this.api.call('items.rows', { items: [...items], ...this.reader });
      if (generation !== this.generation) return;
      for (const row of rows) {
        this.rows.set(row.id, row);
        this.outdated.delete(row.id);
      }
      this.version++;
    } catch (error) {
      if (generation === this.generation) this.problem = error instanceof Error ? error.message : String(error);
      return;
    } finally {
      if (generation === this.generation) this.underWay.delete(chunk);
    }
    this.pump();
  }
}
