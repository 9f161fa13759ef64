import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { niftiFileBytes, parseNiftiHeader, type NiftiHeader } from '../../../src-core/imaging/nifti.ts';
import { isRefusal } from '../../../src-core/imaging/refusal.ts';
import { writePhantomDataset } from '../../../src-main/services/phantom-dataset.ts';

let root: string;
let folder: string;
let patients: readonly string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'unia phantom ü '));
  folder = join(root, 'set');
  patients = await writePhantomDataset({ folder, patients: 3, size: 48, slices: 4, phases: 5 });
});
afterAll(() => rm(root, { recursive: true }));

async function readNifti(...path: string[]): Promise<{ bytes: Uint8Array; header: NiftiHeader }> {
  const bytes = gunzipSync(await readFile(join(folder, ...path)));
  const header = parseNiftiHeader(bytes);
  if (isRefusal(header)) throw new Error(JSON.stringify(header));
  return { bytes, header };
}

describe('the phantom as an ACDC folder', () => {
  it('holds the files that ACDC holds, and says that it is synthetic', async () => {
    expect(patients).toEqual(['patient001', 'patient002', 'patient003']);
    expect((await readdir(join(folder, 'patient001'))).sort()).toEqual([
      'Info.cfg',
      'patient001_4d.nii.gz',
      'patient001_frame01.nii.gz',
      'patient001_frame01_gt.nii.gz',
      'patient001_frame03.nii.gz',
      'patient001_frame03_gt.nii.gz',
    ]);
    expect(await readFile(join(folder, 'README.txt'), 'utf8')).toMatch(/^Synthetic phantom/);
    expect(await readFile(join(folder, 'patient001', 'Info.cfg'), 'utf8')).toBe(
      'ED: 1\nES: 3\nGroup: NOR\nNbFrame: 5\nSource: synthetic phantom, not a patient\n',
    );
    const { bytes } = await readNifti('patient001', 'patient001_frame01.nii.gz');
    expect(Buffer.from(bytes.subarray(148, 165)).toString()).toBe('synthetic phantom');
  });

  it('begins one recording after end diastole', async () => {
    expect(await readFile(join(folder, 'patient003', 'Info.cfg'), 'utf8')).toMatch(/^ED: 4\nES: 1\n/);
    expect(await readdir(join(folder, 'patient003'))).toContain('patient003_frame04_gt.nii.gz');
  });

  it('carries a contradictory sform beside spacing in pixdim, in files of the stated length', async () => {
    for (const patient of patients) {
      const { bytes, header } = await readNifti(patient, `${patient}_4d.nii.gz`);
      expect(header).toMatchObject({ width: 48, height: 48, slices: 4, phases: 5, voxelType: 'int16' });
      expect(niftiFileBytes(header)).toBe(bytes.length);
      expect(header.geometry.contradiction).toBeTruthy();
      expect(header.geometry.source).toBe('qform');
      expect(header.geometry.spacing!.x).toBeCloseTo(235 / 48, 4);
      expect(header.geometry.spacing!.z).toBeGreaterThan(5);
    }
  });

  it('repeats the frames of the cine file as they are, with masks of the same extent', async () => {
    const cine = await readNifti('patient001', 'patient001_4d.nii.gz');
    const frame = await readNifti('patient001', 'patient001_frame03.nii.gz');
    const mask = await readNifti('patient001', 'patient001_frame03_gt.nii.gz');
    const bytes = 48 * 48 * 4 * 2;
    expect(frame.bytes.subarray(352)).toEqual(cine.bytes.subarray(352 + 2 * bytes, 352 + 3 * bytes));
    expect(mask.header).toMatchObject({ width: 48, height: 48, slices: 4, phases: 1, voxelType: 'uint8' });
    expect(new Set(mask.bytes.subarray(352))).toEqual(new Set([0, 1, 2, 3]));
  });

  it('writes the same bytes again from the same seed', async () => {
    const again = join(root, 'again');
    await writePhantomDataset({ folder: again, patients: 1, size: 48, slices: 4, phases: 5 });
    const [a, b] = await Promise.all(
      [folder, again].map((place) => readFile(join(place, 'patient001', 'patient001_4d.nii.gz'))),
    );
    expect(a!.equals(b!)).toBe(true);
  });
});
