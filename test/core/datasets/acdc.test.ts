import { describe, expect, it } from 'vitest';
import { acdcImporter } from '../../../src-core/datasets/acdc.ts';
import type { ScanOptions } from '../../../src-core/datasets/importer.ts';
import { collect, memoryDataset, ofKind, type MemoryFiles } from '../../support/memory-dataset.ts';
import { niftiBytes } from '../../support/nifti-file.ts';

/** 3 x 2 pixels, 2 slices: the first shows RV and LV, the second nothing. */
const MASK = [0, 1, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0];
const image = (first = 0) =>
  niftiBytes(
    { dims: [3, 2, 2] },
    Array.from({ length: 12 }, (_, index) => first + index),
  );
const mask = () => niftiBytes({ dims: [3, 2, 2], type: 'uint8' }, MASK);

function patient(
  folder: string,
  name: string,
  endDiastole = 1,
  endSystole = 4,
): Required<Pick<MemoryFiles, 'nifti' | 'text'>> {
  const frame = (number: number) => `${folder}/${name}_frame${String(number).padStart(2, '0')}`;
  return {
    nifti: {
      [`${frame(endDiastole)}.nii.gz`]: image(),
      [`${frame(endDiastole)}_gt.nii.gz`]: mask(),
      [`${frame(endSystole)}.nii.gz`]: image(5),
      [`${frame(endSystole)}_gt.nii.gz`]: mask(),
    },
    text: { [`${folder}/Info.cfg`]: `ED: ${endDiastole}\nES: ${endSystole}\nGroup: DCM\n` },
  };
}

async function scan(files: MemoryFiles, options: ScanOptions = {}) {
  const events = await collect(acdcImporter.scan(memoryDataset(files), options));
  const volumes = ofKind(events, 'volume').map((event) => event.volume);
  return { events, volumes, refused: ofKind(events, 'refused'), warnings: ofKind(events, 'warning') };
}

