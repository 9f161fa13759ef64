import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePhantomDataset } from '../../../src-main/services/phantom-dataset.ts';
import { unia } from './command-line.ts';

let folder: string;
let source: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unia import '));
  source = join(folder, 'phantom');
  await writePhantomDataset({ folder: source, patients: 5, size: 64, slices: 4, phases: 4 });
});
afterAll(() => rm(folder, { recursive: true }));

describe('unia import', () => {
  it('makes a project and says what it found', async () => {
    const project = join(folder, 'slices');
    const { code, stdout, stderr } = await unia(['import', source, '--project', project, '--test-modulus', '5']);
    expect(stderr).toMatch(/^import 5\/5 steps/);
    expect(code).toBe(0);
    expect(stdout).toContain('5 patients, 10 volumes (5 ED, 5 ES), 40 images');
    expect(stdout).toContain('Patients to train on 3, to validate 1, to test 1');
    expect(stdout).toMatch(/\nLV +\d+ +\d+\n/);
    expect(stdout).toMatch(/warning: .* \(and 9 more files\): sform says voxels of 1 x 1 x 1/);
    expect(stdout).toMatch(/Next: unia train --project .*slices\n$/);
  });

  it('gives the same facts as JSON, and tags on windows when asked', async () => {
    const project = join(folder, 'crops');
    const crops = ['--classes', 'LV', '--tags', 'crops', '--windows', '3', '--window', '24'];
    const { code, stdout } = await unia(['import', source, '--project', project, '--json', ...crops]);
    expect(code).toBe(0);
    const summary: unknown = JSON.parse(stdout);
    expect(summary).toMatchObject({ format: 'acdc', classes: ['LV'], items: 40, tags: 120, taggedItems: 40 });
  });

  it('names the values of masks as it is told to', async () => {
    const names = ['1', '2', '3'].flatMap((value, i) => ['--mask-value', `${value}=${['a', 'b', 'c'][i]}`]);
    const { code, stdout } = await unia(['import', source, '--project', join(folder, 'named'), '--json', ...names]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ classes: ['a', 'b', 'c'] });
  });

  it('leaves a project that is there alone', async () => {
    const project = join(folder, 'slices');
    const { code, stderr } = await unia(['import', source, '--project', project]);
    expect(code).toBe(1);
    expect(stderr).toContain('is a project already');
  });
});
