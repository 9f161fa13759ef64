import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { decodeLabels } from '../../../src-core/labels/label-codec.ts';
import { patchBetween, patchOf, type LabelPatch } from '../../../src-core/labels/patch.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { Project } from '../../../src-main/services/project.ts';
import { Review } from '../../../src-main/services/review.ts';
import { putInUse, runInUse } from '../../../src-main/services/run-in-use.ts';
import { readAudit } from '../../../src-main/storage/audit-store.ts';
import { temporaryFolder } from '../../support/source-folders.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../support/predicted-project.ts';

const MODULES = join(import.meta.dirname, '../../../src-main/services');
let phantom: PhantomProject;

beforeAll(async () => {
  phantom = await phantomProject({}, { patients: 2, slices: 4 });
});
afterAll(() => rmSync(phantom.folder, { recursive: true, force: true }));

/** A project with predictions of one run for all its items but the last, and a reader of it. */
async function reviewed(): Promise<{ project: Project; review: Review; items: string[] }> {
  const project = openAgain();
  project.database
    .exec(`DELETE FROM edits; DELETE FROM gestures; DELETE FROM readings; DELETE FROM audit; DELETE FROM label_maps;
    DELETE FROM value_maps; DELETE FROM predictions; DELETE FROM runs; DELETE FROM settings; UPDATE items SET state = 'pending'`);
  project.forgetItems();
  const items = project.items.map(({ id }) => id);
  await storePredictions(project, ({ id }) => id !== items.at(-1));
  return { project, review: new Review(project, { annotator: 'Anna' }), items };
}

function openAgain(): Project {
  const project = Project.open(phantom.directory);
  onTestFinished(() => project.close());
  return project;
}

function maskOf(review: Review, item: string): LabelPlane {
  return decodeLabels(review.item(item).mask!);
}

/** A stroke over a square of the present mask. */
function stroke(review: Review, item: string, label: number, at = 0, side = 3): LabelPatch {
  const patch = patchOf(maskOf(review, item), () => label, { x: at, y: at, width: side, height: side });
  if (!patch) throw new Error('expected the stroke to change something');
  return patch;
}

