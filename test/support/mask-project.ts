// A project of small pictures with masks that formats stumble over, to be exported and read back.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encode } from 'fast-png';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import type { ItemState } from '../../src-core/review/item-state.ts';
import { exportProject, type ExportOptions, type ExportSummary } from '../../src-main/services/export/export.ts';
import { importDataset } from '../../src-main/services/import.ts';
import { Project, REVIEWED } from '../../src-main/services/project.ts';
import { drawLabels } from './random-masks.ts';

/** Letter F in class 1, a ring of class 2 around a hole, a single pixel, two pixels that touch at a corner, undecided ones. */
export const MASKS: readonly LabelPlane[] = [
  drawLabels(['..........', '.1111.222.', '.1....2.2.', '.111..222.', '.1........', '.1...?....']),
  drawLabels(['1......', '.......', '...12..', '...21..', '......2', '1111111', '.......', '.22.22.']),
  drawLabels(['....', '....', '....']),
  drawLabels(['22222', '21112', '21.12', '21112', '22222']),
];

export interface Exporter {
  /** Exports into a folder of its own; `file` and `json` read what was written. */
  export(options: Omit<ExportOptions, 'directory'>): Promise<{
    readonly directory: string;
    readonly summary: ExportSummary;
    readonly file: (path: string) => Promise<Buffer>;
    readonly json: (path: string) => Promise<unknown>;
  }>;
}

export interface MaskProject extends Exporter {
  readonly project: Project;
  readonly run: string;
  /** The mask of an item as it was stored. */
  stored(item: string): LabelPlane;
  readonly folder: string;
  /** The pictures. */
  readonly source: string;
  remove(): Promise<void>;
}

/**
 * Pictures of classes cat (1) and dog (2), or of those named, each with its mask as segmentation of one run. Pictures divide into
 * all three splits. They lie in a folder of their class, or where classes are named in `images`, which some formats give a meaning.
 */
export async function maskProject(
  masks: readonly LabelPlane[] = MASKS,
  options: { readonly reviewed?: Readonly<Record<number, ItemState>>; readonly classes?: readonly string[] } = {},
): Promise<MaskProject> {
  const folder = await mkdtemp(join(tmpdir(), 'unia export '));
  const source = join(folder, 'pictures');
  for (const [index, { width, height }] of masks.entries()) {
    const folder = options.classes ? 'images/' : index % 2 === 0 ? 'cat/' : 'dog/';
    const name = `${folder}picture ${String(index).padStart(3, '0')}.png`;
    await mkdir(dirname(join(source, name)), { recursive: true });
    const data = Uint8Array.from({ length: width * height }, (_, i) => (i * 7 + index) % 256);
    await writeFile(join(source, name), encode({ width, height, data, channels: 1, depth: 8 }));
  }
  await importDataset(source, join(folder, 'project'), {
    split: { kind: 'shares', test: 0.25, validation: 0.25, seed: 1 },
    ...(options.classes && { classes: options.classes }),
  });
  const project = Project.open(join(folder, 'project'));
  const run = project.createRun({});
  const stored = new Map<string, LabelPlane>();
  for (const { id } of project.items) {
    const index = Number(/\d+/.exec(id)![0]);
    const mask = masks[index]!;
    stored.set(id, mask);
    const { width, height } = mask;
    const uncertainty = { width, height, data: Float32Array.from(mask.data, (_, i) => i / mask.data.length) };
    project.writePrediction(run, id, { score: 0.25, labels: { segmentation: mask }, values: { uncertainty } });
    const state = options.reviewed?.[index];
    if (!state) continue;
    project.writeLabelMap(id, REVIEWED, mask);
    project.setState(id, state);
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

/** Exports of a project into folders of their own. */
export function exporter(project: Project, folder: string): Exporter {
  let exports = 0;
  return {
    async export(request) {
      const directory = join(folder, `out ${++exports}`);
      const summary = await exportProject(project, { ...request, directory });
      const file = (path: string): Promise<Buffer> => readFile(join(directory, path));
      const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(join(directory, path), 'utf8'));
      return { directory, summary, file, json };
    },
  };
}
