import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNiftiHeader, type NiftiHeader } from '../../../../src-core/imaging/nifti.ts';
import { phaseBytes } from '../../../../src-core/imaging/volume-header.ts';
import { isRefusal } from '../../../../src-core/imaging/refusal.ts';
import { verifyNnunet } from '../../../../src-main/services/export/nnunet-verify.ts';
import { maskProject, type MaskProject } from '../../../support/mask-project.ts';
import { GEOMETRIES, HEART, SLICES, volumeProject, type VolumeProject } from '../../../support/volume-project.ts';

const RAW = 'nnUNet_raw/Dataset027_ACDC';
const SETTINGS = { dataset: 27, name: 'ACDC', channel: 'cineMRI', folds: 3 };

let volumes: VolumeProject;
let pictures: MaskProject;
beforeAll(async () => {
  [volumes, pictures] = await Promise.all([volumeProject(), maskProject()]);
});
afterAll(() => Promise.all([volumes.remove(), pictures.remove()]));

describe('nnU-Net export of volumes', () => {
  it('writes the folder that nnU-Net reads, with what is not decided as the highest id', async () => {
    const { summary, json } = await volumes.export({ format: 'nnunet', settings: SETTINGS });
    expect(await json(`${RAW}/dataset.json`)).toMatchObject({
      channel_names: { '0': 'cineMRI' },
      labels: { background: 0, RV: 1, MYO: 2, LV: 3, ignore: 4 },
      numTraining: 6,
      file_ending: '.nii.gz',
      name: 'ACDC',
    });
    const paths = summary.files.map(({ path }) => path);
    expect(paths).toContain(`${RAW}/imagesTr/p1_frame01_0000.nii.gz`);
    expect(paths).toContain(`${RAW}/labelsTr/p1_frame01.nii.gz`);
    expect(paths).toContain(`${RAW}/imagesTs/p4_frame02_0000.nii.gz`);
    expect(paths).toContain(`${RAW}/labelsTs/p4_frame02.nii.gz`);
    expect(await json('nnUNet_preprocessed/Dataset027_ACDC/splits_final.json')).toEqual([
      { train: ['p2_frame01', 'p2_frame02', 'p3_frame01', 'p3_frame02'], val: ['p1_frame01', 'p1_frame02'] },
      { train: ['p1_frame01', 'p1_frame02', 'p3_frame01', 'p3_frame02'], val: ['p2_frame01', 'p2_frame02'] },
      { train: ['p1_frame01', 'p1_frame02', 'p2_frame01', 'p2_frame02'], val: ['p3_frame01', 'p3_frame02'] },
    ]);
    expect(summary.checks.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'good: Label ids are consecutive, 0 to 4.',
      'good: 3 folds; no patient is on two sides.',
      'good: There are 6 training cases, as dataset.json says.',
      'good: Every training case has a label map.',
      'good: Images have the channels that dataset.json names.',
      'good: No value is NaN.',
      'good: Images and labels have the same shapes.',
      'good: Their spacings agree.',
      'good: Their places and directions agree.',
      'good: Labels hold only ids that dataset.json names.',
      'good: Every case shows more than background.',
    ]);
  });

  it('keeps image and labels on the source’s grid, voxel for voxel, whatever its orientation', async () => {
    const { file } = await volumes.export({ format: 'nnunet', settings: SETTINGS });
    const expected = [...HEART.data].map((label) => (label === 255 ? 4 : label));
    for (const patient of ['p1', 'p2', 'p3', 'p4']) {
      const set = patient === 'p4' ? 'Ts' : 'Tr';
      const image = open(await file(`${RAW}/images${set}/${patient}_frame02_0000.nii.gz`));
      const label = open(await file(`${RAW}/labels${set}/${patient}_frame02.nii.gz`));
      expect(label.header.geometry).toEqual(image.header.geometry);
      expect(image.header).toMatchObject({ rank: 3, phases: 1, voxelType: 'int16', slices: SLICES });
      expect([...label.voxels]).toEqual(Array.from({ length: SLICES }, () => expected).flat());
      const first = new DataView(image.voxels.buffer, image.voxels.byteOffset).getInt16(0, image.header.littleEndian);
      expect(first).toBe((HEART.data.length * SLICES * 37) % 500);
      expect(image.voxels).toHaveLength(phaseBytes(image.header));
    }
  });

  it('takes one fold from the project’s own validation patients', async () => {
    const { json } = await volumes.export({ format: 'nnunet', settings: { ...SETTINGS, folds: 1 } });
    expect(await json('nnUNet_preprocessed/Dataset027_ACDC/splits_final.json')).toEqual([
      { train: ['p2_frame01', 'p2_frame02', 'p3_frame01', 'p3_frame02'], val: ['p1_frame01', 'p1_frame02'] },
    ]);
  });

  it('makes slices that are left out the ignore label', async () => {
    const first = volumes.project.items[0]!;
    volumes.project.setState(first.id, 'rejected');
    const { file, summary } = await volumes.export({ format: 'nnunet', settings: SETTINGS });
    volumes.project.setState(first.id, 'pending');
    const { voxels } = open(await file(`${RAW}/labelsTr/${first.volume}.nii.gz`));
    const size = HEART.data.length;
    expect(new Set(voxels.subarray(first.slice * size, (first.slice + 1) * size))).toEqual(new Set([4]));
    expect(summary.notes).toContain('Volumes that lack slices: 1; those slices are the ignore label.');
  });

  it('refuses ids that nnU-Net would refuse, before it writes', async () => {
    const labels = { RV: 1, MYO: 2, LV: 5 };
    const dry = await volumes.export({ format: 'nnunet', labels, dryRun: true });
    expect(dry.summary.checks[0]).toMatchObject({ level: 'error' });
    await expect(volumes.export({ format: 'nnunet', labels })).rejects.toThrow('got 5 for LV');
  });
});

