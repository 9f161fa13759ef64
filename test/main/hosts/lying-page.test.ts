// A client that has the token and does what our page would never do. The server answers in words or cuts it off, and stays up.
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CALLS } from '../../../src-core/contract/contract.ts';
import { encodeFrame } from '../../../src-core/contract/wire.ts';
import { encodePatch } from '../../../src-core/labels/patch-codec.ts';
import type { PatchRun } from '../../../src-core/labels/patch.ts';
import { MOST_BYTES, MOST_OPEN } from '../../../src-main/hosts/serve/conversation.ts';
import { createDispatch } from '../../../src-main/services/studio/dispatch.ts';
import { openStudio } from '../../support/browser.ts';
import { openPageSocket, type PageSocket } from '../../support/page-socket.ts';

const MESSAGE_TOO_BIG = 1009;
const UNSUPPORTED_DATA = 1003;

async function closeCode({ socket }: PageSocket): Promise<number> {
  const [code] = (await once(socket, 'close')) as [number];
  return code;
}

describe('a page that lies', () => {
  it('gets an answer in words for an unknown call and for parameters of the wrong shape', async () => {
    const { server } = await openStudio();
    const page = await openPageSocket(server.address);
    page.socket.send(encodeFrame({ id: 1, call: 'constructor', params: {} }));
    page.socket.send(encodeFrame({ id: 2, call: 'project.open', params: { directory: 7 } }));
    await expect.poll(() => page.received).toHaveLength(2);
    expect(page.received).toMatchObject([
      { id: 1, answer: { ok: false, kind: 'misuse' } },
      { id: 2, answer: { ok: false, kind: 'misuse' } },
    ]);
    expect(JSON.stringify(page.received[1])).toContain('directory');
  });

  it('gets nowhere with parameters that are nothing of what any call takes', async () => {
    const { studio } = await openStudio();
    const dispatch = createDispatch(studio);
    for (const call of Object.keys(CALLS)) {
      for (const params of [null, undefined, 7, 'text', []]) {
        const answer = await dispatch(call, params);
        expect(answer, `${call} of ${String(params)}`).toMatchObject({ ok: false, kind: 'misuse' });
      }
    }
  });

  it('is cut off for bytes that are no question, and another page is still answered', async () => {
    const { server } = await openStudio();
    const honest = await openPageSocket(server.address);
    for (const frame of [Buffer.from([0xc1, 0xff]), 'text', encodeFrame({ event: 'x', data: 1 })]) {
      const page = await openPageSocket(server.address);
      page.socket.send(frame);
      expect(await closeCode(page)).toBe(UNSUPPORTED_DATA);
    }
    expect(await honest.ask('project.facts', {})).toBeNull();
  });

  it('is cut off for a frame that is longer than any question, and another page is still answered', async () => {
    const { server } = await openStudio();
    const [page, honest] = [await openPageSocket(server.address), await openPageSocket(server.address)];
    page.socket.on('error', () => undefined);
    page.socket.send(Buffer.alloc(MOST_BYTES + 1));
    expect(await closeCode(page)).toBe(MESSAGE_TOO_BIG);
    expect(await honest.ask('project.facts', {})).toBeNull();
  });

  it('is told to wait for its answers where it floods, and is answered again after them', async () => {
    const { server, studio } = await openStudio();
    const [page, honest] = [await openPageSocket(server.address), await openPageSocket(server.address)];
    let finish = (): void => undefined;
    const end = new Promise<null>((resolve) => (finish = () => resolve(null)));
    const { id } = studio.jobs.start({ kind: 'import', title: 'long', unit: '' }, () => end);
    const questions = Array.from({ length: MOST_OPEN + 50 }, () => page.ask('job.result', { id }));
    const ends = Promise.allSettled(questions);
    await expect(questions.at(-1)).rejects.toThrow(`busy: ${MOST_OPEN} questions of this page wait for an answer`);
    expect(await honest.ask('project.facts', {})).toBeNull();
    finish();
    expect((await ends).map(({ status }) => status)).toEqual([
      ...Array<string>(MOST_OPEN).fill('fulfilled'),
      ...Array<string>(50).fill('rejected'),
    ]);
    expect(await page.ask('project.facts', {})).toBeNull();
  });
});

describe('the longest questions that a page may ask', () => {
  it('fit into a frame: every second pixel of a very large mask, and the files of a large upload', () => {
    const [width, height] = [4096, 256];
    const runs: PatchRun[] = [];
    for (let start = 0; start < width * height; start += 2)
      runs.push({ start, length: 1, before: start % 3, after: 3 });
    const patch = encodePatch({ width, height, runs });
    const stroke = { id: 1, call: 'review.edit', params: { action: 'brush', edits: [{ item: 'a', patch }] } };
    expect(16 * encodeFrame(stroke).length).toBeLessThan(MOST_BYTES);

    const files = Array.from({ length: 50_000 }, (_, i) => ({ path: `${i}`.padStart(100, 'x'), size: 2 ** 40 + i }));
    const upload = { id: 2, call: 'upload.begin', params: { name: 'scans', files } };
    expect(10 * encodeFrame(upload).length).toBeLessThan(MOST_BYTES);
  });
});
