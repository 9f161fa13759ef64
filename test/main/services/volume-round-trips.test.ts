// Every format of volumes and series, written from one project and read into another.
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset, type ImportSummary } from '../../../src-main/services/import.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { dicomProject } from '../../support/dicom-project.ts';
import { HEART, volumeProject, type VolumeProject } from '../../support/volume-project.ts';

let built: VolumeProject;
beforeAll(async () => {
  built = await volumeProject();
});
afterAll(() => built.remove());

const CLASSES = ['RV', 'MYO', 'LV'];
const undecided = [...HEART.data];
const decided = undecided.map((id) => (id === 255 ? 0 : id));

let imports = 0;
async function importInto(folder: string, source: string): Promise<{ summary: ImportSummary; project: Project }> {
  const target = join(folder, `in ${++imports}`);
  const summary = await importDataset(source, target, { masks: 'reviewed' });
  return { summary, project: Project.open(target, 'read') };
}

/** Every slice's mask, and the patients with their splits. */
function contents(project: Project) {
  const masks = project.items.map(({ id }) => [...project.readLabelMap(id, REVIEWED)!.data]);
  return { masks, splits: Object.fromEntries(project.items.map(({ group, split }) => [group, split])) };
}

/** Pixels from dark to bright. */
function orderOf(data: ArrayLike<number>): number[] {
  return Array.from(data, (_, at) => at).sort((a, b) => data[a]! - data[b]! || a - b);
}

describe('volumes', () => {
  it('come back from nnU-Net with geometry, patients and folds, undecided pixels included', async () => {
    const { directory } = await built.export({ format: 'nnunet', settings: { folds: 1 } });
    const { summary, project } = await importInto(built.folder, directory);
    expect(summary).toMatchObject({ format: 'nnunet', refused: [], classes: CLASSES, patients: 4, volumes: 8 });
    const { masks, splits } = contents(project);
    expect(masks).toEqual(Array(24).fill(undecided));
    expect(splits).toEqual({ p1: 'validation', p2: 'train', p3: 'train', p4: 'test' });
    for (const volume of built.project.volumes) {
      const again = project.volumes.find(({ id }) => id === volume.id)!;
      expect([again.affine, again.spacing, again.frame]).toEqual([volume.affine, volume.spacing, volume.frame]);
    }
    project.close();
  });

  it.each(['separate', 'together'])(
    'come back from NIfTI label maps beside their images, phases %s',
    async (phases) => {
      const { directory } = await built.export({ format: 'nifti', settings: { phases } });
      const source = join(built.folder, `images and maps ${phases}`);
      mkdirSync(source);
      cpSync(directory, source, { recursive: true });
      for (const patient of readdirSync(built.source)) {
        const image = join(built.source, patient, `${patient}_4d.nii`);
        if (phases === 'together') cpSync(image, join(source, `${patient}_4d.nii`));
      }
      if (phases === 'separate') {
        const images = await built.export({ format: 'mitk' });
        for (const name of readdirSync(join(images.directory, 'images'))) {
          cpSync(join(images.directory, 'images', name), join(source, name));
        }
      }
      const { summary, project } = await importInto(built.folder, source);
      expect(summary).toMatchObject({ format: 'nifti', refused: [], classes: CLASSES, patients: 4, volumes: 8 });
      expect(contents(project).masks).toEqual(Array(24).fill(undecided));
      project.close();
    },
  );

  it('come back from a task list of MITK', async () => {
    const { directory } = await built.export({ format: 'mitk' });
    const { summary, project } = await importInto(built.folder, directory);
    expect(summary).toMatchObject({ format: 'nifti', refused: [], classes: CLASSES, patients: 4, volumes: 8 });
    expect(contents(project).masks).toEqual(Array(24).fill(undecided));
    project.close();
  });
});

describe('HDF5', () => {
  const cases = [
    { layout: 'wsl4mis', masks: undecided, loss: 'undecided pixels from scribble' },
    { layout: 'ssl4mis', masks: decided, loss: 'which has no undecided ones' },
  ];
  it.each(cases)('comes back as $layout has it, images, classes and splits, $loss', async ({ layout, masks }) => {
    const { directory } = await built.export({ format: 'hdf5', settings: { layout } });
    const { summary, project } = await importInto(built.folder, directory);
    expect(summary).toMatchObject({ format: 'hdf5', refused: [], classes: CLASSES, patients: 4, volumes: 8, masks: 8 });
    expect(summary.warnings.map(({ message }) => message)).toContain(
      '24 files of single slices repeat what the files of volumes hold',
    );
    expect(contents(project)).toEqual({
      masks: Array(24).fill(masks),
      splits: { p1: 'validation', p2: 'train', p3: 'train', p4: 'test' },
    });
    const [before, after] = [openImageData(built.project), openImageData(project)];
    for (const { id } of project.items) {
      const [was, is] = [await before.image(id), await after.image(id)];
      expect([is.width, is.height]).toEqual([was.width, was.height]);
      // Each project spreads its own darkest and brightest values over 0 to 1.
      expect(orderOf(is.data)).toEqual(orderOf(was.data));
    }
    project.close();
  });
});

describe('DICOM series', () => {
  it('come back from DICOM-SEG beside the series', async () => {
    const series = await dicomProject();
    const { directory } = await series.export({ format: 'dicom-seg' });
    const source = join(series.folder, 'with masks');
    cpSync(series.source, source, { recursive: true });
    cpSync(directory, join(source, 'segmentations'), { recursive: true });
    const { summary, project } = await importInto(series.folder, source);
    expect(summary).toMatchObject({ format: 'dicom', refused: [], classes: CLASSES, volumes: 2, masks: 2 });
    expect(contents(project).masks).toEqual(Array(6).fill(decided));
    project.close();
    await series.remove();
  });
});
