// What opening, listing and saving cost in large projects, without pictures.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ITEM_LIST } from '../../src-core/contract/items.ts';
import { decodeLabels, encodeLabels } from '../../src-core/labels/label-codec.ts';
import { patchOf } from '../../src-core/labels/patch.ts';
import { ItemLists } from '../../src-main/services/item-lists.ts';
import { Project } from '../../src-main/services/project.ts';
import { Review } from '../../src-main/services/review.ts';
import { projectFacts } from '../../src-main/services/studio/project-facts.ts';
import { writeLargeProject } from '../support/large-project.ts';

/** One measured time, ms. */
export interface ProjectTime {
  readonly name: string;
  readonly ms: number;
}

const SIDE = 512;
const STROKES = 200;

/** Times of projects with 20 000 and 100 000 items, and of saving strokes. */
export function projectTimes(): ProjectTime[] {
  return [20_000, 100_000].flatMap(timesOf);
}

function timesOf(items: number): ProjectTime[] {
  const folder = mkdtempSync(join(tmpdir(), 'unia bench '));
  const times: ProjectTime[] = [];
  const time = <Result>(name: string, run: () => Result): Result => {
    const start = performance.now();
    const result = run();
    times.push({ name: `${items} items: ${name}`, ms: performance.now() - start });
    return result;
  };
  try {
    writeLargeProject(folder, items);
    const queue = ITEM_LIST.parse({});
    const { project, lists } = time('open, count, first rows of the queue', () => {
      const project = Project.open(folder);
      projectFacts(project, '');
      const lists = new ItemLists(project);
      lists.page(queue, 0, 100);
      return { project, lists };
    });
    const first = lists.page(queue, 0, 1).rows[0]!.id;
    time('rows in the middle of a list', () => lists.page(queue, items / 2, 100));
    time('next undone', () => lists.next(queue, { item: first, direction: 'next', undone: true }));
    time('accept, next undone, rows', () => {
      new Review(project, { annotator: 'Anna' }).decide([first], 'accept');
      lists.next(queue, { item: first, direction: 'next', undone: true });
      lists.page(queue, 0, 100);
    });
    const text = ITEM_LIST.parse({ filter: { text: 'patient0077' }, order: { by: 'file' } });
    time('search by text', () => lists.page(text, 0, 100));
    const folders = ITEM_LIST.parse({ order: { by: 'folder' } });
    time('group by folder', () => [lists.groups(folders), lists.page(folders, 0, 100)]);
    if (items === 20_000) times.push(strokeTime(project));
    project.close();
    return times;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Median of saving a stroke of 30 pixels' radius with its undo and audit, on the disk. */
function strokeTime(project: Project): ProjectTime {
  project.database.exec(`UPDATE volumes SET width = ${SIDE}, height = ${SIDE}`);
  const mask = encodeLabels({ width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE) });
  project.database.prepare('UPDATE label_maps SET data = ? WHERE item = 1').run(mask);
  const review = new Review(project, { annotator: 'Anna' });
  const item = project.itemId(1);
  const times: number[] = [];
  for (let i = 0; i < STROKES; i++) {
    const labels = decodeLabels(review.item(item).mask!);
    const isInside = (x: number, y: number): boolean => (x - 200) ** 2 + (y - 200 - (i % 50)) ** 2 < 900;
    const patch = patchOf(labels, (index, x, y) => (isInside(x, y) ? 1 + (i % 2) : labels.data[index]!))!;
    const start = performance.now();
    review.edit('brush', [{ item, patch }]);
    times.push(performance.now() - start);
  }
  return { name: `save a stroke at ${SIDE} x ${SIDE}, median`, ms: times.toSorted((a, b) => a - b)[STROKES / 2]! };
}
