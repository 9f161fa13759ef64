import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CallName, ParamsOf, ResultOf } from '../../../src-core/contract/contract.ts';
import type { HeartReport, ProjectEvaluation } from '../../../src-core/contract/results.ts';
import type { AuditRow, OutdatedMask } from '../../../src-core/contract/review.ts';
import type { PairAgreement, ReadingConflict } from '../../../src-core/contract/second-reader.ts';
import { decodeLabels } from '../../../src-core/labels/label-codec.ts';
import { encodePatch } from '../../../src-core/labels/patch-codec.ts';
import { patchOf } from '../../../src-core/labels/patch.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { noteChanges } from '../../../src-main/services/mask-changes.ts';
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
  project.close();
});
afterAll(() => rmSync(phantom.folder, { recursive: true, force: true }));

/** Anna has accepted the first three items; Ben reads them too. */
async function twoReaders(isBlind = false) {
  const folder = temporaryFolder();
  copyFileSync(join(phantom.directory, 'project.db'), join(folder, 'project.db'));
  const studio = new Studio({ host: 'serve', home: join(folder, 'home') });
  onTestFinished(() => studio.close());
  const dispatch = createDispatch(studio);
  const ask = async <Name extends CallName>(name: Name, params: ParamsOf<Name>): Promise<ResultOf<Name>> => {
    const answer = await dispatch(name, params);
    if (!answer.ok) throw new Error(answer.message);
    return answer.value as ResultOf<Name>;
  };
  await ask('settings.write', { annotator: 'Anna' });
  await ask('project.open', { directory: folder });
  const items = await ask('items.ids', { order: { by: 'file' } });
  await ask('review.decide', { items: items.slice(0, 3), decision: 'accept' });
  await ask('second.begin', { name: 'Ben', isBlind });
  const reader = 'Ben';
  /** Ben draws a square of a class on an item and accepts it. */
  const benDraws = async (item: string, label: number): Promise<void> => {
    const { mask } = await ask('review.item', { item, reader });
    const patch = encodePatch(patchOf(decodeLabels(mask!), () => label, { x: 20, y: 20, width: 9, height: 9 })!);
    await ask('review.edit', { action: 'brush', edits: [{ item, patch }], reader });
    await ask('review.decide', { items: [item], decision: 'accept', reader });
  };
  const conflicts = async (): Promise<readonly ReadingConflict[]> => {
    const { id } = await ask('second.conflicts', { reader });
    return (await ask('job.result', { id })) as readonly ReadingConflict[];
  };
  const agreement = async (): Promise<readonly PairAgreement[]> => {
    const { id } = await ask('second.agreement', {});
    return (await ask('job.result', { id })) as readonly PairAgreement[];
  };
  return { studio, ask, items, reader, benDraws, conflicts, agreement };
}

/** A run that suggests another mask of every item. */
function storeWorsePrediction(project: Project): string {
  const run = project.createRun({});
  for (const { id, width, height } of project.items) {
    const plane = { width, height, data: new Uint8Array(width * height).fill(1) };
    project.writePrediction(run, id, { score: 0.5, labels: { segmentation: plane }, values: {} });
  }
  project.updateRun(run, 'finished');
  return run;
}

