// `unia serve` as processes of their own: killed as a power cut does, and two of them on one project.
import { cpSync, rmSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LabelPlane } from '../../../src-core/imaging/plane.ts';
import { decodeLabels } from '../../../src-core/labels/label-codec.ts';
import { encodePatch } from '../../../src-core/labels/patch-codec.ts';
import { applyPatch, patchOf, type LabelPatch } from '../../../src-core/labels/patch.ts';
import { Project } from '../../../src-main/services/project.ts';
import { openPageSocket } from '../../support/page-socket.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../support/predicted-project.ts';
import { makeReadOnly } from '../../support/read-only-folder.ts';
import { startServe } from '../../support/serve-process.ts';
import { SERVE_ENTRY } from '../../support/spawn-serve.ts';
import { temporaryFolder } from '../../support/source-folders.ts';

let phantom: PhantomProject;

beforeAll(async () => {
  phantom = await phantomProject({}, { patients: 2, slices: 2 });
  const project = Project.open(phantom.directory);
  await storePredictions(project);
  project.close();
});
afterAll(() => rmSync(phantom.folder, { recursive: true, force: true }));

function copyProject(): { home: string; directory: string } {
  const folder = temporaryFolder();
  cpSync(phantom.folder, join(folder, 'copy'), { recursive: true });
  return { home: join(folder, 'home'), directory: join(folder, 'copy/project') };
}

const brush = (item: string, patch: LabelPatch) => ({ action: 'brush', edits: [{ item, patch: encodePatch(patch) }] });

/** A stroke over one row, which changes every pixel of it. */
function stroke(plane: LabelPlane, row: number): LabelPatch {
  const window = { x: 0, y: row, width: plane.width, height: 1 };
  return patchOf(plane, (index) => (plane.data[index] === 1 ? 2 : 1), window)!;
}

const copyOf = (plane: LabelPlane): LabelPlane => ({ ...plane, data: plane.data.slice() });

describe('a server that is killed at any moment', () => {
  it('has everything but the stroke in hand when it is started again, and undo and redo work', async () => {
    const { home, directory } = copyProject();
    let serve = await startServe(home, ['--project', directory]);
    let page = await openPageSocket(serve.address);
    const [item, other] = (await page.ask('items.ids', { order: { by: 'file' } })) as [string, string];
    await page.ask('review.decide', { items: [other], decision: 'reject', reason: 'motion' });
    /** The mask after each stroke that counts, the first one before any. */
    const masks = [decodeLabels((await page.ask('review.item', { item })).mask!)];
    for (let kill = 0; kill < 2; kill++) {
      const asked = 3 + kill * 5;
      const saved = masks.length;
      for (let i = 0; i < asked; i++) {
        const plane = copyOf(masks.at(-1)!);
        const patch = stroke(plane, masks.length);
        applyPatch(plane, patch);
        masks.push(plane);
        const answer = page.ask('review.edit', brush(item, patch));
        if (i < asked - 1) await answer;
        // The last one is in hand when the process dies.
        else answer.catch(() => undefined);
      }
      await serve.kill();
      serve = await startServe(home, ['--project', directory]);
      page = await openPageSocket(serve.address);
      const found = decodeLabels((await page.ask('review.item', { item })).mask!);
      const strokes = masks.findLastIndex(({ data }) => Buffer.compare(data, found.data) === 0);
      expect(strokes - saved + 1).toBeGreaterThanOrEqual(asked - 1);
      masks.length = strokes + 1;
    }
    expect(await page.ask('review.item', { item: other })).toMatchObject({ state: 'rejected', reason: 'motion' });

    const shown = async (): Promise<LabelPlane> => decodeLabels((await page.ask('review.item', { item })).mask!);
    for (let back = masks.length - 2; back >= 0; back--) {
      expect(await page.ask('review.undo', { item })).toMatchObject({ kind: 'done', action: 'brush' });
      expect(await shown()).toEqual(masks[back]);
    }
    expect(await page.ask('review.undo', { item })).toEqual({ kind: 'nothing' });
    await page.ask('review.redo', { item });
    // What was undone stays undone over a kill, and can still be redone.
    await serve.kill();
    serve = await startServe(home, ['--project', directory]);
    page = await openPageSocket(serve.address);
    expect(await shown()).toEqual(masks[1]);
    expect(await page.ask('review.redo', { item })).toMatchObject({ kind: 'done', action: 'brush' });
    expect(await shown()).toEqual(masks[2]);
  }, 60_000);
});

describe('a server on a project that cannot be written to', () => {
  it('says so, and shows it to look at', async (context) => {
    const { home, directory } = copyProject();
    const readOnly = makeReadOnly(directory);
    if (!readOnly) return context.skip('no right to make a folder read-only here');
    const args = [SERVE_ENTRY, 'serve', '--port', '0', '--home', home, '--json', '--project', directory];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [[said], [printed]] = (await Promise.all([once(child.stderr, 'data'), once(child.stdout, 'data')])) as [
      [Buffer],
      [Buffer],
    ];
    expect(said.toString()).toContain(`${directory} is open to look at only, since `);
    const { address } = JSON.parse(printed.toString()) as { address: string };
    const page = await openPageSocket(address);
    expect(await page.ask('project.facts', {})).toMatchObject({ directory, readOnly: readOnly.cause });
    const [item] = (await page.ask('items.ids', {})) as [string];
    await expect(page.ask('review.decide', { items: [item], decision: 'flag' })).rejects.toThrow('read-only: ');
  }, 60_000);
});

describe('a second server on a project that another one has open', () => {
  it('is told who holds it, at its start and from its screen, and the first one works on', async () => {
    const { home, directory } = copyProject();
    const first = await startServe(home, ['--project', directory]);
    const inUse = `${directory} is open for writing in another process (process ${first.pid} on ${hostname()}). Close it there first.`;

    const args = [SERVE_ENTRY, 'serve', '--port', '0', '--home', `${home} 2`, '--project', directory];
    const refused = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
    expect(refused.stderr).toBe(`error: ${inUse}\n`);
    expect(refused.status).toBe(1);

    const second = await openPageSocket((await startServe(`${home} 2`)).address);
    await expect(second.ask('project.open', { directory })).rejects.toThrow(`in-use: ${inUse}`);
    expect(await second.ask('project.facts', {})).toBeNull();

    const page = await openPageSocket(first.address);
    const [item] = (await page.ask('items.ids', {})) as [string];
    expect(await page.ask('review.decide', { items: [item], decision: 'flag' })).toMatchObject([{ state: 'flagged' }]);
    await first.kill();
    expect((await second.ask('project.open', { directory })).directory).toBe(directory);
    expect(await second.ask('review.item', { item })).toMatchObject({ state: 'flagged' });
  }, 60_000);
});