describe('nnU-Net’s verifier, run over a written data set', () => {
  /** What is wrong with an export after something was done to its files. */
  async function problemsAfter(spoil: (raw: string) => Promise<void>): Promise<string[]> {
    const { directory } = await volumes.export({ format: 'nnunet', settings: SETTINGS });
    await spoil(join(directory, RAW));
    const paths = (await readdir(directory, { recursive: true })).map((path) => path.split(sep).join('/'));
    const checks = await verifyNnunet({ paths, read: (path) => readFile(join(directory, path)) }, RAW);
    return checks.flatMap(({ level, text }) => (level === 'good' ? [] : [`${level}: ${text}`]));
  }

  it('finds nothing in one that nobody touched', async () => {
    expect(await problemsAfter(() => Promise.resolve())).toEqual([]);
  });

  it('misses a label map that is gone', async () => {
    const gone = await problemsAfter((raw) => rm(join(raw, 'labelsTr/p2_frame01.nii.gz')));
    expect(gone).toEqual(['error: 1 of 6 cases have no label map (p2_frame01).']);
  });

  it('finds labels of another image by their spacing, and by their place', async () => {
    const swapped = await problemsAfter((raw) =>
      copyFile(join(raw, 'labelsTr/p3_frame01.nii.gz'), join(raw, 'labelsTr/p1_frame01.nii.gz')),
    );
    expect(swapped).toEqual([
      'error: 1 of 6 cases have image and labels of another spacing (p1_frame01: 8 x 2.5 x 1.25 and 6 x 2 x 2).',
      'warning: 1 of 6 cases have image and labels of another place or direction (p1_frame01).',
    ]);
  });

  it('finds what dataset.json says otherwise: cases, channels, labels, fields', async () => {
    const rewritten = (change: (text: string) => string) =>
      problemsAfter(async (raw) => {
        const path = join(raw, 'dataset.json');
        const before = await readFile(path, 'utf8');
        expect(change(before)).not.toBe(before);
        await writeFile(path, change(before));
      });
    expect(await rewritten((text) => text.replace('"numTraining": 6', '"numTraining": 7'))).toEqual([
      'error: dataset.json says 7 training cases, there are 6.',
    ]);
    expect(await rewritten((text) => text.replace('"0": "cineMRI"', '"0": "cineMRI", "1": "T2"'))).toEqual([
      'error: 6 of 6 cases have another number of channels (p1_frame01: 1, not 2).',
    ]);
    expect(await rewritten((text) => text.replace('"LV": 3', '"LV": 9'))).toEqual([
      'error: 6 of 6 cases have label ids that dataset.json does not name (p1_frame01: 3).',
    ]);
    expect(await rewritten((text) => text.replace('file_ending', 'ending'))).toEqual([
      expect.stringMatching(/^error: dataset\.json: expected file_ending /),
    ]);
  });

  it('refuses an image with NaN, says which, and nothing is written', async () => {
    const broken = await volumeProject([{ ...GEOMETRIES[0], type: 'float32' }, GEOMETRIES[3]!], (index) =>
      index === 5 ? NaN : index,
    );
    const exported = broken.export({ format: 'nnunet', settings: { ...SETTINGS, folds: 1 } });
    await expect(exported).rejects.toThrow(
      'the export would be refused by the programs it is for: 1 of 2 cases have NaN (p1_frame01).',
    );
    expect((await readdir(broken.folder)).sort()).toEqual(['cine', 'project']);
    await broken.remove();
  });
});

describe('nnU-Net export of pictures', () => {
  it('writes grey PNG, labels without a palette', async () => {
    const { file, json, summary } = await pictures.export({ format: 'nnunet' });
    const raw = 'nnUNet_raw/Dataset501_UniA';
    expect(await json(`${raw}/dataset.json`)).toMatchObject({
      channel_names: { '0': 'image' },
      labels: { background: 0, cat: 1, dog: 2, ignore: 3 },
      file_ending: '.png',
    });
    for (const { id, split } of pictures.project.items) {
      const name = id.replace('.png', '').replaceAll('/', '_').replaceAll(' ', '_');
      const label = decode(await file(`${raw}/labels${split === 'test' ? 'Ts' : 'Tr'}/${name}.png`));
      expect(label).toMatchObject({ channels: 1, depth: 8 });
      expect(label.palette).toBeUndefined();
      expect([...label.data]).toEqual([...pictures.stored(id).data].map((value) => (value === 255 ? 3 : value)));
    }
    expect(summary.checks.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

function open(file: Buffer): { header: NiftiHeader; voxels: Uint8Array } {
  const bytes = new Uint8Array(gunzipSync(file));
  const header = parseNiftiHeader(bytes);
  if (isRefusal(header)) throw new Error(header.found);
  return { header, voxels: bytes.slice(header.voxelOffset) };
}
