// The demo: a synthetic data set is drawn, imported, trained on, predicted, measured and exported, in one folder. Every step
// that is whole is kept, so that an interrupted demo goes on where it stopped.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { AdvisedError } from './advised-error.ts';
import type { Engine } from '../../src-core/compile/index.ts';
import type { TagOptions } from '../../src-core/datasets/derive-tags.ts';
import { withSettings, type TrainingConfig } from '../../src-core/training/config.ts';
import { presetOf } from '../../src-core/training/presets.ts';
import type { TrainingEvent } from '../../src-core/training/train.ts';
import { holdsProject } from '../storage/database.ts';
import { isWriterLocked } from '../storage/writer-lock.ts';
import { evaluateProject, type ProjectEvaluation } from './evaluate.ts';
import { exportProject } from './export/export.ts';
import { openImageData } from './image-data.ts';
import { importDataset } from './import.ts';
import { writeMontage, type MontageRow } from './montage.ts';
import { writePhantomDataset } from './phantom-dataset.ts';
import { predictProject } from './predict.ts';
import { Project, type ProjectItem } from './project.ts';
import { writeSamples } from './run-samples.ts';
import { withIterations } from './time-plan.ts';
import { trainProject } from './train.ts';

/** How large a demo is; the default is what fits into a few minutes on two cores and still learns. */
export interface DemoSize {
  readonly patients: number;
  /** Slices of each volume. */
  readonly slices: number;
  /** Iterations of all stages; those of the recipe when null. */
  readonly iterations: number | null;
}

export const DEMO_SIZE: DemoSize = { patients: 12, slices: 6, iterations: null };

/** Size of the drawn images and phases of a cycle. */
export const PHANTOM = { size: 128, phases: 8 } as const;
const CLASS = 'LV';
/** An annotator who says of twelve windows of each slice whether they show the cavity. */
const TAGS: TagOptions = {
  kind: 'crops',
  windows: 12,
  window: 34,
  referenceSide: null,
  minimumShare: 0.01,
  seed: 0,
};
/** Patients 4, 8 and 12 are held out to measure on: three kinds of heart, each of which training sees in others too. */
const SPLIT = { kind: 'modulus', modulus: 4, validation: 0.1, seed: 0 } as const;

/** How the phantom is imported. */
export const DEMO_IMPORT = { classes: [CLASS], tags: TAGS, split: SPLIT };

/**
 * Changes to the preset `quick`: smaller images, so that the time allows for more steps (the CAM appears after some 400),
 * and a higher threshold, as the drawn ventricle is few tokens wide.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  'data.side': '96',
  'batch.side': '96',
  'batch.windowsPerImage': '12',
  'cam.high': '0.3',
  'cam.low': '0.3',
  'cam.evaluation': '0.3',
  'schedule.iterations': '800',
  'segmentationStage.side': '96',
  'segmentationStage.images': '4',
  'segmentationStage.iterations': '300',
  'segmentationStage.learningRate': '0.0025',
  evaluateEvery: '400',
};

/** Where the parts of a demo lie in its folder. */
const PARTS = {
  phantom: 'phantom',
  project: 'project',
  masks: 'masks',
  network: 'network',
  montage: 'montage.png',
  evaluation: 'evaluation.json',
} as const;

export type DemoStep = 'draw' | 'import' | 'train' | 'predict' | 'evaluate' | 'export';

export interface DemoRequest {
  readonly folder: string;
  readonly engine: Engine;
  readonly size: DemoSize;
  readonly signal?: AbortSignal;
  /** Called as a step begins; `kept` where an earlier run of the demo has done it. */
  readonly onStep?: (step: DemoStep, kept: boolean) => void;
  readonly onProgress?: (done: number, total: number, unit: string) => void;
  readonly onTraining?: (event: TrainingEvent) => void;
}

/** What a demo left behind. Paths are absolute. */
export interface DemoResult {
  readonly folder: string;
  readonly paths: Readonly<Record<keyof typeof PARTS, string>>;
  readonly run: string;
  readonly evaluation: ProjectEvaluation;
}