describe('review of an item', () => {
  it('shows the suggested mask until the reader has one', async () => {
    const { review, items, project } = await reviewed();
    expect(review.item(items[0]!)).toMatchObject({
      state: 'pending',
      isStored: false,
      suggestion: { run: 'run-001', kind: 'segmentation' },
      undo: null,
      redo: null,
    });
    expect(maskOf(review, items[0]!)).toEqual(project.readLabelMap(items[0]!, 'segmentation', 'run-001'));
    expect(review.item(items.at(-1)!)).toMatchObject({ mask: null, base: null, suggestion: null });
  });

  it('keeps the suggestion as reviewed when it is accepted, and training sees it', async () => {
    const { review, items, project } = await reviewed();
    const suggested = maskOf(review, items[0]!);
    expect(review.decide([items[0]!], 'accept')).toBe(true);
    expect(review.item(items[0]!)).toMatchObject({
      state: 'accepted',
      isStored: true,
      annotator: 'Anna',
      undo: 'accept',
    });
    expect(await openImageData(project).reviewed(items[0]!)).toEqual(suggested);
    expect(project.items[0]!.state).toBe('accepted');
    expect(review.decide([items[0]!], 'accept')).toBe(false);
  });

  it('keeps what the mask began as beside what a person made of it', async () => {
    const { review, items } = await reviewed();
    const [item] = items as [string];
    const suggested = maskOf(review, item);
    review.edit('brush', [{ item, patch: stroke(review, item, 1) }]);
    expect(review.item(item)).toMatchObject({ state: 'pending', isStored: true });
    review.decide([item], 'accept');
    const { state, mask, base } = review.item(item);
    expect(state).toBe('corrected');
    expect(decodeLabels(base!)).toEqual(suggested);
    const changed = patchBetween(decodeLabels(base!), decodeLabels(mask!))!.runs;
    expect(changed.reduce((sum, { length }) => sum + length, 0)).toBe(9);
  });

  it('makes an accepted mask a corrected one when it is changed, and accepted again when that is undone', async () => {
    const { review, items } = await reviewed();
    const [item] = items as [string];
    review.decide([item], 'accept');
    review.edit('brush', [{ item, patch: stroke(review, item, 1) }]);
    expect(review.item(item).state).toBe('corrected');
    review.undo(item);
    expect(review.item(item).state).toBe('accepted');
  });

  it('takes a reason with a rejection, and can be reopened or begun again', async () => {
    const { review, items } = await reviewed();
    const [item] = items as [string];
    review.decide([item], 'reject', 'motion');
    expect(review.item(item)).toMatchObject({ state: 'rejected', reason: 'motion', isStored: false });
    review.decide([item], 'reopen');
    expect(review.item(item)).toMatchObject({ state: 'pending', reason: '' });
    review.edit('brush', [{ item, patch: stroke(review, item, 1) }]);
    review.startOver([item]);
    expect(review.item(item)).toMatchObject({ state: 'pending', isStored: false, undo: 'start over' });
    review.undo(item);
    expect(review.item(item)).toMatchObject({ isStored: true, undo: 'brush' });
  });

  it('draws on nothing where nothing is suggested, but does not accept nothing', async () => {
    const { review, items, project } = await reviewed();
    const item = items.at(-1)!;
    expect(() => review.decide([item], 'accept')).toThrow(`${item}: there is no suggested mask to accept`);
    const { width, height } = project.itemSize(item);
    const empty = { width, height, data: new Uint8Array(width * height) };
    review.edit('polygon', [{ item, patch: patchOf(empty, () => 2, { x: 1, y: 1, width: 2, height: 2 })! }]);
    review.decide([item], 'accept');
    expect(review.item(item)).toMatchObject({ state: 'corrected', suggestion: null });
    expect(maskOf(review, item).data.filter((label) => label === 2)).toHaveLength(4);
  });

  it('refuses a change that was made for another mask, and keeps all as it was', async () => {
    const { review, items } = await reviewed();
    const [item, other] = items as [string, string];
    const stale = stroke(review, item, 1);
    review.edit('brush', [{ item, patch: stale }]);
    const before = review.item(item);
    const fine = { item: other, patch: stroke(review, other, 1) };
    expect(() => review.edit('brush', [fine, { item, patch: stale }])).toThrow('it was made for another mask');
    expect(() => review.edit('brush', [fine, fine])).toThrow('items: expected each only once in a gesture');
    expect(review.item(item)).toEqual(before);
    expect(review.item(other)).toMatchObject({ isStored: false, undo: null });
  });

  it('changes several slices as one step, and names the slice that has to be undone first', async () => {
    const { review, items } = await reviewed();
    const [a, b] = items as [string, string];
    review.edit(
      'copy to phases',
      [a, b].map((item) => ({ item, patch: stroke(review, item, 1) })),
    );
    review.edit('brush', [{ item: b, patch: stroke(review, b, 2, 5) }]);
    expect(review.undo(a)).toEqual({
      kind: 'blocked',
      item: b,
      message: `"copy to phases" also changed ${b}, which was changed again later: undo there first.`,
    });
    review.undo(b);
    expect(review.undo(a)).toMatchObject({ kind: 'done', action: 'copy to phases' });
    expect([a, b].map((item) => review.item(item).isStored)).toEqual([false, false]);
  });
});

describe('undo and closing', () => {
  it('shows the undone state after the project is opened again, and can redo it', async () => {
    const { review, items, project } = await reviewed();
    const [item] = items as [string];
    review.edit('brush', [{ item, patch: stroke(review, item, 1) }]);
    const once_ = review.item(item);
    review.edit('eraser', [{ item, patch: stroke(review, item, 0) }]);
    review.decide([item], 'accept');
    const end = review.item(item);
    review.undo(item);
    review.undo(item);
    project.close();
    const again = new Review(openAgain(), { annotator: 'Anna' });
    expect(again.item(item)).toMatchObject({ mask: once_.mask, state: 'pending', undo: 'brush', redo: 'eraser' });
    again.redo(item);
    again.redo(item);
    expect(again.item(item)).toEqual(end);
    for (let i = 0; i < 3; i++) again.undo(item);
    expect(again.item(item)).toMatchObject({ isStored: false, state: 'pending', annotator: '', undo: null });
  });

  it('keeps as much history as is set, and the mask whatever is dropped', async () => {
    const { review, items, project } = await reviewed();
    project.setSetting('undo-bytes', 2000);
    const [item] = items as [string];
    for (let i = 0; i < 20; i++) review.edit('brush', [{ item, patch: stroke(review, item, 1 + (i % 2)) }]);
    const last = review.item(item);
    let steps = 0;
    while (review.undo(item).kind === 'done') steps++;
    expect(steps).toBeGreaterThan(0);
    expect(steps).toBeLessThan(10);
    while (review.redo(item).kind === 'done');
    expect(review.item(item)).toEqual(last);
  });
});

