// A project of small volumes whose geometry readers stumble over, with a letter F on every slice, to be exported and read back.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { importDataset } from '../../src-main/services/import.ts';
import { Project } from '../../src-main/services/project.ts';
import { exporter, type Exporter } from './mask-project.ts';
import { niftiBytes, type NiftiFields } from './nifti-file.ts';
import { drawLabels } from './random-masks.ts';

/** RV is a letter F, MYO a ring, LV what it holds; one pixel is not decided. */
export const HEART: LabelPlane = drawLabels([
  '..........',
  '.1111.222.',
  '.1....232.',
  '.111..222.',
  '.1........',
  '.1...?....',
]);

export const SLICES = 3;
export const PHASES = 2;

/** Fields of each patient's header: oblique and flipped, big-endian, NIfTI-2, plain. All are anisotropic. */
export const GEOMETRIES: readonly NiftiFields[] = [
  { pixdim: [-1, 1.25, 2.5, 8, 0.04], qform: 1, quaternion: [0.36, 0.48, 0.64], offset: [-92, -118, 41] },
  {
    littleEndian: false,
    pixdim: [1, 1.5, 0.75, 10, 1],
    sform: 1,
    srow: [-1.5, 0, 0, 30, 0, -0.75, 0, 20, 0, 0, 10, -5],
  },
  { version: 2, pixdim: [1, 2, 2, 6, 1], sform: 2, srow: [0, 0, 6, 1, 2, 0, 0, 2, 0, 2, 0, 3] },
  { pixdim: [1, 1, 1.5, 9, 1], qform: 1 },
];

export interface VolumeProject extends Exporter {
  readonly project: Project;
  readonly run: string;
  readonly folder: string;
  readonly source: string;
  remove(): Promise<void>;
}

/** Patients p1, p2, ... in the ACDC layout, ED and ES in one 4-D file, each slice predicted as `HEART`. The last is held out. */
export async function volumeProject(
  geometries: readonly NiftiFields[] = GEOMETRIES,
  voxelAt: (index: number) => number = (index) => (index * 37) % 500,
): Promise<VolumeProject> {
  const folder = await mkdtemp(join(tmpdir(), 'unia volumes '));
  const source = join(folder, 'cine');
  const { width, height } = HEART;
  const size = width * height;
  const voxels = Array.from({ length: size * SLICES * PHASES }, (_, i) => voxelAt(i));
  const truth = Array.from({ length: SLICES }, () =>
    [...HEART.data].map((label) => (label === 255 ? 0 : label)),
  ).flat();
  for (const [index, fields] of geometries.entries()) {
    const patient = `p${index + 1}`;
    await mkdir(join(source, patient), { recursive: true });
    await writeFile(join(source, patient, 'Info.cfg'), `ED: 1\nES: ${PHASES}\n`);
    const dims = [width, height, SLICES, PHASES];
    await writeFile(join(source, patient, `${patient}_4d.nii`), niftiBytes({ ...fields, dims }, voxels));
    const mask = niftiBytes({ ...fields, dims: dims.slice(0, 3), type: 'uint8' }, truth);
    for (const frame of ['01', '02']) await writeFile(join(source, patient, `${patient}_frame${frame}_gt.nii`), mask);
  }
  const last = `p${geometries.length}`;
  await importDataset(source, join(folder, 'project'), {
    split: { kind: 'list', splits: { [last]: 'test', p1: 'validation' } },
  });
  const project = Project.open(join(folder, 'project'));
  const run = project.createRun({});
  const uncertainty = { width, height, data: Float32Array.from({ length: size }, (_, i) => i / size) };
  for (const { id } of project.items) {
    project.writePrediction(run, id, { score: 0.5, labels: { segmentation: HEART }, values: { uncertainty } });
  }
  return {
    ...exporter(project, folder),
    project,
    run,
    folder,
    source,
    async remove() {
      project.close();
      await rm(folder, { recursive: true });
    },
  };
}
