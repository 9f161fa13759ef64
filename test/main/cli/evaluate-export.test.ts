import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../../../src-main/services/project.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../support/predicted-project.ts';
import { unia } from './command-line.ts';

let phantom: PhantomProject;
beforeAll(async () => {
  phantom = await phantomProject();
});
afterAll(() => rm(phantom.folder, { recursive: true }));

describe('unia evaluate and unia export', () => {
  it('say what to do first where nothing is predicted', async () => {
    const project = ['--project', phantom.directory];
    const evaluated = await unia(['evaluate', ...project]);
    expect(evaluated).toMatchObject({ code: 1, stdout: '' });
    expect(evaluated.stderr).toMatch(
      /^error: no run has predicted anything yet: predict with one first\nPredict with: unia predict --project .*\n$/,
    );
    const exported = await unia(['export', ...project, '--format', 'nifti', '--out', join(phantom.folder, 'never')]);
    expect(exported.code).toBe(1);
    expect(exported.stderr).toMatch(/^error: nothing to export/);

    const opened = Project.open(phantom.directory);
    await storePredictions(opened);
    opened.close();
  });

  it('print a row for each source, and the same as JSON', async () => {
    const csv = join(phantom.folder, 'volumes.csv');
    const args = ['evaluate', '--project', phantom.directory, '--all-sources', '--csv', csv];
    const { code, stdout, stderr } = await unia(args);
    expect(stderr).toMatch(/^evaluate 2\/2 volumes/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^run-001: CAM, P1, P2, P3, P, segmentation, disc \(no learning\), split test\n/);
    expect(stdout).toMatch(/\nmean of classes +DSC pooled/);
    expect((await readFile(csv, 'utf8')).split('\r\n')).toHaveLength(1 + 7 * 2 * 3 + 1);
    const json = await unia(['evaluate', '--project', phantom.directory, '--json']);
    const report: unknown = JSON.parse(json.stdout);
    expect(report).toMatchObject({ run: 'run-001', sources: [{ source: 'segmentation' }] });
  });

  it('write files and say what is in them', async () => {
    const out = join(phantom.folder, 'masks');
    const args = ['export', '--project', phantom.directory, '--format', 'nifti', '--out', out];
    const dry = await unia([...args, '--dry-run', '--split', 'test']);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('  patient005_frame01_seg.nii.gz\n');
    const { code, stdout } = await unia([...args, '--uncertainty']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Wrote 21 files from run-001 \(0\.\d MB\) and manifest\.json to /);
    expect(stdout).toContain('0 background, 1 RV, 2 MYO, 3 LV; 255 is not decided.');
    expect(await readdir(out)).toHaveLength(10 + 10 + 2);
    const again = await unia(args);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('allow that an earlier export is replaced');
    const json: unknown = JSON.parse((await unia([...args, '--overwrite', '--json'])).stdout);
    expect(json).toMatchObject({ written: true, run: 'run-001' });
  });

  it('print how nnU-Net’s integrity checks came out', async () => {
    const out = join(phantom.folder, 'nnunet');
    const args = ['export', '--project', phantom.directory, '--format', 'nnunet', '--out', out, '--folds', '9'];
    const { code, stdout } = await unia(args);
    expect(code).toBe(0);
    expect(stdout).toContain('Check ok: There are 8 training cases, as dataset.json says.\nCheck ok: Every training ');
    expect(stdout).toContain('Check warning: 9 folds were asked for; there are patients for 4.\n');
  });

  it.each([
    [['evaluate', '--project', 'p', '--split', 'tset'], 'Allowed choices are test, validation, train, all.'],
    [['evaluate', '--project', 'p', '--source', 'cam', '--all-sources'], 'cannot be used with'],
    [['export', '--project', 'p', '--out', 'o'], "required option '--format <name>' not specified"],
    [['export', '--project', 'p', '--out', 'o', '--format', 'gif'], 'Allowed choices are nnunet,'],
    [['export', '--project', 'p', '--out', 'o', '--format', 'png', '--states', 'good'], 'Expected some of pending'],
  ])('end with code 2 on misuse: %j', async (args, message) => {
    const { code, stdout, stderr } = await unia(args);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('say in one line that a folder is no project', async () => {
    const { code, stderr } = await unia(['evaluate', '--project', phantom.source]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*phantom.* no /);
  });
});