describe('a second reader', () => {
  it('reads on their own: states, masks and undo stay apart from the effective ones', async () => {
    const { ask, items, reader, benDraws } = await twoReaders();
    const [item] = items as [string];
    const effective = await ask('review.item', { item });
    expect(await ask('review.item', { item, reader })).toMatchObject({ state: 'pending', isStored: false, undo: null });
    await benDraws(item, 2);
    expect(await ask('review.item', { item, reader })).toMatchObject({
      state: 'corrected',
      annotator: 'Ben',
      undo: 'accept',
    });
    expect(await ask('review.item', { item })).toEqual(effective);
    expect(await ask('second.readers', {})).toEqual([{ name: 'Ben', isBlind: false, decided: 1, both: 1 }]);
    await ask('review.undo', { item, reader });
    expect(await ask('review.item', { item })).toEqual(effective);
    expect((await ask('review.audit', { item })).map(({ annotator, action }) => `${annotator} ${action}`)).toEqual([
      'Anna accept',
      'Ben brush',
      'Ben accept',
      'Ben undo',
    ]);
  });

  it('is somebody beside the first reader, and begins on the record', async () => {
    const { ask } = await twoReaders(true);
    expect(await ask('second.firstReaders', {})).toEqual(['Anna']);
    await expect(ask('second.begin', { name: 'Anna', isBlind: true })).rejects.toThrow(
      'expected somebody beside the first reader, got "Anna"',
    );
    await ask('second.begin', { name: 'Ben', isBlind: true });
    await ask('second.begin', { name: 'Ben', isBlind: false });
    const begun = (await ask('review.audit', {})).filter(({ action }) => action === 'second reading');
    expect(begun.map(({ annotator, detail }) => [annotator, detail['blind']])).toEqual([
      ['Ben', true],
      ['Ben', false],
    ]);
  });

  it('is not told by the audit trail what the first did while they read blind', async () => {
    const { ask, items, reader, benDraws } = await twoReaders(true);
    const [item] = items as [string];
    expect(await ask('review.audit', { item, reader })).toEqual([]);
    await benDraws(item, 2);
    const actions = async () =>
      (await ask('review.audit', { item, reader })).map(({ annotator, action }) => `${annotator} ${action}`);
    expect(await actions()).toEqual(['Ben brush', 'Ben accept']);
    await ask('second.begin', { name: 'Ben', isBlind: false });
    expect(await actions()).toEqual(['Anna accept', 'Ben brush', 'Ben accept']);
  });

  it('sees what the first made only where they do not read blind, or have decided', async () => {
    const { ask, items, reader, benDraws } = await twoReaders(true);
    const [item] = items as [string];
    await expect(ask('second.first', { item, reader })).rejects.toThrow('Ben reads blind and has not decided yet');
    await benDraws(item, 2);
    expect(await ask('second.first', { item, reader })).toMatchObject({ annotator: 'Anna', state: 'accepted' });
    await ask('second.begin', { name: 'Ben', isBlind: false });
    expect(await ask('second.first', { item: items[1]!, reader })).toMatchObject({ state: 'accepted' });
  });

  it('agrees with every other reader as far as Dice, HD95 and kappa of each class say', async () => {
    const { ask, items, reader, benDraws, agreement } = await twoReaders();
    const [one, two, three] = items as [string, string, string];
    await ask('review.decide', { items: [one, two], decision: 'accept', reader });
    const [full] = await agreement();
    expect(full).toMatchObject({ first: 'Anna', second: 'Ben', slices: 2, kappa: 1, rejectedByOne: 0, items: [] });
    expect(full!.classes.map(({ dice, hd95 }) => [dice, hd95.value])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    await benDraws(three, 1);
    const [less] = await agreement();
    expect(less!.slices).toBe(3);
    expect(less!.classes[0]!.dice).toBeLessThan(1);
    expect(less!.classes[0]!.hd95.value).toBeGreaterThan(0);
    expect(less!.kappa).toBeLessThan(1);
    expect(less!.kappa).toBeGreaterThan(0.5);
    expect(less!.items).toMatchObject([{ item: three, first: 'accepted', second: 'corrected', isOpen: true }]);

    // A third reader makes two pairs more; what one of two rejected is counted and not measured.
    await ask('second.begin', { name: 'Cem', isBlind: true });
    await ask('review.decide', { items: [one, three], decision: 'accept', reader: 'Cem' });
    await ask('review.decide', { items: [two], decision: 'reject', reader: 'Cem' });
    const all = await agreement();
    expect(all.map(({ first, second, slices, rejectedByOne }) => [first, second, slices, rejectedByOne])).toEqual([
      ['Anna', 'Ben', 3, 0],
      ['Anna', 'Cem', 2, 1],
      ['Ben', 'Cem', 2, 1],
    ]);
    expect(all[2]!.items.map(({ item, disagreement, isOpen }) => [item, disagreement === 1, isOpen])).toEqual([
      [two, true, false],
      [three, false, false],
    ]);
    expect(all[2]!.classes[0]!.dice).toBeLessThan(1);
  });

  it('is measured against other people, not against their own first reading', async () => {
    const { ask, items, reader, agreement, conflicts } = await twoReaders();
    await ask('settings.write', { annotator: 'Ben' });
    await ask('review.decide', { items: [items[3]!], decision: 'accept' });
    await ask('review.decide', { items: [items[0]!], decision: 'accept', reader });
    await ask('review.decide', { items: [items[3]!], decision: 'reject', reader });
    expect((await agreement()).map(({ first, second, slices }) => [first, second, slices])).toEqual([
      ['Anna', 'Ben', 1],
    ]);
    expect(await conflicts()).toEqual([]);
    expect(await ask('second.readers', {})).toMatchObject([{ decided: 2, both: 1 }]);
  });
});

describe('who reads blind', () => {
  /** Ben, who reads blind, is at the screen; he has rejected one image that Anna accepted, and drawn on another that she has not seen. */
  async function benAlone() {
    const readers = await twoReaders(true);
    const { ask, items, reader, benDraws } = readers;
    await ask('review.decide', { items: [items[0]!], decision: 'reject', reason: 'motion', reader });
    await benDraws(items[3]!, 1);
    await ask('settings.write', { annotator: ' Ben ' });
    const asJob = async (started: { readonly id: string }): Promise<unknown> => ask('job.result', { id: started.id });
    return { ...readers, asJob };
  }

  it('is counted their own decisions only, on every screen', async () => {
    const { ask, studio } = await benAlone();
    const told: unknown[] = [];
    studio.listen((event, data) => {
      if (event === 'project') told.push(data);
    });
    const own = { blindReader: 'Ben', states: { accepted: 0, corrected: 1, rejected: 1, flagged: 0 } };
    expect(await ask('project.facts', {})).toMatchObject(own);
    const all = { blindReader: null, states: { accepted: 3, corrected: 0, rejected: 0, flagged: 0 } };
    await ask('settings.write', { annotator: 'Anna' });
    await ask('settings.write', { annotator: 'Ben' });
    await ask('second.begin', { name: 'Ben', isBlind: false });
    expect(told).toMatchObject([all, own, all]);
  });

  it('has measured in Results the masks that they made, and else the model’s', async () => {
    const { ask, items, asJob, studio } = await benAlone();
    const [hearts, reviewed] = [
      async () => (await asJob(await ask('results.hearts', {}))) as HeartReport[],
      async () =>
        (await asJob(
          await ask('results.evaluate', { sources: 'reviewed', split: 'all', largestComponent: false }),
        )) as ProjectEvaluation,
    ];
    const share = (reports: readonly HeartReport[]): number =>
      reports.flatMap(({ phases }) => phases).reduce((sum, phase) => sum + phase.reviewed, 0);
    expect((await ask('results.facts', {})).sources).toContain('reviewed');
    expect(share(await hearts())).toBe(1);
    const [own] = (await reviewed()).sources;
    expect(own!.report.counts.slices).toBe(1);
    await ask('settings.write', { annotator: 'Anna' });
    expect(share(await hearts())).toBe(3);
    expect((await reviewed()).sources[0]!.report.counts.slices).toBe(3);

    // Once nothing of their own is decided, there is nothing to measure but the model.
    await ask('review.decide', { items: [items[3]!], decision: 'reopen', reader: 'Ben' });
    await ask('settings.write', { annotator: 'Ben' });
    expect((await ask('results.facts', {})).sources).not.toContain('reviewed');
    expect(studio.blindReader).toBe('Ben');
  });

  it('gets an audit trail of their own entries as a file', async () => {
    const { ask } = await benAlone();
    const rows = JSON.parse(await ask('review.auditText', { format: 'json' })) as AuditRow[];
    expect(rows.map(({ annotator, action }) => `${annotator} ${action}`)).toEqual([
      'Ben second reading',
      'Ben reject',
      'Ben brush',
      'Ben accept',
    ]);
    const csv = await ask('review.auditText', { format: 'csv' });
    expect(csv).toContain('Ben');
    expect(csv).not.toContain('Anna');
    await ask('settings.write', { annotator: 'Anna' });
    expect(await ask('review.auditText', { format: 'csv' })).toContain('Anna');
  });

  it('is told neither how much others have reviewed nor what a run has made of it', async () => {
    const { ask, items, studio, asJob } = await benAlone();
    const run = (await ask('train.runs', {}))[0]!.id;
    const changes = { before: run, after: run, compared: 5, changed: 1, meanChange: 0.5, kept: 3, items: [] };
    noteChanges(studio.project, changes);
    expect((await ask('train.material', {})).reviewed).toBeNull();
    expect(await ask('train.correctable', {})).toMatchObject({ reviewed: null, changes: null });
    expect(await ask('train.changes', { run })).toBeNull();
    const worse = storeWorsePrediction(studio.project);
    const outdated = async () => (await asJob(await ask('review.outdated', { run: worse }))) as OutdatedMask[];
    expect((await outdated()).map(({ item }) => item)).toEqual([items[3]]);
    await ask('settings.write', { annotator: 'Anna' });
    expect((await outdated()).map(({ item }) => item).sort()).toEqual(items.slice(0, 3).sort());
    expect((await ask('train.material', {})).reviewed).not.toBeNull();
    expect(await ask('train.changes', { run })).toEqual(changes);
  });

  it('does not look at two readings at once', async () => {
    const { ask, items, reader } = await benAlone();
    const refusal = 'Ben reads blind: what other readers decided is not shown';
    await expect(ask('second.agreement', {})).rejects.toThrow(refusal);
    await expect(ask('second.conflicts', { reader })).rejects.toThrow(refusal);
    await expect(ask('second.pair', { item: items[0]!, reader })).rejects.toThrow(refusal);
    await expect(ask('second.adjudicate', { items: [items[0]!], reader, choice: 'second' })).rejects.toThrow(refusal);
  });
});

describe('adjudication', () => {
  it('makes a reading effective by a third word, keeps both, and can be undone', async () => {
    const { ask, items, reader, benDraws, conflicts, studio } = await twoReaders();
    const [agreed, differs, rejected] = items as [string, string, string];
    await ask('review.decide', { items: [agreed], decision: 'accept', reader });
    await benDraws(differs, 1);
    await ask('review.decide', { items: [rejected], decision: 'reject', reason: 'motion', reader });
    expect(await conflicts()).toMatchObject([
      { item: rejected, first: 'accepted', second: 'rejected', disagreement: 1, isOpen: true },
      { item: differs, first: 'accepted', second: 'corrected', isOpen: true },
    ]);
    const before = await ask('second.pair', { item: differs, reader });
    await ask('settings.write', { annotator: 'Clara' });
    await ask('second.adjudicate', { items: [differs, rejected], reader, choice: 'second' });
    expect(await ask('review.item', { item: differs })).toMatchObject({
      state: 'corrected',
      annotator: 'Clara',
      mask: before.second.mask,
      undo: 'adjudicate',
    });
    const supervision = await openImageData(studio.project).reviewed(differs);
    expect(supervision).toEqual(decodeLabels(before.second.mask!));
    const after = await ask('second.pair', { item: differs, reader });
    expect([after.first, after.second]).toEqual([before.first, before.second]);
    expect((await conflicts()).map(({ isOpen }) => isOpen)).toEqual([false, false]);
    await ask('review.undo', { item: differs });
    expect(await ask('second.pair', { item: differs, reader })).toEqual(before);
    expect((await conflicts()).map(({ isOpen }) => isOpen)).toEqual([true, true]);
  });

  it('has to be done again when the second reader thinks again, and leaves the first reading as it was', async () => {
    const { ask, items, reader, benDraws, conflicts } = await twoReaders();
    const [item] = items as [string];
    await benDraws(item, 1);
    const { first } = await ask('second.pair', { item, reader });
    await ask('second.adjudicate', { items: [item], reader, choice: 'second' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await ask('review.undo', { item, reader });
    await ask('review.undo', { item, reader });
    await benDraws(item, 2);
    expect(await conflicts()).toMatchObject([{ isOpen: true }]);
    await ask('second.adjudicate', { items: [item], reader, choice: 'first' });
    expect((await ask('review.item', { item })).mask).toEqual(first.mask);
    expect((await ask('second.pair', { item, reader })).first).toEqual(first);
  });

  it('keeps the first reading apart before a third is drawn by hand, and says in the audit trail what was chosen', async () => {
    const { ask, items, reader, benDraws, conflicts } = await twoReaders();
    const [item] = items as [string];
    await benDraws(item, 1);
    const { first, second } = await ask('second.pair', { item, reader });
    await ask('settings.write', { annotator: 'Clara' });
    // A patch that was made for another mask is refused, and nothing is settled by it.
    const other = { ...decodeLabels(first.mask!), data: new Uint8Array(decodeLabels(first.mask!).data.length).fill(7) };
    const wrong = encodePatch(patchOf(other, () => 3)!);
    await expect(
      ask('review.edit', { action: 'brush', edits: [{ item, patch: wrong }], adjudicates: reader }),
    ).rejects.toThrow('it was made for another mask');
    expect((await conflicts()).map(({ isOpen }) => isOpen)).toEqual([true]);
    const patch = encodePatch(patchOf(decodeLabels(first.mask!), () => 3, { x: 2, y: 2, width: 3, height: 3 })!);
    const [drawn] = await ask('review.edit', { action: 'brush', edits: [{ item, patch }], adjudicates: reader });
    expect(drawn).toMatchObject({ state: 'corrected', annotator: 'Clara', undo: 'brush' });
    expect(drawn!.mask).not.toEqual(first.mask);
    expect(await ask('second.pair', { item, reader })).toMatchObject({ first, second });
    expect((await conflicts()).map(({ isOpen }) => isOpen)).toEqual([false]);
    const trail = await ask('review.audit', { item });
    expect(trail.find(({ action }) => action === 'adjudicate')).toMatchObject({
      annotator: 'Clara',
      detail: { choice: 'present', second: 'Ben' },
    });
    // Once it is settled, nothing more is noted; undone to the beginning, it is open as before.
    await ask('review.decide', { items: [item], decision: 'accept', adjudicates: reader });
    expect((await ask('review.audit', { item })).filter(({ action }) => action === 'adjudicate')).toHaveLength(2);
    await ask('review.undo', { item });
    await ask('review.undo', { item });
    expect(await ask('second.pair', { item, reader })).toEqual({ item, first, second, adjudicated: null });
  });

  it('may begin anew with the suggestion: the first reading is kept apart, and it is open until it is decided', async () => {
    const { ask, items, reader, benDraws, conflicts } = await twoReaders();
    const [item] = items as [string];
    await benDraws(item, 1);
    const { first, second } = await ask('second.pair', { item, reader });
    await ask('settings.write', { annotator: 'Clara' });
    const [anew] = await ask('review.startOver', { items: [item], adjudicates: reader });
    expect(anew).toMatchObject({ state: 'pending', isStored: false, undo: 'start over' });
    expect(await ask('second.pair', { item, reader })).toMatchObject({ first, second });
    expect((await conflicts()).map(({ isOpen }) => isOpen)).toEqual([true]);
    await ask('review.decide', { items: [item], decision: 'accept', adjudicates: reader });
    expect((await conflicts()).map(({ isOpen }) => isOpen)).toEqual([false]);
    for (let step = 0; step < 3; step++) await ask('review.undo', { item });
    expect(await ask('second.pair', { item, reader })).toEqual({ item, first, second, adjudicated: null });
  });

  it('may accept all below an uncertainty: what both had decided is brought together by it', async () => {
    const { ask, items, reader, benDraws, conflicts } = await twoReaders();
    const [item] = items as [string];
    await benDraws(item, 1);
    const { first } = await ask('second.pair', { item, reader });
    await ask('settings.write', { annotator: 'Clara' });
    await ask('review.startOver', { items: [item], adjudicates: reader });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await benDraws(item, 2);
    const { volume } = (await ask('items.rows', { items: [item] }))[0]!;
    const below = { volume, threshold: 1 };
    const { covered } = await ask('review.previewBelow', below);
    expect(covered.map((each) => each.item)).toContain(item);
    await ask('review.acceptBelow', { ...below, items: covered.map((each) => each.item), adjudicates: reader });
    expect(await ask('review.item', { item })).toMatchObject({ state: 'accepted', annotator: 'Clara' });
    expect((await ask('second.pair', { item, reader })).first).toEqual(first);
    expect((await conflicts()).map(({ isOpen }) => isOpen)).toEqual([false]);
    const chosen = (await ask('review.audit', { item })).filter(({ action }) => action === 'adjudicate');
    expect(chosen.at(-1)).toMatchObject({ annotator: 'Clara', detail: { choice: 'present', second: 'Ben' } });
  });

  it('is refused where one of the two has not decided', async () => {
    const { ask, items, reader } = await twoReaders();
    await expect(ask('second.adjudicate', { items: [items[0]!], reader, choice: 'first' })).rejects.toThrow(
      `${items[0]}: the second reader has not decided yet (pending), so there is nothing to choose from`,
    );
    await expect(ask('second.begin', { name: ' ', isBlind: true })).rejects.toThrow('second.begin');
    await expect(ask('second.pair', { item: items[0]!, reader: 'Zoe' })).rejects.toThrow(
      'expected one of Ben, got "Zoe"',
    );
  });
});
