// Every format of volumes and series, written from one project and read into another.
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset, type ImportSummary } from '../../../src-main/services/import.ts';
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