describe('import of the ACDC layout', () => {
  it('is detected by its file names and says why', async () => {
    const files = [
      { path: 'patient001/patient001_frame01.nii.gz', size: 1 },
      { path: 'patient001/Info.cfg', size: 1 },
    ];
    const nothing = memoryDataset({});
    expect(await acdcImporter.detect(files, nothing)).toEqual({
      confidence: 0.95,
      why: '1 folder with NAME_frameFF.nii or NAME_4d.nii files, 1 of them with Info.cfg',
    });
    expect(await acdcImporter.detect([{ path: 'a.nii.gz', size: 1 }], nothing)).toMatchObject({ confidence: 0 });
  });

  it('reads ED and ES from Info.cfg, also where ED is not frame 1', async () => {
    const { volumes } = await scan(patient('patient090', 'patient090', 11, 4));
    expect(volumes.map(({ id, phase, frame }) => [id, phase, frame])).toEqual([
      ['patient090_frame04', 'ES', 4],
      ['patient090_frame11', 'ED', 11],
    ]);
  });

  it('derives the tags of each slice from its mask; an empty slice is tagged with no class', async () => {
    const { volumes } = await scan(patient('patient001', 'patient001'));
    expect(volumes[0]?.items).toEqual([
      { id: 'patient001_frame01_z00', slice: 0, tags: [{ present: [1, 0, 1] }] },
      { id: 'patient001_frame01_z01', slice: 1, tags: [{ present: [0, 0, 0] }] },
    ]);
  });

  it('keeps the classes asked for, in that order, and makes the others background', async () => {
    const { volumes, events } = await scan(patient('patient001', 'patient001'), { classes: ['lv'] });
    expect(ofKind(events, 'plan')[0]?.classes).toEqual(['LV']);
    expect(volumes[0]?.truth?.values).toEqual({ 3: 1 });
    expect(volumes[0]?.items[0]?.tags).toEqual([{ present: [1] }]);
  });

  it('refuses class names that the masks do not have', async () => {
    await expect(scan(patient('p', 'p'), { classes: ['LVX'] })).rejects.toThrow(
      'classes: expected some of RV, MYO, LV, got "LVX"',
    );
  });

  it('takes frames out of the 4-D file where they have none of their own, and every frame when asked', async () => {
    const values = Array.from({ length: 48 }, (_, index) => index);
    const files = {
      nifti: { 'p1/p1_4d.nii.gz': niftiBytes({ dims: [3, 2, 2, 4] }, values) },
      text: { 'p1/Info.cfg': 'ED: 1\nES: 3\n' },
    };
    const some = await scan(files);
    expect(some.volumes.map(({ phase, phaseIndex }) => [phase, phaseIndex])).toEqual([
      ['ED', 0],
      ['ES', 2],
    ]);
    const all = await scan(files, { allFrames: true });
    expect(all.volumes.map(({ phase }) => phase)).toEqual(['ED', '', 'ES', '']);
  });

  it('takes tags from a table where there are no masks, and lists rows that name nothing', async () => {
    const { nifti, text } = patient('patient001', 'patient001');
    const images = Object.fromEntries(Object.entries(nifti).filter(([path]) => !path.includes('_gt')));
    const table = [
      ['patient', 'frame', 'slice', 'labels'],
      ['patient001', '1', '1', 'LV;RV'],
      ['patient001', '1', '2', 'none'],
      ['patient002', '1', '1', 'LV'],
      ['patient001', '4', '1', 'left ventricle'],
    ];
    const { volumes, refused, warnings } = await scan({ nifti: images, text, tables: { 'tags.csv': table } });
    expect(volumes[0]?.items.map((item) => item.tags)).toEqual([[{ present: [1, 0, 1] }], [{ present: [0, 0, 0] }]]);
    expect(volumes[1]?.items.map((item) => item.tags)).toEqual([[], []]);
    expect(refused.map(({ expected, found }) => [expected, found])).toEqual([
      ['line 5 to name classes among RV, MYO, LV or none', 'left ventricle'],
      ['line 4 to name a volume and frame of the source', 'patient002, frame 1'],
    ]);
    expect(warnings.map((event) => event.message)).toContain(
      'no slice is numbered 0, so slices are taken to count from 1',
    );
  });

  it('puts patients under testing/ into the test split and refuses a patient that is there twice', async () => {
    const one = patient('training/patient001', 'patient001');
    const two = patient('testing/patient101', 'patient101');
    const again = patient('testing/patient001', 'patient001');
    const { volumes, refused } = await scan({
      nifti: { ...one.nifti, ...two.nifti, ...again.nifti },
      text: { ...one.text, ...two.text, ...again.text },
    });
    const splits = new Set(volumes.map(({ patient: name, split }) => `${name} ${split}`));
    expect([...splits].sort()).toEqual(['patient001 test', 'patient101 test']);
    expect(refused).toMatchObject([{ file: 'training/patient001', expected: 'one folder for patient001' }]);
  });

  it('says when Info.cfg is missing or names a frame that is not there', async () => {
    const { nifti } = patient('p1', 'p1');
    const without = await scan({ nifti });
    expect(without.volumes.map(({ phase }) => phase)).toEqual(['', '']);
    expect(without.warnings[0]?.message).toContain('does not say which frames are ED and ES');
    const wrong = await scan({ nifti, text: { 'p1/Info.cfg': 'ED: 1\nES: 9\n' } });
    expect(wrong.refused).toMatchObject([
      { expected: 'frame 9 as a file or in a 4-D file', found: 'neither in the folder' },
    ]);
    expect(wrong.volumes).toHaveLength(2);
  });

  it('refuses a mask of another size but keeps its image, and warns of values without a name', async () => {
    const { nifti, text } = patient('p1', 'p1');
    const small = niftiBytes({ dims: [2, 2, 2], type: 'uint8' }, new Array<number>(8).fill(1));
    const odd = niftiBytes(
      { dims: [3, 2, 2], type: 'uint8' },
      MASK.map((value) => value * 2),
    );
    const { volumes, refused, warnings } = await scan({
      nifti: { ...nifti, 'p1/p1_frame01_gt.nii.gz': small, 'p1/p1_frame04_gt.nii.gz': odd },
      text,
    });
    expect(refused).toMatchObject([{ file: 'p1/p1_frame01_gt.nii.gz', found: '2 x 2 x 2' }]);
    expect(volumes[0]?.truth).toBeNull();
    expect(warnings.map((event) => event.message)).toContain('values 6 name no class and count as background');
  });

  it('counts NaN and infinite voxels and says how they are shown', async () => {
    const { nifti, text } = patient('p1', 'p1');
    const odd = niftiBytes({ dims: [3, 2, 2], type: 'float32' }, [NaN, Infinity, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { volumes, warnings } = await scan({ nifti: { ...nifti, 'p1/p1_frame01.nii.gz': odd }, text });
    expect(warnings[0]?.message).toBe('2 voxels are NaN or infinite; they are shown as the darkest value');
    expect(volumes[0]?.range).toEqual({ low: 1, high: 10 });
  });
});
