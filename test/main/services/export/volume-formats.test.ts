import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeHdf5 } from '../../../../src-core/datasets/codecs/hdf5.ts';
import { parseTaskList } from '../../../../src-core/datasets/codecs/mitk.ts';
import { parseNiftiHeader } from '../../../../src-core/imaging/nifti.ts';
import { isRefusal, type Refusal } from '../../../../src-core/imaging/refusal.ts';
import { HEART, SLICES, volumeProject, type VolumeProject } from '../../../support/volume-project.ts';

let built: VolumeProject;
beforeAll(async () => {
  built = await volumeProject();
});
afterAll(() => built.remove());

const plane = [HEART.height, HEART.width];
const decided = HEART.data.map((label) => (label === 255 ? 0 : label));
const scribble = HEART.data.map((label) => (label === 255 ? 4 : label));

describe('HDF5 export', () => {
  it('writes slices and volumes as WSL4MIS reads them, undecided pixels in scribble alone', async () => {
    const { file, summary } = await built.export({ format: 'hdf5' });
    const slice = accept(
      await decodeHdf5(await file('ACDC_training_slices/p1_frame01_slice_0.h5'), ['image', 'label', 'scribble']),
    );
    expect([slice.image.shape, slice.label.shape, slice.scribble.shape]).toEqual([plane, plane, plane]);
    expect(slice.image.data).toBeInstanceOf(Float32Array);
    expect(Math.max(...Array.from(slice.image.data))).toBe(1);
    expect(slice.label.data).toEqual(decided);
    expect(slice.scribble.data).toEqual(scribble);
    const volume = accept(await decodeHdf5(await file('ACDC_training_volumes/p1_frame01.h5'), ['label']));
    expect(volume.label.shape).toEqual([SLICES, ...plane]);
    expect([...Array.from(volume.label.data)]).toEqual(Array.from({ length: SLICES }, () => [...decided]).flat());
    expect(summary.losses).toEqual([
      'Voxel size and orientation of 8 volumes.',
      'In label, not in scribble: 24 pixels in 24 images are not decided; here they are background.',
    ]);
    expect(summary.checks).toMatchObject([{ level: 'warning' }]);
  });

  it('lists cases as SSL4MIS does, slices counted from 1', async () => {
    const { file, summary } = await built.export({ format: 'hdf5', settings: { layout: 'ssl4mis' } });
    expect((await file('train.list')).toString()).toBe('p2_frame01\np2_frame02\np3_frame01\np3_frame02\n');
    expect((await file('val.list')).toString()).toBe('p1_frame01\np1_frame02\n');
    const slices = (await file('train_slices.list')).toString().trim().split('\n');
    expect(slices.slice(0, 3)).toEqual(['p2_frame01_slice_1', 'p2_frame01_slice_2', 'p2_frame01_slice_3']);
    const paths = summary.files.map(({ path }) => path);
    for (const name of slices) expect(paths).toContain(`data/slices/${name}.h5`);
    expect(paths).toContain('data/p4_frame02.h5');
    const slice = await decodeHdf5(await file('data/slices/p2_frame01_slice_1.h5'), ['scribble']);
    expect(isRefusal(slice)).toBe(true);
  });

  it('refuses ids with a gap, which training cannot count', async () => {
    await expect(built.export({ format: 'hdf5', labels: { RV: 1, MYO: 2, LV: 4 } })).rejects.toThrow('got 4 for LV');
  });
});

describe('MITK export', () => {
  it('lists a task for every volume, with image and mask on one grid', async () => {
    const { file, json } = await built.export({ format: 'mitk', settings: { name: 'Hearts' } });
    const list = accept(parseTaskList((await file('tasks.json')).toString()));
    expect(list).toMatchObject({ FileFormat: 'MITK Segmentation Task List', Version: 1, Name: 'Hearts' });
    expect(list.Tasks).toHaveLength(8);
    expect(new Set(list.Tasks.map(({ Result }) => Result)).size).toBe(8);
    for (const { Image, Segmentation } of list.Tasks) {
      const image = accept(parseNiftiHeader(gunzipSync(await file(Image!))));
      const bytes = gunzipSync(await file(Segmentation!));
      const mask = accept(parseNiftiHeader(bytes));
      expect(mask.geometry).toEqual(image.geometry);
      expect(mask.slices).toBe(SLICES);
      expect([...bytes.subarray(mask.voxelOffset, mask.voxelOffset + HEART.data.length)]).toEqual([...HEART.data]);
    }
    expect(await json('label_suggestions.json')).toEqual([
      { name: 'RV', color: '#56b4e9' },
      { name: 'MYO', color: '#e69f00' },
      { name: 'LV', color: '#cc79a7' },
    ]);
  });
});

function accept<Value>(reading: Value | Refusal): Value {
  if (isRefusal(reading)) throw new Error(`expected ${reading.expected}, found ${reading.found}`);
  return reading;
}
