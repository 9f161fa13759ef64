import { copyFileSync, openSync, rmSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CallName, ParamsOf, ResultOf } from '../../../src-core/contract/contract.ts';
import type { ReviewedEvent } from '../../../src-core/contract/review.ts';
import { decodeLabels } from '../../../src-core/labels/label-codec.ts';
import { encodePatch } from '../../../src-core/labels/patch-codec.ts';
import { patchOf } from '../../../src-core/labels/patch.ts';
import { undoBudget } from '../../../src-main/services/gestures.ts';
import { Project } from '../../../src-main/services/project.ts';
import { createDispatch } from '../../../src-main/services/studio/dispatch.ts';
import { Studio } from '../../../src-main/services/studio/studio.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../support/predicted-project.ts';
import { temporaryFolder } from '../../support/source-folders.ts';

let phantom: PhantomProject;

beforeAll(async () => {
  phantom = await phantomProject({}, { patients: 2, slices: 4 });
  const project = Project.open(phantom.directory);
  await storePredictions(project);
  project.database.exec('UPDATE predictions SET score = item / 100.0');
  project.close();
});
afterAll(() => rmSync(phantom.folder, { recursive: true, force: true }));

/** The services over a fresh copy of the project, as screens ask them. */
async function openStudio() {
  const folder = temporaryFolder();
  copyFileSync(join(phantom.directory, 'project.db'), join(folder, 'project.db'));
  const studio = new Studio({ host: 'serve', home: join(folder, 'home') });
  onTestFinished(() => studio.close());
  const dispatch = createDispatch(studio);
  const events: ReviewedEvent[] = [];
  studio.listen((name, data) => {
    if (name === 'reviewed') events.push(data as ReviewedEvent);
  });
  const ask = async <Name extends CallName>(name: Name, params: ParamsOf<Name>): Promise<ResultOf<Name>> => {
    const answer = await dispatch(name, params);
    if (!answer.ok) throw new Error(`${answer.kind}: ${answer.message}`);
    return answer.value as ResultOf<Name>;
  };
  await ask('settings.write', { annotator: 'Anna' });
  await ask('project.open', { directory: folder });
  return { folder, studio, ask, events };
}

