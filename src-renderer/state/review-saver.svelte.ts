// Stores gestures in the order they were made. Each is on the screen already and sent at once, so that whatever happens to the page
// at most the gesture in hand is lost; one that cannot be stored is taken back.
import type { ReviewedItem } from '../../src-core/contract/review.ts';
import { encodePatch } from '../../src-core/labels/patch-codec.ts';
import type { LabelPatch } from '../../src-core/labels/patch.ts';
import type { Api } from '../platform/api.ts';
import type { OpenItem } from './review-item.svelte.ts';

export type SaveState = 'saved' | 'saving' | 'failed';

/** A change of an item's labels that is on the screen. */
export interface Edit {
  readonly item: OpenItem;
  readonly patch: LabelPatch;
}

export class ReviewSaver {
  /** Calls that are not answered yet. */
  pending = $state(0);
  private failed = $state(false);
  private readonly api: Api;
  private readonly reader: () => string | undefined;
  private readonly onsettled: () => void;

  readonly state = $derived<SaveState>(this.pending > 0 ? 'saving' : this.failed ? 'failed' : 'saved');

  /** @param onsettled - hears when the last call that was open is answered */
  constructor(api: Api, reader: () => string | undefined, onsettled: () => void) {
    this.api = api;
    this.reader = reader;
    this.onsettled = onsettled;
  }

  /** Sends a call that changes something; the services take calls in the order they are sent. */
  async send<Result>(call: () => Promise<Result>): Promise<Result> {
    this.pending++;
    try {
      return await call();
    } finally {
      this.pending--;
      // Once whoever asked has taken the answer.
      setTimeout(() => this.pending === 0 && this.onsettled());
    }
  }

  /** Stores one gesture. Where that fails, the labels are as they are stored again, and it throws why. */
  async edit(
    action: string,
    edits: readonly Edit[],
    more: { readonly adjudicates?: string },
  ): Promise<readonly ReviewedItem[]> {
    const reader = this.reader();
    for (const { item } of edits) item.unsaved++;
    try {
      const stored = await this.send(() =>
        this.api.call('review.edit', {
          action,
          edits: edits.map(({ item, patch }) => ({ item: item.id, patch: encodePatch(patch) })),
          ...(reader !== undefined && { reader }),
          ...more,
        }),
      );
      this.failed = false;
      for (const { item } of edits) item.unsaved--;
      this.take(edits, stored);
      return stored;
    } catch (error) {
      this.failed = true;
      for (const { item } of edits) item.unsaved--;
      await this.restore(edits);
      throw error;
    }
  }

  private take(edits: readonly Edit[], stored: readonly ReviewedItem[]): void {
    const facts = new Map(stored.map((each) => [each.item, each]));
    for (const { item } of edits) {
      const mine = facts.get(item.id);
      if (mine) item.take(mine);
    }
  }

  /** Later gestures stand on the one that failed; once all are answered, what is stored is brought back. */
  private async restore(edits: readonly Edit[]): Promise<void> {
    const reader = this.reader();
    for (const { item, patch } of edits) {
      item.lost.push(patch);
      if (item.unsaved > 0) continue;
      const facts = await this.api
        .call('review.item', { item: item.id, ...(reader !== undefined && { reader }) })
        .catch(() => undefined);
      const lost = item.lost.splice(0).toReversed();
      if (facts) item.take(facts);
      // The services cannot be reached.
      else for (const each of lost) item.takeBack(each);
    }
  }
}
