// What the program has to say: errors stay until they are dealt with, confirmations go by themselves.
import { createContext } from 'svelte';
import { CallError } from '../platform/api.ts';

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'done';
  readonly text: string;
  /** What it is about, where that may be settled in another way than by the person. */
  readonly topic?: string;
  /** What a person may do about it. */
  readonly action?: { readonly title: string; readonly run: () => void };
}

const DONE_MS = 4000;

export class Notices {
  list = $state.raw<readonly Notice[]>([]);
  private next = 1;

  /** Confirms; goes by itself. In place of what was said of its topic before. */
  done(text: string, action?: Notice['action'], topic?: string): void {
    if (topic !== undefined) this.settle(topic);
    const id = this.add({ kind: 'done', text, ...(action && { action }), ...(topic !== undefined && { topic }) });
    setTimeout(() => this.dismiss(id), DONE_MS);
  }

  /** Tells what went wrong; stays. A cancelled call is no error. In place of what was said of its topic before. */
  error(error: unknown, action?: Notice['action'], topic?: string): void {
    if (error instanceof CallError && error.kind === 'cancelled') return;
    const text = error instanceof Error ? error.message : String(error);
    if (this.list.some((notice) => notice.text === text)) return;
    if (topic !== undefined) this.settle(topic);
    this.add({ kind: 'error', text, ...(action && { action }), ...(topic !== undefined && { topic }) });
  }

  /** Takes away what was said of a topic. */
  settle(topic: string): void {
    this.list = this.list.filter((notice) => notice.topic !== topic);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** Runs work whose failure the person is told. Undefined where it failed. */
  async attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      this.error(error);
      return undefined;
    }
  }

  private add(notice: Omit<Notice, 'id'>): number {
    const id = this.next++;
    this.list = [...this.list, { id, ...notice }];
    return id;
  }
}

export const [useNotices, provideNotices] = createContext<Notices>();
