import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ParamsOf } from '../../../src-core/contract/contract.ts';
import { refusePath } from '../../../src-main/services/studio/upload-paths.ts';
import { openStudio, type TestStudio } from '../../support/browser.ts';

type Files = ParamsOf<'upload.begin'>['files'];

function send({ server }: TestStudio, path: string, body: string, headers: Record<string, string> = {}) {
  return fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'PUT',
    body,
    headers: { Authorization: `Bearer ${server.token}`, ...headers },
  });
}

function begin({ studio }: TestStudio, files: Files, name = 'scans') {
  return studio.uploads.begin({ name, files });
}

const projects = ({ folder }: TestStudio) => join(folder, 'projects');

describe('a folder sent by a browser', () => {
  it('is whole when its last file has come, and its name is free', async () => {
    const studio = await openStudio();
    mkdirSync(join(projects(studio), 'scans images'), { recursive: true });
    const { id, job } = begin(studio, [
      { path: 'a/one.txt', size: 3 },
      { path: 'two.txt', size: 0 },
    ]);
    expect((await send(studio, `/upload/${id}/1`, '')).status).toBe(204);
    expect(readdirSync(projects(studio)).filter((name) => !name.startsWith('.'))).toEqual(['scans images']);
    expect((await send(studio, `/upload/${id}/0`, 'one')).status).toBe(204);
    const place = String(await studio.studio.jobs.result(job.id));
    expect(place).toBe(join(projects(studio), 'scans images 2'));
    expect(readFileSync(join(place, 'a/one.txt'), 'utf8')).toBe('one');
    expect(studio.studio.jobs.list()).toMatchObject([{ kind: 'upload', state: 'done', done: 3, total: 3 }]);
  });

  it('leaves nothing when it is cancelled', async () => {
    const studio = await openStudio();
    const { id, job } = begin(studio, [
      { path: 'one.txt', size: 3 },
      { path: 'two.txt', size: 3 },
    ]);
    await send(studio, `/upload/${id}/0`, 'one');
    studio.studio.jobs.cancel(job.id);
    await expect(studio.studio.jobs.result(job.id)).rejects.toThrow('abort');
    expect(readdirSync(projects(studio))).toEqual([]);
    expect((await send(studio, `/upload/${id}/1`, 'two')).status).toBe(404);
  });

  it('is refused when a file is longer or shorter than announced, and leaves nothing', async () => {
    for (const [body, status] of [
      ['longer', 413],
      ['s', 409],
    ] as const) {
      const studio = await openStudio();
      const { id, job } = begin(studio, [{ path: 'one.txt', size: 3 }]);
      const answer = await send(studio, `/upload/${id}/0`, body);
      expect(answer.status).toBe(status);
      expect(await answer.text()).toContain('one.txt: expected 3 bytes');
      await expect(studio.studio.jobs.result(job.id)).rejects.toThrow('one.txt');
      expect(readdirSync(projects(studio))).toEqual([]);
    }
  });

  it('takes each file once, only with the token, and only from our own page', async () => {
    const studio = await openStudio();
    const { id } = begin(studio, [
      { path: 'one.txt', size: 3 },
      { path: 'two.txt', size: 3 },
    ]);
    expect((await send(studio, `/upload/${id}/0`, 'one', { Authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await send(studio, `/upload/${id}/0`, 'one', { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await send(studio, `/upload/${id}/0`, 'one')).status).toBe(204);
    expect((await send(studio, `/upload/${id}/0`, 'two')).status).toBe(409);
    expect((await send(studio, `/upload/${id}/7`, 'two')).status).toBe(404);
    expect((await send(studio, '/upload/../../x/0', 'two')).status).toBe(404);
  });

  it('cannot name a file outside its folder', async () => {
    const studio = await openStudio();
    for (const path of ['../one', '/etc/one', 'a/../../one', 'a\\..\\one', 'C:/one', 'a//one', 'nul.txt', 'a\u0000b']) {
      expect(refusePath(path), path).toBeDefined();
      expect(() => begin(studio, [{ path, size: 1 }])).toThrow('files: expected');
    }
    expect(refusePath('Müller 07/frame (1).nii.gz')).toBeUndefined();
    expect(existsSync(projects(studio))).toBe(false);
  });

  it('is refused before the first byte when the disk has no room, with both amounts', async () => {
    const studio = await openStudio();
    expect(() => begin(studio, [{ path: 'huge.nii', size: 2 ** 52 }])).toThrow(
      /too full: \d+ MB are to be copied, \d+/,
    );
    expect(readdirSync(projects(studio))).toEqual([]);
  });

  it('removes what a killed program left of an earlier one', async () => {
    const studio = await openStudio();
    const left = join(projects(studio), '.scans.uploading-999999999-1');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'one.txt'), 'one');
    begin(studio, [{ path: 'one.txt', size: 3 }]);
    expect(existsSync(left)).toBe(false);
  });
});
