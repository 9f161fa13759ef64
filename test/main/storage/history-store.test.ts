import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLabels } from '../../../src-core/labels/label-codec.ts';
import { projectDocuments } from '../../../src-main/storage/documents.ts';
import {
  HistoryStore,
  TAGS,
  type Change,
  type DocumentKey,
  type Version,
} from '../../../src-main/storage/history-store.ts';
import { migrate } from '../../../src-main/storage/schema.ts';

const WHO = { annotator: 'Anna', action: 'brush', at: '2026-01-01T00:00:00.000Z' };
const PLENTY = 2 ** 30;
const ITEMS = [1, 2, 3];

function makeHistory() {
  const database = new DatabaseSync(':memory:');
  migrate(database, 0);
  database.exec('PRAGMA foreign_keys = OFF');
  for (const item of ITEMS) database.exec(`INSERT INTO items (id, volume, slice) VALUES ('item ${item}', 1, ${item})`);
  const documents = projectDocuments(database);
  const history = new HistoryStore(database, documents);
  const key = (item: number, part = 0): DocumentKey => ({ item, part });
  /** A gesture that fills the mask of each item with a label; 0 takes the mask away. */
  const change = (item: number, label: number): Change => {
    const before = documents.read(key(item));
    const plane = encodeLabels({ width: 4, height: 1, data: Uint8Array.of(label, 0, label, label % 3) });
    const facts = JSON.stringify({
      state: 'pending',
      reason: `${label}`,
      base: null,
      annotator: 'A',
      at: 'now',
      adjudicated: null,
    });
    const after =
      label === 0 ? { facts: null, mask: null, base: null } : { facts, mask: plane, base: before.base ?? plane };
    return { ...key(item), before, after };
  };
  const fill = (labels: Readonly<Record<number, number>>, budget = PLENTY): Change[] => {
    const changes = Object.entries(labels).map(([item, label]) => change(Number(item), label));
    history.record(WHO, changes, budget);
    return changes;
  };
  const masks = (): Version[] => ITEMS.map((item) => documents.read(key(item)));
  return { database, history, documents, key, fill, masks };
}

describe('the history of an item', () => {
  it('is walked back and forth one gesture at a time', () => {
    const { history, documents, key, fill } = makeHistory();
    const [first] = fill({ 1: 1 });
    const [second] = fill({ 1: 2 });
    expect(history.undo(key(1))).toMatchObject({ kind: 'done', gesture: { ...WHO, number: 2 } });
    expect(documents.read(key(1))).toEqual(first!.after);
    history.undo(key(1));
    expect(documents.read(key(1))).toEqual(first!.before);
    expect(history.undo(key(1))).toEqual({ kind: 'nothing' });
    history.redo(key(1));
    history.redo(key(1));
    expect(documents.read(key(1))).toEqual(second!.after);
    expect(history.redo(key(1))).toEqual({ kind: 'nothing' });
  });

  it('forgets what was undone as soon as something else is done', () => {
    const { history, key, fill } = makeHistory();
    fill({ 1: 1 });
    history.undo(key(1));
    fill({ 1: 2 });
    expect(history.redo(key(1))).toEqual({ kind: 'nothing' });
    expect(history.undoable(key(1))?.number).toBe(2);
  });

  it('says which other item stands in the way of a gesture over several', () => {
    const { history, key, fill, masks } = makeHistory();
    fill({ 1: 1, 2: 1 });
    fill({ 2: 2 });
    const before = masks();
    expect(history.undo(key(1))).toMatchObject({ kind: 'blocked', by: key(2) });
    expect(masks()).toEqual(before);
    history.undo(key(2));
    expect(history.undo(key(1)).kind).toBe('done');
    expect(masks().every(({ mask }) => mask === null)).toBe(true);
    expect(history.redo(key(2)).kind).toBe('done');
    expect(history.redo(key(2)).kind).toBe('done');
    expect(masks()).toEqual(before);
  });

  it('keeps the newest gestures within the budget, and drops with an old one all that led to it elsewhere', () => {
    const { database, history, key, fill } = makeHistory();
    fill({ 2: 1 });
    fill({ 1: 1, 2: 2 });
    fill({ 3: 1 });
    fill({ 2: 3 });
    const [budget] = [history.bytes(key(1))];
    fill({ 1: 2 }, budget);
    // The first two of item 2 lead to, or are, the gesture that item 1 has no room for.
    expect(database.prepare('SELECT number FROM gestures').all()).toEqual([
      { number: 3 },
      { number: 4 },
      { number: 5 },
    ]);
    fill({ 1: 1 }, 0);
    expect(history.undo(key(1)).kind).toBe('done');
    expect(history.undo(key(1)).kind).toBe('nothing');
    expect(history.undo(key(2)).kind).toBe('done');
    expect(history.undo(key(2)).kind).toBe('nothing');
  });

  it('treats the tags of all items as one stack', () => {
    const { history, documents, key } = makeHistory();
    const tag = (item: number, present: readonly number[]): Change => {
      const facts = JSON.stringify([{ window: null, present, origin: 'annotator', annotator: 'Anna' }]);
      const before = documents.read(key(item, TAGS));
      return { ...key(item, TAGS), before, after: { facts, mask: null, base: null } };
    };
    history.record(WHO, [tag(1, [1, 0])], PLENTY);
    history.record(WHO, [tag(2, [0, 0]), tag(3, [0, 0])], PLENTY);
    expect(history.undo({ part: TAGS })).toMatchObject({ kind: 'done', changes: [{ item: 2 }, { item: 3 }] });
    expect(documents.read(key(2, TAGS)).facts).toBeNull();
    expect(documents.read(key(1, TAGS)).facts).toContain('"present":[1,0]');
    history.record(WHO, [tag(3, [0, 1])], PLENTY);
    expect(history.redo({ part: TAGS })).toEqual({ kind: 'nothing' });
  });

  it('never loses its way, whatever is done in whatever order', () => {
    const label = fc.integer({ min: 0, max: 5 });
    const gesture = fc.dictionary(fc.constantFrom('1', '2', '3'), label, { minKeys: 1 });
    const item = fc.constantFrom(...ITEMS);
    const step = fc.oneof(
      gesture.map((labels) => ({ kind: 'fill' as const, labels })),
      item.map((of) => ({ kind: 'undo' as const, of })),
      item.map((of) => ({ kind: 'redo' as const, of })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { history, documents, key, fill, masks } = makeHistory();
        const initial = masks();
        const made = new Map<number, readonly Change[]>();
        let count = 0;
        for (const each of steps) {
          if (each.kind === 'fill') {
            made.set(++count, fill(each.labels));
            continue;
          }
          const before = masks();
          const result = history[each.kind](key(each.of));
          if (result.kind !== 'done') {
            expect(masks()).toEqual(before);
            continue;
          }
          const changes = made.get(result.gesture.number)!;
          const toward = each.kind === 'undo' ? 'before' : 'after';
          for (const change of changes) expect(documents.read(change)).toEqual(change[toward]);
        }
        takeAllBack(history, key);
        expect(masks()).toEqual(initial);
      }),
      { numRuns: 150 },
    );
  });
});

/** Undoes everything, following each refusal to the item that it names. */
function takeAllBack(history: HistoryStore, key: (item: number) => DocumentKey): void {
  for (const item of ITEMS) {
    for (let at = key(item); ;) {
      const result = history.undo(at);
      if (result.kind === 'nothing') break;
      at = result.kind === 'blocked' ? result.by : key(item);
    }
  }
}
