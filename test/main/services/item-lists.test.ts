import { rmSync } from 'node:fs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ITEM_LIST, type ItemList } from '../../../src-core/contract/items.ts';
import { ItemLists } from '../../../src-main/services/item-lists.ts';
import { Project } from '../../../src-main/services/project.ts';
import { addSecondReader, readerNumber } from '../../../src-main/services/readers.ts';
import { Review } from '../../../src-main/services/review.ts';
import { projectFacts } from '../../../src-main/services/studio/project-facts.ts';
import { writeLargeProject } from '../../support/large-project.ts';
import { phantomProject } from '../../support/predicted-project.ts';
import { stackProject } from '../../support/stack-project.ts';
import { temporaryFolder } from '../../support/source-folders.ts';

let project: Project;
let lists: ItemLists;

beforeEach(() => {
  const directory = temporaryFolder();
  writeLargeProject(directory, 200);
  project = Project.open(directory);
  onTestFinished(() => project.close());
  lists = new ItemLists(project);
});

const list = (given: Parameters<typeof ITEM_LIST.parse>[0] = {}): ItemList => ITEM_LIST.parse(given);
const all = (given?: object) => lists.page(list(given), 0, 1000).rows;
const first = (given: object) => lists.page(list(given), 0, 1).rows[0]!;