describe('review over the contract', () => {
  it('goes from the queue to a corrected mask and back, and tells every screen', async () => {
    const { ask, events } = await openStudio();
    const { rows, total } = await ask('items.page', { offset: 0, limit: 5 });
    expect(total).toBe(16);
    const { id } = rows[0]!;
    const { mask } = await ask('review.item', { item: id });
    const patch = encodePatch(patchOf(decodeLabels(mask!), () => 1, { x: 0, y: 0, width: 4, height: 4 })!);
    const [edited] = await ask('review.edit', { action: 'brush', edits: [{ item: id, patch }] });
    expect(edited).toMatchObject({ state: 'pending', annotator: 'Anna', undo: 'brush', isStored: true });
    await ask('review.decide', { items: [id], decision: 'accept' });
    expect((await ask('project.facts', {}))!.states).toMatchObject({ corrected: 1, pending: 15 });
    expect(await ask('items.next', { item: id, undone: true })).toBe(rows[1]!.id);
    await ask('review.undo', { item: id });
    const undone = await ask('review.undo', { item: id });
    expect(undone).toMatchObject({ kind: 'done', action: 'brush', items: [{ item: id, mask, redo: 'brush' }] });
    expect(await ask('review.undo', { item: id })).toEqual({ kind: 'nothing' });
    expect(events.map(({ items }) => items[0]?.state)).toEqual(['pending', 'corrected', 'pending', 'pending']);
    await expect(
      ask('review.edit', { action: 'brush', edits: [{ item: id, patch: Uint8Array.of(1, 2) }] }),
    ).rejects.toThrow('failure: stored patch: expected a header');
  });

  it('accepts the certain slices of a volume after showing which, and only those', async () => {
    const { ask } = await openStudio();
    const { rows } = await ask('items.page', { order: { by: 'file' }, offset: 0, limit: 4 });
    const [a, b, c, d] = rows.map(({ id }) => id) as [string, string, string, string];
    const { volume } = rows[0]!;
    await ask('review.decide', { items: [a], decision: 'reject' });
    const preview = await ask('review.previewBelow', { volume, threshold: 0.035 });
    expect(preview).toEqual({
      covered: [
        { item: c, slice: 2, score: 0.03 },
        { item: b, slice: 1, score: 0.02 },
      ],
      above: [{ item: d, slice: 3, score: 0.04 }],
      leftAlone: [{ item: a, slice: 0, state: 'rejected' }],
      withoutSuggestion: 0,
    });
    await expect(ask('review.acceptBelow', { volume, threshold: 0.035, items: [b, c, d] })).rejects.toThrow(
      'what would be accepted has changed since it was shown (3 images then, 2 now); look again',
    );
    await ask('review.acceptBelow', { volume, threshold: 0.035, items: [b, c] });
    const states = async () =>
      (await ask('items.page', { order: { by: 'file' }, offset: 0, limit: 4 })).rows.map(({ state }) => state);
    expect(await states()).toEqual(['rejected', 'accepted', 'accepted', 'pending']);
    expect(await ask('review.undo', { item: b })).toMatchObject({ kind: 'done', action: 'accept all below' });
    expect(await states()).toEqual(['rejected', 'pending', 'pending', 'pending']);
  });

  it('tells which reviewed masks a new run would draw otherwise, and changes none', async () => {
    const { ask, studio } = await openStudio();
    const ids = await ask('items.ids', { order: { by: 'file' } });
    await ask('review.decide', { items: ids.slice(0, 3), decision: 'accept' });
    const { project } = studio;
    const run = project.createRun({});
    for (const [i, item] of ids.entries()) {
      const pseudo = project.readLabelMap(item, 'segmentation', 'run-001')!;
      const data = i === 1 ? pseudo.data.map((label) => (label === 1 ? 2 : label)) : pseudo.data;
      project.writePrediction(run, item, { score: 1, labels: { pseudo: { ...pseudo, data } }, values: {} });
    }
    await ask('review.putInUse', { run });
    expect((await ask('project.facts', {}))!.runInUse).toBe(run);
    const job = await ask('review.outdated', { run });
    const before = await ask('review.item', { item: ids[1]! });
    expect(await ask('job.result', { id: job.id })).toMatchObject([{ item: ids[1], state: 'accepted' }]);
    expect(await ask('review.item', { item: ids[1]! })).toEqual(before);
    expect(before.suggestion).toEqual({ run: 'run-001', kind: 'segmentation' });
  });

  it('remembers where each annotator left', async () => {
    const { ask, folder } = await openStudio();
    expect(await ask('review.position', {})).toBeNull();
    const [id] = await ask('items.ids', {});
    await ask('review.leave', { item: id!, view: { zoom: 2 } });
    await ask('project.close', {});
    await ask('project.open', { directory: folder });
    expect(await ask('review.position', {})).toEqual({ item: id, view: { zoom: 2 } });
    await ask('settings.write', { annotator: 'Ben' });
    expect(await ask('review.position', {})).toBeNull();
  });

  it('keeps 64 MB of history an item, or as much as is set, and says so', async () => {
    const { studio, ask } = await openStudio();
    expect((await ask('storage.facts', {})).undoBytes).toBe(64 * 2 ** 20);
    expect(undoBudget(studio.project)).toBe(64 * 2 ** 20);
    expect((await ask('storage.setUndo', { bytes: 2 * 2 ** 20 })).undoBytes).toBe(2 * 2 ** 20);
    expect(undoBudget(studio.project)).toBe(2 * 2 ** 20);
  });

  it('gives the audit trail as rows and as files', async () => {
    const { ask } = await openStudio();
    const [id] = await ask('items.ids', { order: { by: 'file' } });
    await ask('review.decide', { items: [id!], decision: 'reject', reason: '=cmd|"x", motion' });
    const [entry] = await ask('review.audit', { item: id! });
    expect(entry).toMatchObject({ annotator: 'Anna', action: 'reject', detail: { to: 'rejected' } });
    const csv = (await ask('review.auditText', { format: 'csv' })).split('\n');
    expect(csv[0]).toBe('number,at,annotator,action,item,from,to,reason,pixels,detail');
    expect(csv[1]).toContain(`,Anna,reject,${id},pending,rejected,"'=cmd|""x"", motion",0,{}`);
    expect(JSON.parse(await ask('review.auditText', { format: 'json' }))).toEqual([entry]);
  });
});

describe('a project that goes bad under review', () => {
  it('says that it is damaged where its file was overwritten', async () => {
    const { folder, studio, ask } = await openStudio();
    await ask('project.close', {});
    const file = openSync(join(folder, 'project.db'), 'r+');
    writeSync(file, new Uint8Array(200_000).fill(7), 0, 200_000, 4096);
    closeSync(file);
    await expect(
      (async () => {
        await ask('project.open', { directory: folder });
        await ask('items.page', { offset: 0, limit: 10 });
      })(),
    ).rejects.toThrow(`damaged: ${folder}/project.db is damaged or is no database.`);
    expect(studio.hasProject).toBe(false);
  });

  it('refuses a reader, item or volume that is not there', async () => {
    const { ask } = await openStudio();
    await expect(ask('review.item', { item: 'x' })).rejects.toThrow('item: expected one of the project, got "x"');
    await expect(ask('review.previewBelow', { volume: 'x', threshold: 1 })).rejects.toThrow(
      'volume: expected one of the project',
    );
    await expect(ask('items.page', { reader: 'Ben', offset: 0, limit: 1 })).rejects.toThrow(
      'reader: expected one of (none yet)',
    );
  });

  it('keeps on reviewing where a source image has vanished', async () => {
    const { ask, folder } = await openStudio();
    const database = new DatabaseSync(join(folder, 'project.db'));
    expect(database.prepare('SELECT count(*) AS n FROM sources').get()).not.toEqual({ n: 0 });
    database.exec(`UPDATE sources SET absolute_path = '/nowhere/' || number, relative_path = 'gone ' || number`);
    database.close();
    const [id] = await ask('items.ids', {});
    expect(await ask('review.decide', { items: [id!], decision: 'accept' })).toMatchObject([{ state: 'accepted' }]);
  });
});
