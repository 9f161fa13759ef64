import { gunzipSync } from 'node:zlib';
import { decode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNiftiHeader, type NiftiHeader } from '../../../../src-core/imaging/nifti.ts';
import { phaseBytes } from '../../../../src-core/imaging/volume-header.ts';
import { isRefusal } from '../../../../src-core/imaging/refusal.ts';
import { maskProject, type MaskProject } from '../../../support/mask-project.ts';
import { HEART, SLICES, volumeProject, type VolumeProject } from '../../../support/volume-project.ts';

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
    expect(summary.checks.map(({ level }) => level)).toEqual(['good', 'good', 'good', 'good']);
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
    expect(summary.notes).toContain('1 volumes lack slices; those are the ignore label.');
  });

  it('refuses ids that nnU-Net would refuse, before it writes', async () => {
    const labels = { RV: 1, MYO: 2, LV: 5 };
    const dry = await volumes.export({ format: 'nnunet', labels, dryRun: true });
    expect(dry.summary.checks[0]).toMatchObject({ level: 'error' });
    await expect(volumes.export({ format: 'nnunet', labels })).rejects.toThrow('got 5 for LV');
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
