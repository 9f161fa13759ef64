// What a screen hears of a project that cannot be used, or that goes bad while it is open; and that nothing is lost by it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CallName, ParamsOf, ResultOf } from '../../../src-core/contract/contract.ts';
import type { ProjectFacts } from '../../../src-core/contract/project.ts';
import { decodeLabels } from '../../../src-core/labels/label-codec.ts';
import { encodePatch } from '../../../src-core/labels/patch-codec.ts';
import { patchOf } from '../../../src-core/labels/patch.ts';
import { Project } from '../../../src-main/services/project.ts';
import { Review } from '../../../src-main/services/review.ts';
import { createDispatch } from '../../../src-main/services/studio/dispatch.ts';
import { Studio } from '../../../src-main/services/studio/studio.ts';
import { SCHEMA_VERSION } from '../../../src-main/storage/schema.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../support/predicted-project.ts';
import { makeReadOnly } from '../../support/read-only-folder.ts';
import { temporaryFolder } from '../../support/source-folders.ts';

const PROJECT_MODULE = join(import.meta.dirname, '../../../src-main/services/project.ts');
let phantom: PhantomProject;

beforeAll(async () => {
  phantom = await phantomProject({}, { patients: 2, slices: 3 });
  const project = Project.open(phantom.directory);
  await storePredictions(project);
  project.close();
});
afterAll(() => rmSync(phantom.folder, { recursive: true, force: true }));

type Answer<Name extends CallName> = { ok: true; value: ResultOf<Name> } | { ok: false; kind: string; message: string };

/** A copy of the phantom with its project, which is open, and another copy to go wrong. */
async function twoProjects() {
  const folder = temporaryFolder();
  for (const name of ['good', 'bad']) cpSync(phantom.folder, join(folder, name), { recursive: true });
  const [good, bad] = ['good', 'bad'].map((name) => join(folder, name, 'project')) as [string, string];
  const studio = new Studio({ host: 'serve', home: join(folder, 'home') });
  onTestFinished(() => studio.close());
  const dispatch = createDispatch(studio);
  const answer = async <Name extends CallName>(name: Name, params: ParamsOf<Name>): Promise<Answer<Name>> =>
    (await dispatch(name, params)) as Answer<Name>;
  const ask = async <Name extends CallName>(name: Name, params: ParamsOf<Name>): Promise<ResultOf<Name>> => {
    const given = await answer(name, params);
    if (!given.ok) throw new Error(`${given.kind}: ${given.message}`);
    return given.value;
  };
  await ask('project.open', { directory: good });
  /** Opening the bad one fails so, and the good one stays open and whole. */
  const refuses = async (kind: string, message: string): Promise<void> => {
    expect(await answer('project.open', { directory: bad })).toEqual({ ok: false, kind, message });
    expect((await ask('project.facts', {}))?.directory).toBe(good);
    const [item] = await ask('items.ids', {});
    expect(await ask('review.decide', { items: [item!], decision: 'flag' })).toMatchObject([{ state: 'flagged' }]);
  };
  return { folder, good, bad, studio, ask, answer, refuses };
}