describe('a list of items', () => {
  it('gives a window of rows with all that a thumbnail and a queue show', () => {
    const page = lists.page(list({ order: { by: 'file' } }), 3, 2);
    expect(page).toMatchObject({ total: 200, offset: 3 });
    expect(page.rows).toEqual([
      {
        id: 'patient00001 ED slice 3',
        patient: 'patient00001',
        volume: 'patient00001 ED',
        phase: 'ED',
        phaseIndex: 0,
        phases: 2,
        slice: 3,
        width: 8,
        height: 8,
        split: 'test',
        folder: '../images/site0',
        state: 'pending',
        score: ((4 * 7919) % 10007) / 10007,
        disagreement: ((4 * 31) % 101) / 101,
        areas: [40, 4, 4, 4],
        tag: [1, 0, 1],
        windows: 0,
      },
      expect.objectContaining({ id: 'patient00001 ED slice 4', tag: null }),
    ]);
    expect(lists.page(list(), 195, 100).rows).toHaveLength(5);
    expect(lists.page(list(), 500, 100).rows).toEqual([]);
  });

  it('puts the most uncertain first, and those without a prediction last', () => {
    project.database.exec('DELETE FROM predictions WHERE item IN (7, 8)');
    const scores = all().map(({ score }) => score);
    expect(scores.slice(0, 198)).toEqual(scores.slice(0, 198).toSorted((a, b) => b! - a!));
    expect(scores.slice(198)).toEqual([null, null]);
  });

  it('is ordered by disagreement, by the area of a class, by patient, phase, slice, folder or file', () => {
    expect(first({ order: { by: 'disagreement' } }).disagreement).toBe(100 / 101);
    expect(first({ order: { by: 'class', class: 1 } }).areas[2]).toBe(6);
    const ordered = (by: string) => all({ order: { by } });
    expect(ordered('patient').map(({ patient }) => patient)).toEqual(
      all({ order: { by: 'file' } }).map(({ patient }) => patient),
    );
    expect(
      ordered('phase')
        .map(({ phase }) => phase)
        .indexOf('ES'),
    ).toBe(100);
    expect(ordered('slice').map(({ slice }) => slice)).toEqual(
      Array.from({ length: 200 }, (_, i) => Math.floor(i / 20)),
    );
    expect(lists.groups(list({ order: { by: 'folder' } }))[0]).toEqual({ name: '../images/site0', count: 30 });
    expect(lists.groups(list({ order: { by: 'slice' } }))).toHaveLength(10);
    expect(lists.groups(list({ order: { by: 'phase' } }))).toEqual([
      { name: 'ED', count: 100 },
      { name: 'ES', count: 100 },
    ]);
    expect(lists.groups(list())).toEqual([]);
  });

  it('is filtered by state, split, patient, text, tags, uncertainty and what the mask shows', () => {
    const count = (filter: object): number => lists.page(list({ filter }), 0, 1).total;
    expect(count({ states: ['rejected', 'corrected'] })).toBe(10);
    expect(count({ splits: ['test'] })).toBe(40);
    expect(count({ patient: 'patient00003' })).toBe(20);
    expect(count({ volume: 'patient00003 ES' })).toBe(10);
    expect(count({ text: 'PATIENT00003' })).toBe(20);
    expect(count({ text: 'site6' })).toBe(20);
    expect(count({ text: '%' })).toBe(0);
    expect(count({ tags: { kind: 'untagged' } })).toBe(100);
    expect(count({ tags: { kind: 'tagged' } })).toBe(100);
    expect(count({ tags: { kind: 'none' } })).toBe(50);
    expect(count({ tags: { kind: 'present', class: 2 } })).toBe(50);
    expect(count({ tags: { kind: 'present', class: 1 } })).toBe(0);
    expect(count({ tags: { kind: 'absent', class: 1 } })).toBe(100);
    expect(count({ shows: 2 })).toBe(160);
    expect(count({ uncertainty: { from: 0.5, to: 1 } })).toBe(all().filter(({ score }) => score! >= 0.5).length);
    expect(count({ states: ['pending'], splits: ['test'], tags: { kind: 'tagged' } })).toBe(16);
    expect(count({ states: [] })).toBe(0);
  });

  it('is not filtered by what tags on windows leave open', () => {
    const count = (filter: object) =>
      lists.page(list({ filter: { text: 'patient00001 ED slice 0', ...filter } }), 0, 1).total;
    // A window without the first class, of which nothing else is said.
    project.database.exec(
      `INSERT INTO tags (item, x, y, width, height, present, origin) VALUES (1, 0, 0, 4, 4, x'000202', 'annotator')`,
    );
    expect(count({ tags: { kind: 'tagged' } })).toBe(1);
    expect(count({ tags: { kind: 'none' } })).toBe(0);
    expect([0, 1].map((index) => count({ tags: { kind: 'absent', class: index } }))).toEqual([1, 0]);
  });

  it('gives rows of items in the order that they are asked for', () => {
    const ids = ['patient00002 ES slice 1', 'patient00001 ED slice 3'];
    expect(lists.rowsOf(ids, undefined).map(({ id }) => id)).toEqual(ids);
    expect(() => lists.rowsOf(['nobody'], undefined)).toThrow('item: expected one of the project');
  });

  it('counts how far it is reviewed', () => {
    expect(lists.progress(list())).toEqual({
      total: 200,
      states: { pending: 180, accepted: 10, corrected: 5, rejected: 5, flagged: 0 },
    });
  });

  it('shows at once what was decided, by this process or another connection', () => {
    const pending = list({ filter: { states: ['pending'] } });
    expect(lists.page(pending, 0, 1).total).toBe(180);
    const [row] = lists.page(pending, 0, 1).rows;
    new Review(project, { annotator: 'Anna' }).decide([row!.id], 'flag');
    expect(lists.page(pending, 0, 1).total).toBe(179);
    expect(lists.progress(list()).states.flagged).toBe(1);
    const worker = Project.open(project.directory, 'delegated');
    worker.setState(lists.page(pending, 0, 1).rows[0]!.id, 'accepted');
    worker.close();
    expect(lists.page(pending, 0, 1).total).toBe(178);
  });
});

describe('a project of 20 000 items', () => {
  it('is open with its counts and the first rows of the queue', () => {
    const directory = temporaryFolder();
    writeLargeProject(directory, 20_000);
    const large = Project.open(directory);
    onTestFinished(() => large.close());
    expect(projectFacts(large, '').items).toBe(20_000);
    expect(new ItemLists(large).page(list(), 0, 100).total).toBe(20_000);
  });
});

