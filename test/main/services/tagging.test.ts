import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { USUAL_CROPS } from '../../../src-core/review/crop-layout.ts';
import { UNKNOWN } from '../../../src-core/review/tag.ts';
import { Crops } from '../../../src-main/services/crops.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { Project } from '../../../src-main/services/project.ts';
import { Tagging } from '../../../src-main/services/tagging.ts';
import { temporaryFolder, writeAcdc } from '../../support/source-folders.ts';

interface Tagged {
  readonly project: Project;
  readonly tagging: Tagging;
  readonly ids: readonly string[];
}

/** Twelve patients of 2 x 4 slices; slice k shows class k, slice 0 none. All tags of the import are cleared unless they are kept. */
async function tagged(keep = false): Promise<Tagged> {
  const folder = temporaryFolder();
  const names = Array.from({ length: 12 }, (_, i) => `patient${String(i + 1).padStart(3, '0')}`);
  writeAcdc(join(folder, 's'), names);
  await importDataset(join(folder, 's'), join(folder, 'p'));
  const project = Project.open(join(folder, 'p'));
  onTestFinished(() => project.close());
  if (!keep) project.database.exec('DELETE FROM tags');
  return { project, tagging: new Tagging(project, 'Anna'), ids: project.items.map(({ id }) => id) };
}

/** What is said of the whole of an image. */
const said = ({ project }: Tagged, item: string) =>
  project.tags().find((tag) => tag.item === item && !tag.window)?.present;

describe('tagging by hand', () => {
  it('adds and takes away a class, and never says "none" by itself', async () => {
    const test = await tagged();
    const [a, b] = test.ids as [string, string];
    test.tagging.set([a], { kind: 'toggle', class: 0 });
    test.tagging.set([a], { kind: 'toggle', class: 2 });
    expect(said(test, a)).toEqual([1, 0, 1]);
    // Of two images one shows the class already: now both do.
    test.tagging.set([a, b], { kind: 'toggle', class: 0 });
    expect([said(test, a), said(test, b)]).toEqual([
      [1, 0, 1],
      [1, 0, 0],
    ]);
    test.tagging.set([a, b], { kind: 'toggle', class: 0 });
    expect([said(test, a), said(test, b)]).toEqual([[0, 0, 1], undefined]);
    test.tagging.set([b], { kind: 'none' });
    expect(said(test, b)).toEqual([0, 0, 0]);
  });

  it('is undone and redone gesture by gesture, many images at once', async () => {
    const test = await tagged();
    test.tagging.set(test.ids, { kind: 'none' });
    test.tagging.set(test.ids.slice(0, 2), { kind: 'clear' });
    expect(test.tagging.facts()).toMatchObject({ images: 96, tagged: 94, undo: 'clear tags', redo: null });
    test.tagging.undo();
    expect(test.tagging.facts()).toMatchObject({ tagged: 96, undo: 'tag none', redo: 'clear tags' });
    test.tagging.undo();
    expect(test.tagging.facts()).toMatchObject({ tagged: 0, undo: null });
    test.tagging.redo();
    expect(test.tagging.facts()).toMatchObject({ tagged: 96 });
  });

  it('leaves no step of undo where nothing changes, and refuses what is not there', async () => {
    const test = await tagged();
    test.tagging.set([test.ids[0]!], { kind: 'none' });
    test.tagging.undo();
    test.tagging.set([test.ids[0]!], { kind: 'clear' });
    expect(test.tagging.facts()).toMatchObject({ undo: null, redo: 'tag none' });
    expect(() => test.tagging.set(['nobody'], { kind: 'none' })).toThrow('item: expected one of the project');
    expect(() => test.tagging.set([test.ids[0]!], { kind: 'toggle', class: 3 })).toThrow(
      'class: expected 0 to 2, got 3',
    );
  });

  it('replaces an imported tag, whose words undo brings back', async () => {
    const test = await tagged(true);
    const item = test.ids[1]!;
    expect(said(test, item)).toEqual([1, 0, 0]);
    test.tagging.set([item], { kind: 'toggle', class: 1 });
    expect(said(test, item)).toEqual([1, 1, 0]);
    test.tagging.undo();
    expect(said(test, item)).toEqual([1, 0, 0]);
  });
});

/** Tags on windows of an image. */
const windowsOf = ({ project }: Tagged, item: string) =>
  project.tags().flatMap(({ item: of, window, present }) => (of === item && window ? [{ window, present }] : []));

describe('tapping windows', () => {
  const at = (x: number, shown: boolean) => ({ x, y: 0, width: 4, height: 4, shown });

  it('speaks of one class, and of another in the same window when that is tapped too', async () => {
    const test = await tagged();
    const item = test.ids[0]!;
    test.tagging.setWindows(item, 0, [at(0, true), at(4, false)]);
    test.tagging.setWindows(item, 2, [at(4, true)]);
    expect(windowsOf(test, item)).toEqual([
      { window: { x: 0, y: 0, width: 4, height: 4 }, present: [1, UNKNOWN, UNKNOWN] },
      { window: { x: 4, y: 0, width: 4, height: 4 }, present: [0, UNKNOWN, 1] },
    ]);
    expect(test.tagging.facts().classes).toEqual([
      { positive: 1, negative: 1 },
      { positive: 0, negative: 0 },
      { positive: 1, negative: 0 },
    ]);
    // Once more for the first class, elsewhere: what was said of it before is gone, of the other it stays.
    test.tagging.setWindows(item, 0, [at(8, false)]);
    expect(windowsOf(test, item).map(({ window, present }) => [window.x, ...present])).toEqual([
      [4, UNKNOWN, UNKNOWN, 1],
      [8, 0, UNKNOWN, UNKNOWN],
    ]);
    test.tagging.undo();
    expect(windowsOf(test, item)).toHaveLength(2);
  });

  it('asks for a share of the training slices, the next one that is not done, the same ones after a restart', async () => {
    const test = await tagged();
    const crops = new Crops(test.project);
    crops.setPlan(1, { ...USUAL_CROPS, share: 0.1, windows: 5 });
    const training = test.project.items.filter(({ split }) => split === 'train').length;
    const first = crops.task(1, undefined, 'undone')!;
    expect(first).toMatchObject({ place: 0, done: 0, total: Math.ceil(training / 10) });
    expect(first.windows).toHaveLength(5);
    expect(new Crops(test.project).task(1, undefined, 'undone')).toEqual(first);
    const seen = new Set<string>();
    for (let next = first; ;) {
      seen.add(next.item);
      test.tagging.setWindows(
        next.item,
        1,
        next.windows.map(({ window }, i) => ({ ...window, shown: i === 0 })),
      );
      const task = crops.task(1, next.item, 'undone');
      if (!task) break;
      next = task;
    }
    expect(seen.size).toBe(first.total);
    const again = crops.task(1, first.item, 'here')!;
    expect(again.windows.map(({ shown }) => shown)).toEqual([1, 0, 0, 0, 0]);
    // Another class has slices and windows of its own to be asked.
    expect(crops.task(0, undefined, 'undone')).toMatchObject({ done: 0 });
  });
});
