// Review of a project's items by one reader: looking, deciding, correcting, and taking back.
import { decodeLabels, encodeLabels } from '../../src-core/labels/label-codec.ts';
import { patched, type LabelPatch } from '../../src-core/labels/patch.ts';
import { encodePatch } from '../../src-core/labels/patch-codec.ts';
import { stateAfterDecision, stateAfterEdit, type Decision } from '../../src-core/review/decision.ts';
import type { ItemState } from '../../src-core/review/item-state.ts';
import { readingVersion } from '../storage/documents.ts';
import type { Change } from '../storage/history-store.ts';
import { READER, readFacts, readReading, type Reading, type ReadingFacts } from '../storage/reading-store.ts';
import { readSuggestion, type StoredSuggestion } from '../storage/suggestion-store.ts';
import { Gestures, type UndoResult, type UndoState } from './gestures.ts';
import { originOf } from './imported-masks.ts';
import type { Project } from './project.ts';
import { runInUse } from './run-in-use.ts';

/** Who reviews, and whose reading is changed. */
export interface Reviewer {
  /** Name of the person at the screen. */
  readonly annotator: string;
  /** Number of the reader; the effective reading when absent. */
  readonly reader?: number;
}

/** A change of one item's mask that a tool made. */
export interface MaskEdit {
  readonly item: string;
  readonly patch: LabelPatch;
}

/** What a reader sees of an item. */
export interface ReviewedItem extends Omit<ReadingFacts, 'base'>, UndoState {
  readonly item: string;
  /** The reader's mask, or the suggested one where the reader has none; as stored (label-codec.ts); null where there is neither. */
  readonly mask: Uint8Array | null;
  /** The suggested mask that the mask began as, or is; null where it began empty. */
  readonly base: Uint8Array | null;
  /** Which suggestion that is; its kind is `imported` where it came with the images. */
  readonly suggestion: { readonly run: string; readonly kind: string } | null;
  /** Whether the mask is the reader's own, even if no pixel differs from the suggestion. */
  readonly isStored: boolean;
}

/** Review by one reader. */
export class Review {
  private readonly project: Project;
  private readonly annotator: string;
  private readonly reader: number;
  private readonly gestures: Gestures;

  constructor(project: Project, { annotator, reader = READER.effective }: Reviewer) {
    this.project = project;
    this.annotator = annotator;
    this.reader = reader;
    this.gestures = new Gestures(project);
  }

  /** What the reader sees of an item. */
  item(id: string): ReviewedItem {
    const number = this.project.itemNumber(id);
    const { facts, mask, base } = this.reading(number);
    const suggested = mask ? undefined : this.suggestion(number);
    const source = facts.base ?? suggested?.base ?? null;
    return {
      ...facts,
      item: id,
      mask: mask ?? suggested?.mask ?? null,
      base: mask ? base : (suggested?.mask ?? null),
      suggestion: source && originOf(this.project, source),
      isStored: mask !== null,
      ...this.gestures.state({ item: number, part: this.reader }),
    };
  }

  /** State of an item for the reader. */
  state(id: string): ItemState {
    return readFacts(this.project.database, this.project.itemNumber(id), this.reader).state;
  }

  /** Changes masks of one or more items as one gesture named by its tool. Throws where a patch was made for another mask. */
  edit(action: string, edits: readonly MaskEdit[]): boolean {
    return this.gestures.perform(this.annotator, action, () =>
      edits.map(({ item, patch }) => {
        const change = this.change(this.project.itemNumber(item), (reading, number) => {
          const from = this.begun(reading, number) ?? this.emptyMask(reading, item);
          const mask = encodeLabels(patched(decodeLabels(from.mask!), patch));
          const state = stateAfterEdit(from.facts.state, !equal(mask, from.base!));
          return { ...from, mask, facts: { ...from.facts, state } };
        });
        return { ...change, patch: encodePatch(patch) };
      }),
    );
  }

  /** Decides about items as one gesture. A decision that changes nothing leaves no trace. */
  decide(items: readonly string[], decision: Decision, reason = '', action: string = decision): boolean {
    return this.gestures.perform(this.annotator, action, () =>
      items.map((item) =>
        this.change(this.project.itemNumber(item), (reading, number) => {
          const from = decision === 'accept' ? this.begun(reading, number) : reading;
          if (!from) throw new Error(`${item}: there is no suggested mask to accept; draw one, or predict it first`);
          const isChanged = from.mask !== null && !equal(from.mask, from.base!);
          return { ...from, facts: { ...from.facts, state: stateAfterDecision(decision, isChanged), reason } };
        }),
      ),
    );
  }

  /** Lays the reader's masks aside, so that the present suggestion is seen and decided about anew. */
  startOver(items: readonly string[]): boolean {
    return this.gestures.perform(this.annotator, 'start over', () =>
      items.map((item) =>
        this.change(this.project.itemNumber(item), ({ facts }) => ({
          mask: null,
          base: null,
          facts: { ...facts, base: null, state: 'pending', reason: '' },
        })),
      ),
    );
  }

  undo(item: string): UndoResult {
    return this.gestures.undo(this.annotator, { item: this.project.itemNumber(item), part: this.reader });
  }

  redo(item: string): UndoResult {
    return this.gestures.redo(this.annotator, { item: this.project.itemNumber(item), part: this.reader });
  }

  private reading(item: number): Reading {
    return readReading(this.project.database, item, this.reader);
  }

  private suggestion(item: number): StoredSuggestion | undefined {
    const run = runInUse(this.project);
    return run === undefined ? undefined : readSuggestion(this.project.database, item, this.project.runNumber(run));
  }

  /** A reading with a mask of its own: the one it has, or the suggested one; undefined where there is neither. */
  private begun(reading: Reading, item: number): Reading | undefined {
    if (reading.mask) return reading;
    const suggested = this.suggestion(item);
    if (!suggested) return undefined;
    const { mask, base } = suggested;
    return { mask, base: mask, facts: { ...reading.facts, base } };
  }

  private emptyMask({ facts }: Reading, item: string): Reading {
    const { width, height } = this.project.itemSize(item);
    const empty = encodeLabels({ width, height, data: new Uint8Array(width * height) });
    return { mask: empty, base: empty, facts: { ...facts, base: null } };
  }

  private change(item: number, to: (reading: Reading, item: number) => Reading): Change {
    const before = this.reading(item);
    const after = to(before, item);
    return {
      item,
      part: this.reader,
      before: readingVersion(before),
      after: readingVersion(this.signed(before, after)),
    };
  }

  /** The reading under the name of who changed it; left as it was where nothing is changed. */
  private signed(before: Reading, after: Reading): Reading {
    const { state, reason } = before.facts;
    const isSame = before.mask === after.mask && state === after.facts.state && reason === after.facts.reason;
    if (isSame) return before;
    const facts = { ...after.facts, annotator: this.annotator, at: new Date().toISOString() };
    return { ...after, facts };
  }
}

/** Whether two stored maps are the same; the codec gives equal bytes for equal labels. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
