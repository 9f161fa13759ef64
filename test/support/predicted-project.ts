// A small project with stored predictions that nobody had to train for: truth moved, grown or emptied on purpose.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IGNORE, type LabelPlane } from '../../src-core/imaging/plane.ts';
import { encodeCheckpoint } from '../../src-core/training/checkpoint.ts';
import { withSettings } from '../../src-core/training/config.ts';
import { initialWeights } from '../../src-core/training/initial-state.ts';
import { presetOf } from '../../src-core/training/presets.ts';
import { beginning } from '../../src-core/training/train.ts';
import { openImageData } from '../../src-main/services/image-data.ts';
import { importDataset, type ImportOptions } from '../../src-main/services/import.ts';
import { writePhantomDataset } from '../../src-main/services/phantom-dataset.ts';
import type { Project, Prediction } from '../../src-main/services/project.ts';
import { CHECKPOINT_FILE } from '../../src-main/services/train.ts';

/** Folders of a phantom in the ACDC layout and of the project made from it. */
export interface PhantomProject {
  /** Remove this after the test. */
  readonly folder: string;
  readonly source: string;
  readonly directory: string;
}

/** Imports a phantom of a few patients; patient 5 is the one to test on. */
export async function phantomProject(
  options: ImportOptions = {},
  size: { readonly patients?: number; readonly side?: number; readonly slices?: number } = {},
): Promise<PhantomProject> {
  const folder = await mkdtemp(join(tmpdir(), 'unia masks '));
  const source = join(folder, 'phantom');
  const directory = join(folder, 'project');
  const { patients = 5, side = 48, slices = 3 } = size;
  await writePhantomDataset({ folder: source, patients, size: side, slices, phases: 4 });
  const split = { kind: 'modulus', modulus: 5, validation: 0.1, seed: 0 } as const;
  await importDataset(source, directory, { split, ...options });
  return { folder, source, directory };
}

/** Stores predictions for the chosen items: segmentation = truth, and earlier maps that are worse in known ways. */
export async function storePredictions(
  project: Project,
  chosen: (item: Project['items'][number]) => boolean = () => true,
): Promise<string> {
  const data = openImageData(project);
  const run = project.createRun({});
  for (const item of project.items) {
    if (!chosen(item)) continue;
    const truth = await data.truth(item.id);
    if (truth) project.writePrediction(run, item.id, predictionOf(truth));
  }
  project.updateRun(run, 'finished');
  return run;
}

/** Adds a run with a small network that has learnt nothing, for images made as large as `side`. */
export async function storeNetwork(project: Project, side = 48): Promise<string> {
  const config = withSettings(presetOf('quick'), { 'data.side': String(side), 'batch.side': String(side) });
  const start = beginning(config, project.classes, initialWeights(config, project.classes.length));
  const run = project.createRun(config);
  const trained = encodeCheckpoint({ ...start, stage: 'segmentation', iteration: 9 });
  await writeFile(join(project.runDirectory(run), CHECKPOINT_FILE), trained);
  project.updateRun(run, 'finished');
  return run;
}

/** Segmentation is the truth; P leaves what the truth calls 1 open; CAM says 1 everywhere; P1 is empty. */
function predictionOf(truth: LabelPlane): Prediction {
  const { width, height, data } = truth;
  const plane = (labels: Uint8Array): LabelPlane => ({ width, height, data: labels });
  return {
    score: 0.25,
    labels: {
      cam: plane(new Uint8Array(data.length).fill(1)),
      p1: plane(new Uint8Array(data.length)),
      p2: plane(data.slice()),
      p3: plane(data.slice()),
      pseudo: plane(data.map((label) => (label === 1 ? IGNORE : label))),
      segmentation: plane(data.slice()),
    },
    values: {
      uncertainty: { width, height, data: Float32Array.from(data, (label, i) => (label === 0 ? 0 : (i % 5) / 8)) },
    },
  };
}