describe('going through a list', () => {
  const next = (given: object, request: object = {}): string | undefined =>
    lists.next(list(given), { item: undefined, direction: 'next', undone: false, ...request });

  it('steps to neighbours and stops at its ends', () => {
    const ids = lists.ids(list());
    expect(ids).toEqual(all().map(({ id }) => id));
    expect(next({})).toBe(ids[0]);
    expect(next({}, { item: ids[4] })).toBe(ids[5]);
    expect(next({}, { item: ids[4], direction: 'previous' })).toBe(ids[3]);
    expect(next({}, { item: ids[0], direction: 'previous' })).toBeUndefined();
    expect(next({}, { item: ids[199] })).toBeUndefined();
    expect(lists.place(list(), ids[17]!)).toBe(17);
  });

  it('finds the next undone item round the end, pending before flagged', () => {
    const review = new Review(project, { annotator: 'Anna' });
    const ids = lists.ids(list({ order: { by: 'file' } }));
    const order = { order: { by: 'file' } };
    expect(next(order, { item: ids[8], undone: true })).toBe(ids[10]);
    review.decide(ids, 'accept');
    expect(next(order, { item: ids[8], undone: true })).toBeUndefined();
    review.decide([ids[3]!], 'flag');
    review.decide([ids[1]!], 'reopen');
    expect(next(order, { item: ids[8], undone: true })).toBe(ids[1]);
    expect(next(order, { item: ids[1], undone: true })).toBe(ids[3]);
  });

  it('goes on from an item that has just left a list of pending ones', () => {
    const pending = { filter: { states: ['pending'] } };
    const ids = lists.ids(list(pending));
    new Review(project, { annotator: 'Anna' }).decide([ids[4]!], 'reject');
    expect(lists.place(list(pending), ids[4]!)).toBeUndefined();
    expect(next(pending, { item: ids[4], undone: true })).toBe(ids[5]);
    expect(next(pending, { item: ids[4], direction: 'previous' })).toBe(ids[3]);
  });

  it('knows the phases of a recording and their slices', () => {
    const { patient, phases } = lists.recording('patient00002 ES slice 3', undefined);
    expect(patient).toBe('patient00002');
    expect(phases.map(({ volume, phase, phaseIndex }) => [volume, phase, phaseIndex])).toEqual([
      ['patient00002 ED', 'ED', 0],
      ['patient00002 ES', 'ES', 1],
    ]);
    expect(phases[1]!.items.map(({ slice }) => slice)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(phases[1]!.items[9]).toMatchObject({ id: 'patient00002 ES slice 9', state: 'rejected' });
  });
});

describe('a recording whose phases lie in several files', () => {
  it('is one, in the order of its frames', async () => {
    const phantom = await phantomProject({ allFrames: true }, { patients: 1, slices: 2 });
    onTestFinished(() => rmSync(phantom.folder, { recursive: true, force: true }));
    const opened = Project.open(phantom.directory);
    const { phases } = new ItemLists(opened).recording(opened.items[0]!.id, undefined);
    const { rows } = new ItemLists(opened).page(list(), 0, 100);
    opened.close();
    expect(phases.map(({ phaseIndex }) => phaseIndex)).toEqual([0, 1, 2, 3]);
    expect(new Set(rows.map((row) => row.phases))).toEqual(new Set([4]));
    expect(phases.filter(({ phase }) => phase !== '').map(({ phase }) => phase)).toEqual(['ED', 'ES']);
  });
});

describe('a volume without phases', () => {
  it('is alone in its recording', async () => {
    const mask = { width: 6, height: 5, data: new Uint8Array(30) };
    const stacks = [1, 2, 3].map(() => ({ geometry: {}, masks: [mask, mask] }));
    const stack = await stackProject(stacks, ['a']);
    onTestFinished(() => stack.remove());
    const { rows } = new ItemLists(stack.project).page(list({ order: { by: 'file' } }), 0, 2);
    expect(rows.map(({ phase, phases }) => [phase, phases])).toEqual([
      ['', 1],
      ['', 1],
    ]);
  });
});

describe('the list of a second reader', () => {
  it('has states of its own', () => {
    addSecondReader(project, { name: 'Ben', isBlind: true });
    const reader = readerNumber(project, 'Ben');
    const [row] = all();
    new Review(project, { annotator: 'Ben', reader }).decide([row!.id], 'accept');
    expect(lists.progress(list({ reader: 'Ben' })).states).toMatchObject({ accepted: 1, pending: 199 });
    expect(lists.progress(list()).states).toMatchObject({ accepted: 10, pending: 180 });
    expect(first({ reader: 'Ben', filter: { states: ['accepted'] } }).id).toBe(row!.id);
    expect(() => lists.page(list({ reader: 'Zoe' }), 0, 1)).toThrow('reader: expected one of Ben, got "Zoe"');
  });
});
