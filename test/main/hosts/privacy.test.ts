// Nothing that the program prints or keeps names a patient, whatever goes wrong; run as processes of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { dicomProject } from '../../support/dicom-project.ts';
import { dicomBytes, sliceElements, SYNTAX } from '../../support/dicom-bytes.ts';
import { openPageSocket } from '../../support/page-socket.ts';
import { SERVE_ENTRY } from '../../support/spawn-serve.ts';
import { put, temporaryFolder } from '../../support/source-folders.ts';

/** In every name, number and hospital that the test's files give a patient. */
const SECRET = 'SECRET';

/** Runs the program; gives what it has printed so far, and its end. */
function run(args: readonly string[], home: string) {
  const child = spawn(process.execPath, [SERVE_ENTRY, ...args], {
    env: { ...process.env, HOME: home, UNIA_HOME: home, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { child, ended, said: () => said };
}

/** Files below a folder whose bytes hold the secret. */
function filesWithSecret(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => readFileSync(file).includes(SECRET));
}

it('no name, number or hospital of a patient is printed or kept, not even where files are broken or gone', async () => {
  const [home, made] = [temporaryFolder(), join(temporaryFolder(), 'project')];
  const dicom = await dicomProject();
  onTestFinished(() => dicom.remove());
  const whole = dicomBytes(
    sliceElements({ instance: 1, width: 4, height: 4, values: Array.from({ length: 16 }, () => 1) }),
    SYNTAX.explicit,
  );
  put(dicom.source, 'cut', whole.subarray(0, whole.length - 20));
  put(
    dicom.source,
    'strange',
    Buffer.concat([whole.subarray(0, 400), Buffer.from(`${SECRET}NAME`), whole.subarray(380)]),
  );
  expect(filesWithSecret(dicom.source).length).toBeGreaterThan(6);

  const importing = run(['import', dicom.source, '--project', made, '--classes', 'RV,MYO,LV'], home);
  await importing.ended;
  expect(importing.said()).toMatch(/cut/);
  expect(importing.child.exitCode, importing.said()).toBe(0);
  expect(importing.said()).not.toContain(SECRET);

  const serving = run(['serve', '--project', made, '--port', '0'], home);
  const address = (): string | undefined => /http:\S+/.exec(serving.said())?.[0];
  await expect.poll(address, { timeout: 30_000, message: serving.said() }).toBeDefined();
  const page = await openPageSocket(address()!);
  const [item] = (await page.ask('items.ids', {})) as [string];
  await page.ask('review.decide', { items: [item], decision: 'reject', reason: 'motion' });
  rmSync(dicom.source, { recursive: true });
  const refusals = await Promise.all(
    [item, `${item}x`].map((each) => page.ask('picture.image', { item: each }).then(() => 'none', String)),
  );
  expect(refusals).toEqual([expect.stringContaining('source-missing'), expect.stringContaining('expected one of')]);
  expect(refusals.join()).not.toContain(SECRET);
  page.socket.terminate();
  serving.child.kill('SIGTERM');
  await serving.ended;
  expect(serving.said()).not.toContain(SECRET);
  expect([...filesWithSecret(made), ...filesWithSecret(home)]).toEqual([]);
}, 120_000);