/** Runs the demo, or what is missing of it. Undefined when the signal stopped it; the same call again goes on. */
export async function runDemo(request: DemoRequest): Promise<DemoResult | undefined> {
  const folder = resolve(request.folder);
  const paths = pathsIn(folder);
  const marker = openMarker(folder, request.size);
  await draw(request, marker, paths.phantom);
  if (!(await makeProject(request, paths))) return undefined;
  const project = Project.open(paths.project);
  try {
    const run = await trainDemo(project, request);
    if (run === undefined) return undefined;
    request.onStep?.('predict', false);
    const predicted = await predictProject(project, {
      engine: request.engine,
      run,
      ...(request.signal && { signal: request.signal }),
      onProgress: (done, total) => request.onProgress?.(done, total, 'images'),
    });
    if (predicted.stopped) return undefined;
    request.onStep?.('evaluate', false);
    const evaluation = await evaluateProject(project, { run, source: 'all' });
    writeFileAtomic.sync(paths.evaluation, `${JSON.stringify(evaluation, undefined, 2)}\n`);
    await writeMontage(paths.montage, await montageRows(project, run), project.classes);
    request.onStep?.('export', false);
    const common = { run, overwrite: true };
    await exportProject(project, {
      ...common,
      format: 'nifti',
      directory: paths.masks,
      settings: { uncertainty: true },
    });
    await exportProject(project, { ...common, format: 'onnx', directory: paths.network });
    return { folder, paths, run, evaluation };
  } finally {
    project.close();
  }
}

/** The recipe of the demo. */
export function demoRecipe({ iterations }: DemoSize): TrainingConfig {
  const config = withSettings(presetOf('quick'), SETTINGS);
  if (iterations === null) return config;
  return withIterations(config, iterations / (config.schedule.iterations + config.segmentationStage.iterations));
}

/**
 * Removes an earlier demo. Throws, and removes nothing, where the folder is not a demo's own, holds anything that a demo
 * does not write, or is in use.
 */
export function removeDemo(directory: string): void {
  const folder = resolve(directory);
  if (!existsSync(folder)) return;
  if (readMarker(folder) === undefined) throw notADemo(folder);
  const own = new Set<string>([MARKER, ...Object.values(PARTS)]);
  const foreign = readdirSync(folder).find((name) => !own.has(name));
  if (foreign !== undefined) {
    throw new Error(`${folder} holds ${foreign}, which no demo wrote, so it is not replaced; move that away first`);
  }
  if (isWriterLocked(join(folder, PARTS.project))) {
    throw new Error(`${folder} is in use by another process, so it is not replaced`);
  }
  rmSync(folder, { recursive: true });
}

const MARKER = 'unia-demo.json';

/** Recognises a demo's folder and remembers what it was begun with. */
interface Marker {
  readonly kind: 'unia-demo';
  readonly size: DemoSize;
  readonly drawn: boolean;
}

function openMarker(folder: string, size: DemoSize): Marker {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new Error(`out: expected a folder, got the file ${folder}`);
  }
  const found = existsSync(folder) && readdirSync(folder).length > 0;
  if (!found) {
    mkdirSync(folder, { recursive: true });
    const marker: Marker = { kind: 'unia-demo', size, drawn: false };
    writeMarker(folder, marker);
    return marker;
  }
  const marker = readMarker(folder);
  if (marker === undefined) throw notADemo(folder);
  if (JSON.stringify(marker.size) !== JSON.stringify(size)) {
    throw new AdvisedError(`${folder} holds a demo of another size`, { kind: 'again' });
  }
  return marker;
}

function notADemo(folder: string): Error {
  return new AdvisedError(`${folder} is not empty and no demo made it`, { kind: 'other-folder' });
}

