// What is left of an export whose process is killed half-way: no cleaning up can run then.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportProject } from '../../../../src-main/services/export/export.ts';
import { volumeProject, type VolumeProject } from '../../../support/volume-project.ts';

let built: VolumeProject;
beforeAll(async () => {
  built = await volumeProject();
});
afterAll(() => built.remove());

async function killedExport(format: string, directory: string): Promise<void> {
  const script = join(import.meta.dirname, '../../../support/export-until-killed.ts');
  const child = spawn(process.execPath, [script, built.project.directory, format, directory], { stdio: 'inherit' });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  expect(signal).toBe('SIGKILL');
}

const unfinished = async (): Promise<string[]> =>
  (await readdir(built.folder)).filter((name) => name.includes('.exporting-'));
const manifest = (directory: string): Promise<Buffer> => readFile(join(directory, 'manifest.json'));

describe.each(['nifti', 'nnunet', 'coco', 'hdf5'])('an export as %s whose process is killed', (format) => {
  it('is not there, and the next one to the same place removes what it left', async () => {
    const directory = join(built.folder, `killed ${format}`);
    await killedExport(format, directory);
    expect(existsSync(directory)).toBe(false);
    expect(await unfinished()).toHaveLength(1);
    const { files } = await exportProject(built.project, { format, directory });
    expect(await unfinished()).toEqual([]);
    for (const { path } of files) expect(existsSync(join(directory, path))).toBe(true);
  });

  it('leaves whole the earlier export that it was to replace', async () => {
    const directory = join(built.folder, `replaced ${format}`);
    const { files } = await exportProject(built.project, { format, directory });
    const before = await manifest(directory);
    await killedExport(format, directory);
    expect(await manifest(directory)).toEqual(before);
    for (const { path, bytes } of files) expect((await readFile(join(directory, path))).length).toBe(bytes);
    await exportProject(built.project, { format, directory, overwrite: true });
    expect(await manifest(directory)).toEqual(before);
    expect(await unfinished()).toEqual([]);
  });
});