describe('a new prediction', () => {
  it('never touches what a person accepted or began, and is offered for the rest', async () => {
    const { review, items, project } = await reviewed();
    const [accepted, begun, untouched] = items as [string, string, string];
    review.decide([accepted], 'accept');
    review.edit('brush', [{ item: begun, patch: stroke(review, begun, 1) }]);
    const before = [accepted, begun].map((item) => review.item(item));
    const run = project.createRun({});
    expect(runInUse(project)).toBe('run-001');
    for (const item of items) {
      const { width, height } = project.itemSize(item);
      const pseudo = { width, height, data: new Uint8Array(width * height).fill(2) };
      project.writePrediction(run, item, { score: 1, labels: { pseudo }, values: {} });
    }
    putInUse(project, run);
    expect([accepted, begun].map((item) => review.item(item))).toEqual(before);
    expect(review.item(untouched)).toMatchObject({ suggestion: { run, kind: 'pseudo' } });
    expect(maskOf(review, untouched).data.every((label) => label === 2)).toBe(true);
  });

  it('can only be put in use where there is one', async () => {
    const { project } = await reviewed();
    const run = project.createRun({});
    expect(() => putInUse(project, run)).toThrow(`${run} has predicted nothing yet`);
    expect(() => putInUse(project, 'run-009')).toThrow('run: expected one of run-001, run-002, got "run-009"');
    expect(runInUse(project)).toBe('run-001');
  });
});

describe('the audit trail', () => {
  it('holds every decision and change, who made it and what it was about, undo included', async () => {
    const { review, items, project } = await reviewed();
    const [item, other] = items as [string, string];
    review.edit('brush', [{ item, patch: stroke(review, item, 1) }]);
    review.decide([item, other], 'reject', 'motion');
    review.undo(item);
    const source = { run: 'run-001', suggestion: 'segmentation' };
    const rejected = { from: 'pending', to: 'rejected', reason: 'motion', pixels: 0 };
    expect([...readAudit(project.database)]).toMatchObject([
      { annotator: 'Anna', action: 'brush', item, detail: { from: 'pending', to: 'pending', pixels: 9, ...source } },
      { annotator: 'Anna', action: 'reject', item, detail: { ...rejected, ...source } },
      { annotator: 'Anna', action: 'reject', item: other, detail: rejected },
      { annotator: 'Anna', action: 'undo', item, detail: { action: 'reject', from: 'rejected', to: 'pending' } },
      { annotator: 'Anna', action: 'undo', item: other, detail: { action: 'reject', from: 'rejected', to: 'pending' } },
    ]);
    expect([...readAudit(project.database, other)]).toHaveLength(2);
  });
});

