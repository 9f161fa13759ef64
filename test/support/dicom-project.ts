// A project of oblique DICOM slices, two phases, each predicted as `HEART`, to be exported and read back.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { importDataset } from '../../src-main/services/import.ts';
import { Project } from '../../src-main/services/project.ts';
import { dicomBytes, sliceElements, SYNTAX } from './dicom-bytes.ts';
import { exporter, type Exporter } from './mask-project.ts';
import { put } from './source-folders.ts';
import { HEART } from './volume-project.ts';

/** What is drawn on the slices: masks of one size, of the classes named. */
export interface DicomMasks {
  readonly masks: readonly LabelPlane[];
  readonly classes: readonly string[];
}

export interface DicomProject extends Exporter {
  readonly project: Project;
  readonly run: string;
  readonly folder: string;
  readonly source: string;
  /** The mask of an item as it was stored. */
  stored(item: string): LabelPlane;
  remove(): Promise<void>;
}

/** Centre of a slice's first voxel: left, back, head. Slices lie 8 mm apart along (0.6, 0, 0.8). */
export const position = (slice: number): number[] => [10 + 4.8 * slice, 20, 30 + 6.4 * slice];
/** Columns towards (0.8, 0, -0.6), rows towards the back. */
export const ORIENTATION = [0.8, 0, -0.6, 0, 1, 0];

/** One patient, `slices` slices of `phases` phases, files named in no order, in different transfer syntaxes. `masks` go to the items in turn. */
export async function dicomProject(
  slices = 3,
  phases = 2,
  { masks = [HEART], classes = ['RV', 'MYO', 'LV'] }: Partial<DicomMasks> = {},
): Promise<DicomProject> {
  const folder = await mkdtemp(join(tmpdir(), 'unia dicom '));
  const source = join(folder, 's');
  const { width, height } = masks[0]!;
  let instance = 0;
  for (const slice of Array.from({ length: slices }, (_, index) => slices - 1 - index)) {
    for (const phase of Array.from({ length: phases }, (_, index) => phases - 1 - index)) {
      instance += 1;
      const values = Array.from({ length: width * height }, (_, at) => 100 * slice + 10 * phase + at);
      const fields = {
        instance,
        position: position(slice),
        orientation: ORIENTATION,
        trigger: phase * 40,
        width,
        height,
      };
      const elements = sliceElements({ ...fields, values, more: { '00200052': ['UI', '1.2.3.4.5'] } });
      put(folder, `s/IM${instance}`, dicomBytes(elements, instance % 2 === 0 ? SYNTAX.implicit : SYNTAX.explicit));
    }
  }
  await importDataset(source, join(folder, 'project'), { classes });
  const project = Project.open(join(folder, 'project'));
  const run = project.createRun({});
  const uncertainty = {
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => i / (width * height)),
  };
  const stored = new Map(project.items.map(({ id }, index) => [id, masks[index % masks.length]!]));
  for (const [id, segmentation] of stored) {
    project.writePrediction(run, id, { score: 0.5, labels: { segmentation }, values: { uncertainty } });
  }
  return {
    ...exporter(project, folder),
    project,
    run,
    folder,
    source,
    stored: (item) => stored.get(item)!,
    async remove() {
      project.close();
      await rm(folder, { recursive: true });
    },
  };
}
