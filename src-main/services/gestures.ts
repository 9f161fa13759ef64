// One gesture of a person is one transaction, one step of undo, and one line of the audit trail for each item that it changed.
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import { patchBetween, type LabelPatch } from '../../src-core/labels/patch.ts';
import { decodePatch } from '../../src-core/labels/patch-codec.ts';
import { addAudit } from '../storage/audit-store.ts';
import { projectDocuments, readingOf, tagsOf } from '../storage/documents.ts';
import {
  HistoryStore,
  TAGS,
  type Change,
  type DocumentKey,
  type Gesture,
  type Step,
  type UndoScope,
} from '../storage/history-store.ts';
import type { Reading } from '../storage/reading-store.ts';
import { originOf } from './imported-masks.ts';
import type { Project } from './project.ts';

/** Setting with the bytes of history that are kept for each item. */
export const UNDO_BYTES = 'undo-bytes';
const DEFAULT_UNDO_BYTES = 64 * 2 ** 20;

/** Bytes of history that are kept for each item. */
export function undoBudget(project: Project): number {
  const set = project.setting(UNDO_BYTES);
  return typeof set === 'number' && set >= 0 ? set : DEFAULT_UNDO_BYTES;
}

/** What undo and redo would do now, in the words of the action; null where there is nothing. */
export interface UndoState {
  readonly undo: string | null;
  readonly redo: string | null;
}

/** How an undo or redo ended. */
export type UndoResult =
  | { readonly kind: 'done'; readonly action: string; readonly changed: readonly DocumentKey[] }
  /** Another slice has to be undone (or redone) first; `item` is that slice. */
  | { readonly kind: 'blocked'; readonly item: string; readonly message: string }
  | { readonly kind: 'nothing' };

/** Performs gestures on a project and takes them back. */
export class Gestures {
  private readonly project: Project;
  private readonly history: HistoryStore;

  constructor(project: Project) {
    this.project = project;
    this.history = new HistoryStore(project.database, projectDocuments(project.database));
  }

  /**
   * Saves what a gesture changes; a gesture that changes nothing leaves no trace. Gives whether it changed anything.
   *
   * @param more - what else the audit trail says of it
   */
  perform(annotator: string, action: string, changes: () => readonly Change[], more: object = {}): boolean {
    const at = new Date().toISOString();
    return this.write(() => {
      const all = changes();
      checkOnce(all);
      const real = all.filter(isChange);
      if (real.length === 0) return false;
      this.history.record({ annotator, action, at }, real, undoBudget(this.project));
      for (const change of real) this.audit(annotator, action, at, change, more);
      return true;
    });
  }

  undo(annotator: string, scope: UndoScope): UndoResult {
    return this.turn(annotator, 'undo', () => this.history.undo(scope));
  }

  redo(annotator: string, scope: UndoScope): UndoResult {
    return this.turn(annotator, 'redo', () => this.history.redo(scope));
  }

  state(scope: UndoScope): UndoState {
    return {
      undo: this.history.undoable(scope)?.action ?? null,
      redo: this.history.redoable(scope)?.action ?? null,
    };
  }

  private turn(annotator: string, word: 'undo' | 'redo', turn: () => Step): UndoResult {
    const at = new Date().toISOString();
    return this.write(() => {
      const step = turn();
      if (step.kind === 'nothing') return step;
      if (step.kind === 'blocked') return this.explainBlocked(word, step.gesture, step.by);
      const { action } = step.gesture;
      for (const change of step.changes) this.audit(annotator, word, at, change, { action });
      return { kind: 'done', action, changed: step.changes.map(({ item, part }) => ({ item, part })) };
    });
  }

  private write<Result>(write: () => Result): Result {
    try {
      return this.project.write(write);
    } finally {
      this.project.forgetItems();
      this.project.changes.tags++;
    }
  }

  private explainBlocked(word: 'undo' | 'redo', { action }: Gesture, by: DocumentKey): UndoResult {
    const item = this.project.itemId(by.item);
    const when = word === 'undo' ? 'was changed again later' : 'has earlier changes that were undone';
    const message = `"${action}" also changed ${item}, which ${when}: ${word} there first.`;
    return { kind: 'blocked', item, message };
  }

  private audit(annotator: string, action: string, at: string, change: Change, more: object): void {
    const detail = { ...more, ...(change.part === TAGS ? tagDetail(change) : this.readingDetail(change)) };
    addAudit(this.project.database, { at, annotator, action, item: change.item, detail });
  }

  private readingDetail({ part, before, after, patch }: Change): Record<string, unknown> {
    const [was, is] = [readingOf(before), readingOf(after)];
    const origin = is.facts.base && originOf(this.project, is.facts.base);
    return {
      ...(part !== 0 && { reader: part }),
      from: was.facts.state,
      to: is.facts.state,
      ...(is.facts.reason !== '' && { reason: is.facts.reason }),
      ...(origin && { run: origin.run, suggestion: origin.kind }),
      pixels: patch ? pixelsOf(decodePatch(patch)) : changedPixels(was, is),
    };
  }
}

function checkOnce(changes: readonly Change[]): void {
  const items = new Set(changes.map(({ item, part }) => `${item} ${part}`));
  if (items.size < changes.length) throw new Error('items: expected each only once in a gesture');
}

function isChange({ before, after }: Change): boolean {
  const same = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
    a === b || (a !== null && b !== null && Buffer.compare(a, b) === 0);
  if (!same(before.mask, after.mask) || !same(before.base, after.base)) return true;
  return before.facts !== after.facts;
}

function tagDetail({ before, after }: Change): Record<string, unknown> {
  const plain = (version: Change['after']): unknown =>
    tagsOf(version).map(({ window, present }) => ({ ...(window && { window }), present }));
  return { from: plain(before), to: plain(after) };
}

/** Pixels that differ from what the reader saw before: the mask there was, or the suggestion. */
function changedPixels(was: Reading, is: Reading): number {
  const [before, after] = [was.mask ?? is.base, is.mask ?? was.base];
  if (!before || !after) return 0;
  if (Buffer.compare(before, after) === 0) return 0;
  const patch = patchBetween(decodeLabels(before), decodeLabels(after));
  return patch ? pixelsOf(patch) : 0;
}

function pixelsOf({ runs }: LabelPatch): number {
  return runs.reduce((sum, { length }) => sum + length, 0);
}