describe('opening another project while one is open', () => {
  it('that is missing', async () => {
    const { bad, refuses } = await twoProjects();
    rmSync(bad, { recursive: true });
    await refuses(
      'not-a-project',
      `${bad} is no project: it has no project.db. A project is made by importing images.`,
    );
  });

  it('that another process has open', async () => {
    const { bad, refuses } = await twoProjects();
    const code = `const { Project } = await import(${JSON.stringify(PROJECT_MODULE)});
      Project.open(${JSON.stringify(bad)}); console.log('open'); setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    await refuses(
      'in-use',
      `${bad} is open for writing in another process (process ${child.pid} on ${hostname()}). Close it there first.`,
    );
  });

  it('that a newer version made', async () => {
    const { bad, refuses } = await twoProjects();
    const database = new DatabaseSync(join(bad, 'project.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(join(bad, 'project.db'));
    const versions = `its format is 99, this program knows up to ${SCHEMA_VERSION}`;
    await refuses(
      'newer-version',
      `${bad} was made by a newer version: ${versions}. It was not touched; update the program to open it.`,
    );
    expect(readFileSync(join(bad, 'project.db'))).toEqual(before);
  });

  it('that is damaged: cut off, or another file', async () => {
    const { bad, refuses } = await twoProjects();
    truncateSync(join(bad, 'project.db'), 20_000);
    await refuses('damaged', `${bad}/project.db is damaged or is no database.`);
    writeFileSync(join(bad, 'project.db'), 'not a database at all, but a text '.repeat(20));
    await refuses('damaged', `${bad}/project.db is damaged or is no database.`);
  });
});

describe('a project folder that is deleted, renamed or unplugged while it is open', () => {
  it('takes no stroke that would be lost with it, says so, and can be left for another project', async () => {
    const { good, bad, ask, answer } = await twoProjects();
    const [item] = (await ask('items.ids', {})) as [string];
    const seen = decodeLabels((await ask('review.item', { item })).mask!);
    const patch = encodePatch(patchOf(seen, () => 1, { x: 0, y: 0, width: 5, height: 5 })!);
    const stroke = { action: 'brush', edits: [{ item, patch }] };
    renameSync(good, `${good} aside`);
    const why = 'it was deleted or renamed, or its disk was taken away';
    const gone = {
      ok: false,
      kind: 'gone',
      message: `${good} is not there any more: ${why}. Nothing is saved until it is opened again.`,
    };
    expect(await answer('review.edit', stroke)).toEqual(gone);
    expect(await answer('project.facts', {})).toEqual(gone);
    // Another folder in its place is not the one that was opened.
    cpSync(bad, good, { recursive: true });
    expect(await answer('review.edit', stroke)).toEqual(gone);
    rmSync(good, { recursive: true });
    renameSync(`${good} aside`, good);
    expect((await ask('project.open', { directory: good })).directory).toBe(good);
    expect(await answer('review.edit', stroke)).toMatchObject({ ok: true });
    // Nothing is in the way of leaving a folder that has gone for good.
    await ask('project.open', { directory: bad });
    rmSync(bad, { recursive: true });
    await ask('project.close', {});
    await ask('project.open', { directory: good });
    expect((await ask('review.item', { item })).undo).toBe('brush');
  });
});

describe('a project that cannot be written to', () => {
  const why = { disk: 'the disk that it is on is read-only', rights: 'you have no right to write to it' };

  it('is opened to look at: all of it is shown, nothing of it is changed, and an export goes elsewhere', async (context) => {
    const { folder, bad, ask, answer } = await twoProjects();
    const readOnly = makeReadOnly(bad);
    if (!readOnly) return context.skip('no right to make a folder read-only here');
    const before = readdirSync(bad).sort();
    const facts = await ask('project.open', { directory: bad });
    expect(facts).toMatchObject({ directory: bad, readOnly: readOnly.cause, items: 12 });
    const [item] = (await ask('items.ids', {})) as [string];
    const run = (await ask('train.runs', {}))[0]!.id;

    const { mask } = await ask('review.item', { item });
    expect(mask).not.toBeNull();
    expect((await ask('picture.image', { item })).width).toBeGreaterThan(0);
    expect(await ask('picture.maps', { item, labels: ['p1'], values: ['uncertainty'] })).not.toBeNull();
    for (const look of [
      () => ask('items.page', { offset: 0, limit: 5 }),
      () => ask('items.recording', { item }),
      () => ask('review.audit', {}),
      () => ask('review.position', {}),
      () => ask('review.heart', { item }),
      () => ask('second.readers', {}),
      () => ask('tags.facts', {}),
      () => ask('crops.plan', { class: 0 }),
      () => ask('crops.task', { class: 0, go: 'undone' }),
      () => ask('train.material', {}),
      () => ask('train.recipes', {}),
      () => ask('storage.facts', {}),
      () => ask('results.facts', {}),
    ]) {
      await expect(look()).resolves.toBeDefined();
    }
    const measured = await ask('results.evaluate', { sources: 'all', split: 'all', largestComponent: false });
    expect(await ask('job.result', { id: measured.id })).toMatchObject({ run });

    const refusal = {
      ok: false,
      kind: 'read-only',
      message: `${bad} is open to look at only, since ${why[readOnly.cause]}: nothing of it can be changed.`,
    };
    const patch = encodePatch(patchOf(decodeLabels(mask!), () => 1, { x: 0, y: 0, width: 5, height: 5 })!);
    const plan = await ask('crops.plan', { class: 0 });
    for (const change of [
      () => answer('review.edit', { action: 'brush', edits: [{ item, patch }] }),
      () => answer('review.decide', { items: [item], decision: 'accept' }),
      () => answer('review.startOver', { items: [item] }),
      () => answer('review.undo', { item }),
      () => answer('review.leave', { item, view: null }),
      () => answer('review.putInUse', { run }),
      () => answer('tags.set', { items: [item], change: { kind: 'none' } }),
      () => answer('tags.undo', {}),
      () => answer('crops.setPlan', { class: 0, plan }),
      () => answer('second.begin', { name: 'Ben', isBlind: true }),
      () => answer('storage.setUndo', { bytes: 2 ** 20 }),
      () => answer('storage.clearCache', {}),
      () => answer('train.start', { recipe: 'quick' }),
      () => answer('train.resume', { run }),
      () => answer('train.time', { recipe: 'quick' }),
      () => answer('train.use', { run }),
      () => answer('train.delete', { run }),
      () => answer('picture.affinity', { item }),
    ]) {
      expect(await change()).toEqual(refusal);
    }
    expect(await ask('project.facts', {})).toEqual(facts);
    expect(readdirSync(bad).sort()).toEqual(before);

    const target = join(folder, 'export');
    const job = await ask('export.write', {
      ...{ format: 'nifti', directory: target, settings: {}, overwrite: false },
      ...{ source: 'best', states: ['pending'], split: 'all', ignore: 'none', uncertainAbove: 0.5 },
    });
    expect(await ask('job.result', { id: job.id })).toMatchObject({ written: true });
    expect(readdirSync(target).length).toBeGreaterThan(0);

    // Once it may be written to, opening it again is enough.
    readOnly.giveBack();
    expect(await ask('project.open', { directory: bad })).toMatchObject({ readOnly: null });
    expect(await ask('review.decide', { items: [item], decision: 'accept' })).toMatchObject([{ state: 'accepted' }]);
  });

  it('is looked at as it is, also after somebody who may has written to it', async (context) => {
    const { good, bad, ask, studio } = await twoProjects();
    const readOnly = makeReadOnly(bad);
    if (!readOnly) return context.skip('no right to make a folder read-only here');
    await ask('project.open', { directory: bad });
    const items = await ask('items.ids', {});
    const told: (ProjectFacts | null)[] = [];
    studio.listen((event, data) => event === 'project' && told.push(data as ProjectFacts));
    readOnly.giveBack();
    const project = Project.open(bad);
    new Review(project, { annotator: 'Ben' }).decide(items, 'accept');
    project.close();
    const again = makeReadOnly(bad);
    expect(await ask('review.item', { item: items[0]! })).toMatchObject({ state: 'accepted', annotator: 'Ben' });
    expect(told).toMatchObject([{ readOnly: readOnly.cause, states: { accepted: items.length } }]);

    // It is closed where it has gone, and another one can be opened.
    again!.giveBack();
    rmSync(bad, { recursive: true });
    await expect(ask('review.item', { item: items[0]! })).rejects.toThrow(`not-a-project: ${bad} is no project`);
    expect(told.at(-1)).toBeNull();
    expect(await ask('project.open', { directory: good })).toMatchObject({ readOnly: null });
  });

  it('is refused in words where its last changes are in a journal that cannot be read there', async (context) => {
    const { bad, refuses } = await twoProjects();
    // As a process that was killed leaves it, on a disk that keeps the journal and not its index.
    const database = new DatabaseSync(join(bad, 'project.db'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
    database.exec(`INSERT OR REPLACE INTO settings (key, value) VALUES ('last', '1')`);
    const journal = readFileSync(join(bad, 'project.db-wal'));
    database.close();
    writeFileSync(join(bad, 'project.db-wal'), journal);
    if (!makeReadOnly(bad)) return context.skip('no right to make a folder read-only here');
    const file = join(bad, 'project.db-wal');
    const found = `what was written last is still in ${file}, which can be read only where files can be made beside it`;
    await refuses(
      'read-only',
      `${bad} was not closed properly: ${found}; copy the folder to a place where you may write, and open the copy.`,
    );
  });
});

describe('two windows on one project', () => {
  it('cannot overwrite each other: a stroke on an old mask is refused, and both see the same then', async () => {
    const { ask, answer } = await twoProjects();
    const [item] = (await ask('items.ids', {})) as [string];
    const seen = decodeLabels((await ask('review.item', { item })).mask!);
    const strokeOf = (label: number) => {
      const patch = encodePatch(patchOf(seen, () => label, { x: 0, y: 0, width: 5, height: 5 })!);
      return { action: 'brush', edits: [{ item, patch }] };
    };
    await ask('review.edit', strokeOf(1));
    const saved = await ask('review.item', { item });
    const refused = await answer('review.edit', strokeOf(2));
    expect(refused).toMatchObject({ ok: false, kind: 'failure' });
    expect((refused as { message: string }).message).toContain('patch: expected label 0 at column 0, row 0, got 1');
    expect(await ask('review.item', { item })).toEqual(saved);
  });
});

describe('images that vanish or change under the app', () => {
  it('are named, and review of the masks goes on', async () => {
    const { good, ask, answer } = await twoProjects();
    const [row] = (await ask('items.page', { offset: 0, limit: 1 })).rows;
    const database = new DatabaseSync(join(good, 'project.db'), { readOnly: true });
    const source = database
      .prepare(
        'SELECT s.relative_path FROM items i JOIN volumes v ON v.number = i.volume JOIN sources s ON s.number = v.source WHERE i.id = ?',
      )
      .get(row!.id);
    database.close();
    const file = join(good, String(source?.['relative_path']));
    const original = readFileSync(file);
    // Where it was at import is the second place that is looked at.
    renameSync(phantom.source, `${phantom.source} moved`);
    onTestFinished(() => renameSync(`${phantom.source} moved`, phantom.source));
    writeFileSync(file, Buffer.concat([original, Buffer.of(0)]));
    expect(await answer('picture.image', { item: row!.id })).toMatchObject({ ok: false, kind: 'source-changed' });
    rmSync(file);
    const missing = await answer('picture.image', { item: row!.id });
    expect(missing).toMatchObject({ ok: false, kind: 'source-missing' });
    expect((missing as { message: string }).message).toContain(file);
    expect(await ask('review.decide', { items: [row!.id], decision: 'accept' })).toMatchObject([{ state: 'accepted' }]);
    writeFileSync(file, original);
    utimesSync(file, 1, 1);
    expect((await answer('picture.image', { item: row!.id })).ok).toBe(true);
  });
});