describe('a process that is killed while somebody draws', () => {
  it('loses at most the stroke in hand, and keeps undo whole', async () => {
    const { review, items, project } = await reviewed();
    const [item] = items as [string];
    const clean = review.item(item).mask;
    project.close();
    // Draws in turn 1 and 2 over a square, and says so once each stroke is saved.
    const code = `const { Project } = await import(${JSON.stringify(join(MODULES, 'project.ts'))});
      const { Review } = await import(${JSON.stringify(join(MODULES, 'review.ts'))});
      const { decodeLabels } = await import(${JSON.stringify(join(MODULES, '../../src-core/labels/label-codec.ts'))});
      const { patchOf } = await import(${JSON.stringify(join(MODULES, '../../src-core/labels/patch.ts'))});
      const { writeSync } = await import('node:fs');
      const review = new Review(Project.open(${JSON.stringify(phantom.directory)}), { annotator: 'Anna' });
      const item = ${JSON.stringify(item)};
      for (let i = 0; ; i++) {
        const mask = decodeLabels(review.item(item).mask);
        const label = mask.data[0] === 1 ? 2 : 1;
        review.edit('brush', [{ item, patch: patchOf(mask, () => label, { x: 0, y: 0, width: 20, height: 20 }) }]);
        writeSync(1, '.');
      }`;
    let told = 0;
    for (const delay of [1, 7, 20, 55, 3]) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      child.stdout.on('data', (dots: Buffer) => (told += dots.length));
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      await once(child, 'close');
      const again = openAgain();
      const kept = Number(again.database.prepare('SELECT count(*) AS n FROM gestures').get()?.['n']);
      expect(kept - told).toBeOneOf([0, 1]);
      expect(again.database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      expect(decodeLabels(new Review(again, { annotator: 'Anna' }).item(item).mask!).data[0]).toBe(
        kept % 2 === 1 ? 1 : 2,
      );
      told = kept;
      again.close();
    }
    const last = new Review(openAgain(), { annotator: 'Anna' });
    let undone = 0;
    while (last.undo(item).kind === 'done') undone++;
    expect(undone).toBe(told);
    expect(last.item(item).mask).toEqual(clean);
  });
});

describe('a full disk in the middle of a gesture', () => {
  it('is named; the mask, its history and what is drawn later stay whole', async () => {
    const { review, items, project } = await reviewed();
    const [a, b] = items as [string, string];
    review.edit('brush', [{ item: a, patch: stroke(review, a, 1) }]);
    const before = review.item(a);
    const noise = patchOf(maskOf(review, b), (i) => ((i * 7919) % 5) % 4, undefined)!;
    project.database.exec('VACUUM');
    const pages = Number(project.database.prepare('PRAGMA page_count').get()?.['page_count']);
    project.database.exec(`PRAGMA max_page_count = ${pages}`);
    const draw = (): boolean =>
      review.edit('brush', [
        { item: a, patch: stroke(review, a, 2) },
        { item: b, patch: noise },
      ]);
    expect(draw).toThrow(
      `The disk that holds ${phantom.directory} is full: free some space and try again; nothing was half-written.`,
    );
    expect(review.item(a)).toEqual(before);
    expect(review.item(b)).toMatchObject({ isStored: false, undo: null });
    project.database.exec('PRAGMA max_page_count = 1073741823');
    expect(draw()).toBe(true);
    review.undo(b);
    expect(review.item(a)).toEqual({ ...before, redo: 'brush' });
  });

  it('of a real small disk stops strokes, loses none of those before, and goes on once there is room', async (context) => {
    const { review, items, project } = await reviewed();
    const [item] = items as [string];
    const clean = review.item(item);
    project.close();
    const small = temporaryFolder('unia-full-');
    const mount = (options: string): void =>
      void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', small], { stdio: 'ignore' });
    try {
      mount('size=2m');
    } catch {
      context.skip('no right to mount a small disk here');
    }
    try {
      copyFileSync(join(phantom.directory, 'project.db'), join(small, 'project.db'));
      const full = Project.open(small);
      const drawing = new Review(full, { annotator: 'Anna' });
      let saved = 0;
      const draw = (): void => {
        const label = 1 + (saved % 2);
        const patch = patchOf(maskOf(drawing, item), (i) => (i % 2 ? label : 3 - label), undefined)!;
        drawing.edit('brush', [{ item, patch }]);
        saved++;
      };
      expect(() => {
        for (;;) draw();
      }).toThrow(`The disk that holds ${small} is full: free some space and try again; nothing was half-written.`);
      expect(saved).toBeGreaterThan(10);
      mount('remount,size=8m');
      draw();
      full.close();
      const again = Project.open(small);
      const late = new Review(again, { annotator: 'Anna' });
      let undone = 0;
      while (late.undo(item).kind === 'done') undone++;
      expect(undone).toBe(saved);
      expect(late.item(item).mask).toEqual(clean.mask);
      again.close();
    } finally {
      execFileSync('umount', [small]);
    }
  });
});
