// Items as they are opened: kept while they are likely to be looked at again, fetched ahead while nothing else is asked for.
import type { Api } from '../platform/api.ts';
import { OpenItem } from './review-item.svelte.ts';

/** Bytes of items that are kept. */
const KEPT_BYTES = 256 * 2 ** 20;

export class ReviewLoader {
  private readonly api: Api;
  /** Name of a second reader whose readings are opened. */
  private readonly reader: () => string | undefined;
  /** Least recently used first. */
  private readonly kept = new Map<string, OpenItem>();
  private readonly coming = new Map<string, Promise<OpenItem>>();
  private ahead: readonly string[] = [];

  constructor(api: Api, reader: () => string | undefined) {
    this.api = api;
    this.reader = reader;
  }

  /** The item, at once where it is kept. */
  open(id: string): OpenItem | Promise<OpenItem> {
    const known = this.kept.get(id);
    if (known) {
      this.kept.delete(id);
      this.kept.set(id, known);
      return known;
    }
    return this.fetch(id);
  }

  /** Fetches items one by one; others that were still to be fetched ahead are forgotten. */
  prefetch(ids: readonly string[]): void {
    const isIdle = this.ahead.length === 0;
    this.ahead = ids.filter((id) => !this.kept.has(id));
    if (isIdle) void this.fetchAhead();
  }

  /** Items that others have changed are read anew the next time. One with gestures on their way hears of it in their answers. */
  forget(ids: Iterable<string>): void {
    for (const id of ids) {
      if ((this.kept.get(id)?.unsaved ?? 0) > 0) continue;
      this.kept.delete(id);
      this.coming.delete(id);
    }
  }

  forgetAll(): void {
    this.kept.clear();
    this.coming.clear();
  }

  /** Fetches maps of the run that an item does not have yet. */
  async ensureMaps(item: OpenItem, labels: readonly string[], values: readonly string[]): Promise<void> {
    const { maps } = item;
    const missing = {
      labels: labels.filter((kind) => !maps || (maps.kinds.includes(kind) && !maps.labels[kind])),
      values: values.filter((name) => !maps || (maps.names.includes(name) && !maps.values[name])),
    };
    if (maps && missing.labels.length === 0 && missing.values.length === 0) return;
    const run = item.facts.suggestion?.run;
    const answer = await this.api.call('picture.maps', { item: item.id, ...(run && { run }), ...missing });
    if (!answer) return;
    item.maps = {
      ...answer,
      labels: { ...item.maps?.labels, ...answer.labels },
      values: { ...item.maps?.values, ...answer.values },
    };
  }

  private fetch(id: string): Promise<OpenItem> {
    const known = this.coming.get(id);
    if (known) return known;
    const reader = this.reader();
    const coming = Promise.all([
      this.api.call('review.item', { item: id, ...(reader !== undefined && { reader }) }),
      this.api.call('picture.image', { item: id }),
    ]).then(([facts, picture]) => {
      // It was forgotten while it came: it may be as it was before a change.
      if (this.coming.get(id) !== coming) return this.open(id);
      const item = new OpenItem(facts, picture);
      this.keep(item);
      return item;
    });
    this.coming.set(id, coming);
    void coming.catch(() => undefined).then(() => this.coming.get(id) === coming && this.coming.delete(id));
    return coming;
  }

  private keep(item: OpenItem): void {
    this.kept.set(item.id, item);
    let bytes = 0;
    for (const { bytes: each } of this.kept.values()) bytes += each;
    for (const [id, { bytes: each, unsaved }] of this.kept) {
      if (bytes <= KEPT_BYTES || id === item.id) break;
      if (unsaved > 0) continue;
      this.kept.delete(id);
      bytes -= each;
    }
  }

  private async fetchAhead(): Promise<void> {
    for (let id = this.ahead[0]; id !== undefined; id = this.ahead[0]) {
      // What cannot be read is told when it is looked at.
      await this.fetch(id).catch(() => undefined);
      this.ahead = this.ahead.filter((each) => each !== id);
    }
  }
}
