// Stores gestures in the order they were made. Each is on the screen already and sent at once, so that whatever happens to the page
// at most the gesture in hand is lost. Where nothing can be written, gestures stay on the screen and are kept until they can be
// stored; one that cannot be stored for a reason of its own is taken back.
import type { ReviewedItem } from '../../src-core/contract/review.ts';
import { encodePatch } from '../../src-core/labels/patch-codec.ts';
import type { LabelPatch } from '../../src-core/labels/patch.ts';
import { CallError, type Api } from '../platform/api.ts';
import type { OpenItem } from './review-item.svelte.ts';

export type SaveState = 'saved' | 'saving' | 'failed';

/** A change of an item's labels that is on the screen. */
export interface Edit {
  readonly item: OpenItem;
  readonly patch: LabelPatch;
}

/** What is stored as one, and undone as one. */
interface Gesture {
  readonly action: string;
  readonly edits: readonly Edit[];
  readonly reader: string | undefined;
  /** What else the call says. */
  readonly more: { readonly adjudicates?: string };
}

interface Listeners {
  /** Hears when the last call that was open is answered. */
  readonly onsettled: () => void;
  /** Hears what is known of items whose gesture was stored. */
  readonly onstored: (items: readonly ReviewedItem[]) => void;
}

/** Troubles of the disk or the folder, which a person can end. */
const PASSING: ReadonlySet<string> = new Set(['disk-full', 'read-only', 'gone', 'in-use']);

export class ReviewSaver {
  /** Calls that are not answered yet. */
  pending = $state(0);
  private failed = $state(false);
  /** Gestures that wait until something can be written again, the first one first. */
  private held = $state.raw<readonly Gesture[]>([]);
  private readonly api: Api;
  private readonly reader: () => string | undefined;
  private readonly listeners: Listeners;

  readonly state = $derived<SaveState>(
    this.pending > 0 ? 'saving' : this.failed || this.held.length > 0 ? 'failed' : 'saved',
  );

  constructor(api: Api, reader: () => string | undefined, listeners: Listeners) {
    this.api = api;
    this.reader = reader;
    this.listeners = listeners;
  }

  /** How many gestures are on the screen alone. */
  get waiting(): number {
    return this.held.length;
  }

  /** Sends a call that changes something; the services take calls in the order they are sent. Gestures that wait go before it. */
  async send<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.held.length > 0) await this.storeWaiting();
    return this.count(call);
  }

  /** Stores one gesture; throws why it could not. */
  async edit(action: string, edits: readonly Edit[], more: Gesture['more']): Promise<void> {
    const gesture = { action, edits, reader: this.reader(), more };
    for (const { item } of edits) item.unsaved++;
    if (this.held.length > 0) {
      this.held = [...this.held, gesture];
      return this.storeWaiting();
    }
    try {
      await this.store(gesture);
    } catch (error) {
      if (!this.mayPass(error, gesture)) return this.giveUp(gesture, error);
      this.held = [...this.held, gesture];
      throw error;
    }
  }

  /** Stores what waits, in order; throws why the first of it still cannot be stored. */
  async storeWaiting(): Promise<void> {
    for (let first = this.held[0]; first; first = this.held[0]) {
      try {
        await this.store(first);
        this.held = this.held.filter((each) => each !== first);
      } catch (error) {
        if (isPassing(error)) throw error;
        this.held = this.held.filter((each) => each !== first);
        await this.giveUp(first, error);
      }
    }
  }

  /** Takes the last gesture back where it waits and is one on this item. Gives whether it was. */
  takeBackWaiting(item: OpenItem): boolean {
    const last = this.held.at(-1);
    if (!last?.edits.some((edit) => edit.item === item)) return false;
    this.held = this.held.slice(0, -1);
    for (const edit of last.edits) {
      edit.item.unsaved--;
      edit.item.takeBack(edit.patch);
    }
    return true;
  }

  private async store({ action, edits, reader, more }: Gesture): Promise<void> {
    const stored = await this.count(() =>
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
    this.listeners.onstored(stored);
  }

  private async count<Result>(call: () => Promise<Result>): Promise<Result> {
    this.pending++;
    try {
      return await call();
    } finally {
      this.pending--;
      if (this.pending === 0) queueMicrotask(this.listeners.onsettled);
    }
  }

  /** Whether a gesture that failed is worth keeping: later ones stand on those that wait, and are refused for that alone. */
  private mayPass(error: unknown, { edits }: Gesture): boolean {
    const waiting = new Set(this.held.flatMap((each) => each.edits.map(({ item }) => item)));
    return isPassing(error) || edits.some(({ item }) => waiting.has(item));
  }

  /** The labels are as they are stored again. */
  private async giveUp({ edits, reader }: Gesture, error: unknown): Promise<never> {
    this.failed = true;
    for (const { item } of edits) item.unsaved--;
    await this.restore(edits, reader);
    throw error;
  }

  private take(edits: readonly Edit[], stored: readonly ReviewedItem[]): void {
    const facts = new Map(stored.map((each) => [each.item, each]));
    for (const { item } of edits) {
      const mine = facts.get(item.id);
      if (mine) item.take(mine);
    }
  }

  /** Later gestures stand on the one that failed; once all are answered, what is stored is brought back. */
  private async restore(edits: readonly Edit[], reader: string | undefined): Promise<void> {
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

function isPassing(error: unknown): boolean {
  return error instanceof CallError && PASSING.has(error.kind);
}