function readMarker(folder: string): Marker | undefined {
  try {
    const marker: unknown = JSON.parse(readFileSync(join(folder, MARKER), 'utf8'));
    const ours = typeof marker === 'object' && marker !== null && 'kind' in marker && marker.kind === 'unia-demo';
    return ours ? (marker as Marker) : undefined; // the kind says that we wrote it
  } catch {
    return undefined;
  }
}

function writeMarker(folder: string, marker: Marker): void {
  writeFileAtomic.sync(join(folder, MARKER), `${JSON.stringify(marker, undefined, 2)}\n`);
}

function pathsIn(folder: string): DemoResult['paths'] {
  const entries = Object.entries(PARTS).map(([part, name]) => [part, join(folder, name)]);
  return Object.fromEntries(entries) as DemoResult['paths']; // the same keys
}

async function draw(request: DemoRequest, marker: Marker, phantom: string): Promise<void> {
  request.onStep?.('draw', marker.drawn);
  if (marker.drawn) return;
  await writePhantomDataset({
    folder: phantom,
    patients: request.size.patients,
    slices: request.size.slices,
    ...PHANTOM,
    onPatient: (done, total) => request.onProgress?.(done, total, 'patients'),
  });
  writeMarker(resolve(request.folder), { ...marker, drawn: true });
}

/** False when the signal stopped it, which leaves nothing of the project. */
async function makeProject({ onStep, onProgress, signal }: DemoRequest, paths: DemoResult['paths']): Promise<boolean> {
  if (signal?.aborted) return false;
  const kept = holdsProject(paths.project);
  onStep?.('import', kept);
  if (kept) return true;
  try {
    await importDataset(
      paths.phantom,
      paths.project,
      DEMO_IMPORT,
      ({ done, total }) => onProgress?.(done, total, 'steps'),
      signal,
    );
  } catch (error) {
    if (signal?.aborted) return false;
    throw error;
  }
  return true;
}

/** The demo's one run, trained to its end; undefined when the signal stopped it. */
async function trainDemo(project: Project, request: DemoRequest): Promise<string | undefined> {
  const last = project.runs().at(-1);
  const finished = last?.status === 'finished';
  request.onStep?.('train', finished);
  if (finished) return last.id;
  const result = await trainProject(project, {
    engine: request.engine,
    begin: last && last.status !== 'failed' ? { resume: last.id } : { config: demoRecipe(request.size) },
    ...(request.signal && { signal: request.signal }),
    onEvent: async (event, run) => {
      if (event.kind === 'evaluated') await writeSamples(project, run, event);
      request.onTraining?.(event);
    },
  });
  return result.status === 'finished' ? result.run : undefined;
}

/** For each held-out patient the middle slice of one volume, end diastole and end systole in turn. */
async function montageRows(project: Project, run: string): Promise<MontageRow[]> {
  const data = openImageData(project);
  const held = project.items.filter(({ split }) => split === 'test');
  const middles = [...Map.groupBy(held, ({ group }) => group).values()].map((items, patient) => {
    const volumes = [...Map.groupBy(items, ({ volume }) => volume).values()];
    return middleSlice(volumes[patient % volumes.length]!);
  });
  return Promise.all(
    middles.slice(0, MONTAGE_ROWS).map(async (item) => {
      const [image, truth] = [await data.image(item.id), await data.truth(item.id)];
      const prediction = project.readPrediction(run, item.id);
      if (!prediction) throw new Error(`${item.id}: expected a prediction of ${run}, found none`);
      const { labels, values } = prediction;
      const cam = values[`cam/${CLASS}`]?.data;
      const uncertainty = values['uncertainty']?.data;
      return {
        title: item.id,
        image,
        ...(truth && { truth }),
        ...(cam && { cam }),
        ...(labels['segmentation'] && { mask: labels['segmentation'] }),
        ...(uncertainty && { uncertainty }),
      };
    }),
  );
}

const MONTAGE_ROWS = 4;

function middleSlice(slices: readonly ProjectItem[]): ProjectItem {
  const ordered = slices.toSorted((a, b) => a.slice - b.slice);
  return ordered[Math.floor(ordered.length / 2)]!; // a group is never empty
}
