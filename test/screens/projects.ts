// The projects that screens are shown over. Each is made once, whole, in a folder of its own, and may be kept for the next time.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { crc32 } from 'node:zlib';
import { withSettings } from '../../src-core/training/config.ts';
import { createOnnxRuntimeEngine } from '../../src-main/engines/onnxruntime.ts';
import { DEMO_IMPORT, DEMO_SIZE, demoRecipe, PHANTOM } from '../../src-main/services/demo.ts';
import { importDataset } from '../../src-main/services/import.ts';
import { writePhantomDataset } from '../../src-main/services/phantom-dataset.ts';
import { predictProject } from '../../src-main/services/predict.ts';
import { Project } from '../../src-main/services/project.ts';
import { Review } from '../../src-main/services/review.ts';
import { putInUse } from '../../src-main/services/run-in-use.ts';
import { writeSamples } from '../../src-main/services/run-samples.ts';
import { SUGGESTED_RECIPE } from '../../src-main/services/studio/sample.ts';
import { Studio } from '../../src-main/services/studio/studio.ts';
import { trainProject, type TrainingBegin } from '../../src-main/services/train.ts';
import { writeLargeProject } from '../support/large-project.ts';
import { storePredictions } from '../support/predicted-project.ts';
import { tinyRecipe } from '../support/tiny-recipe.ts';

/** Folder of a project in the folder it was made in; images lie beside it. */
export const PROJECT = 'Hearts (synthetic)';

/** The person whose home is where settings and recent projects are kept, in the same folder. */
export const HOME = 'home';
export const READER = 'Dr Vogel';

/** Makes what a screen is shown over, in an existing empty folder. */
type Make = (folder: string) => Promise<void>;

const engine = () => createOnnxRuntimeEngine({ provider: 'cpu', threads: 1 });
const SMALL = { patients: 9, size: 64, slices: 4, phases: 6 } as const;
const SPLIT = { kind: 'modulus', modulus: 3, validation: 0.3, seed: 0 } as const;

async function withProject(
  folder: string,
  work: (project: Project) => Promise<void> | void,
  name: string = PROJECT,
): Promise<void> {
  const project = Project.open(join(folder, name));
  try {
    await work(project);
  } finally {
    project.close();
  }
}

async function trainAndSample(project: Project, begin: TrainingBegin, lastStep = Infinity): Promise<string> {
  const stop = new AbortController();
  const { run } = await trainProject(project, {
    ...{ engine: engine(), begin, signal: stop.signal },
    async onEvent(event, run) {
      if (event.kind === 'evaluated') await writeSamples(project, run, event);
      if (event.kind === 'step' && event.done >= lastStep) stop.abort();
    },
  });
  return run;
}

/** As many tags as the demo has: with half of them the ventricle is not found. */
const HEARTS = { patients: DEMO_SIZE.patients, slices: DEMO_SIZE.slices, phases: 4 } as const;

/** Cine hearts, a network trained on windows of them as the demo does it, its masks, nothing reviewed. */
async function trained(folder: string): Promise<void> {
  const source = join(folder, 'images');
  await writePhantomDataset({ folder: source, ...PHANTOM, ...HEARTS });
  await importDataset(source, join(folder, PROJECT), { ...DEMO_IMPORT, allFrames: true });
  await withProject(folder, async (project) => {
    const run = await trainAndSample(project, { config: demoRecipe(DEMO_SIZE) });
    await predictProject(project, { engine: engine(), run });
    putInUse(project, run);
    project.setSetting(SUGGESTED_RECIPE, withSettings(demoRecipe(DEMO_SIZE), { evaluateEvery: '20' }));
  });
}

/** Hearts of three classes with tags of whole slices; `predicted`: with masks that nobody had to train for. */
async function hearts(folder: string, isPredicted: boolean): Promise<void> {
  const source = join(folder, 'images');
  await writePhantomDataset({ folder: source, ...SMALL, size: 96 });
  await importDataset(source, join(folder, PROJECT), { split: SPLIT, allFrames: true });
  await withProject(folder, async (project) => {
    if (isPredicted) putInUse(project, await storePredictions(project));
  });
}

/** Two runs that ended, one that a person paused and one whose recipe is lost. */
async function runs(folder: string): Promise<void> {
  const source = join(folder, 'images');
  await writePhantomDataset({ folder: source, ...SMALL });
  await importDataset(source, join(folder, PROJECT), { ...DEMO_IMPORT, split: SPLIT });
  const recipe = (settings: Readonly<Record<string, string>>) =>
    tinyRecipe({ 'data.side': '64', evaluateEvery: '40', checkpointEvery: '40', ...settings });
  await withProject(folder, async (project) => {
    const length = { 'schedule.iterations': '240', 'segmentationStage.iterations': '120' };
    const first = await trainAndSample(project, { config: recipe(length) });
    await predictProject(project, { engine: engine(), run: first });
    putInUse(project, first);
    await trainAndSample(project, { config: recipe({ ...length, 'optimiser.learningRate': '0.0002' }) });
    const lost = await trainAndSample(project, { config: recipe({}) });
    await trainAndSample(project, { config: recipe(length) }, 130);
    renameSync(join(project.runDirectory(lost), 'config.json'), join(project.runDirectory(lost), 'config.lost'));
  });
}

/** Twenty thousand slices of a handful of drawn hearts. */
async function large(folder: string): Promise<void> {
  const source = join(folder, 'images');
  await writePhantomDataset({ folder: source, patients: 10, size: 96, slices: 10, phases: 2 });
  const directory = join(folder, PROJECT);
  mkdirSync(directory);
  writeLargeProject(directory, 20_000);
  await withProject(folder, ({ database }) => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /frame\d+\.nii\.gz$/.test(name),
    );
    const pointed = database.prepare(
      'UPDATE sources SET relative_path = ?, absolute_path = ?, size = ?, modified = ?, checksum = ? WHERE number = ?',
    );
    for (const [i, name] of files.entries()) {
      const file = join(source, name);
      const { size, mtimeMs } = statSync(file);
      pointed.run(relative(directory, file), file, size, mtimeMs, crc32(readFileSync(file)), i + 1);
    }
    database.exec(
      `UPDATE volumes SET source = 1 + number % ${files.length}, phase_index = 0, width = 96, height = 96, high = 600`,
    );
  });
}

/** Hearts that nothing is said of yet. */
async function untagged(folder: string): Promise<void> {
  await hearts(folder, false);
  await withProject(folder, ({ database }) => database.exec('DELETE FROM tags'));
}

/** What is opened again: three projects reviewed to a different degree, one whose folder is gone, one whose database is damaged. */
const EARLIER = [
  { name: 'Pilot', reviewed: 0.1 },
  { name: 'Follow-up', reviewed: 0.4 },
  { name: 'Phantom, second reading', reviewed: 1 },
  { name: 'Short axis, site B', reviewed: 0 },
  { name: 'Cine hearts (synthetic)', reviewed: 0.6 },
] as const;

async function earlier(folder: string): Promise<void> {
  const studio = new Studio({ host: 'serve', home: join(folder, HOME), projectsFolder: folder });
  const pictures = Promise.withResolvers<void>();
  const waiting = setInterval(() => {
    const list = studio.recent.list();
    if (list.length === EARLIER.length && list.every(({ picture }) => picture !== null)) pictures.resolve();
  }, 50);
  for (const [i, { name, reviewed }] of EARLIER.entries()) {
    const source = join(folder, `${name} images`);
    await writePhantomDataset({ folder: source, ...SMALL, patients: 2 + i, seed: 10 + i });
    await importDataset(source, join(folder, name));
    await withProject(folder, (project) => reviewSome(project, reviewed), name);
    studio.openProject(join(folder, name));
  }
  await pictures.promise;
  clearInterval(waiting);
  await studio.close();
  rmSync(join(folder, 'Pilot'), { recursive: true });
  writeFileSync(join(folder, 'Follow-up', 'project.db'), 'nothing of a database');
}

/** Suggests masks for all and accepts a share of them. */
async function reviewSome(project: Project, share: number): Promise<void> {
  putInUse(project, await storePredictions(project));
  const accepted = project.items.slice(0, Math.round(share * project.items.length)).map(({ id }) => id);
  if (accepted.length > 0) new Review(project, { annotator: READER }).decide(accepted, 'accept');
}

/** A folder of images that somebody has, with one file that is none. */
async function source(folder: string): Promise<void> {
  await writePhantomDataset({ folder: join(folder, 'images'), ...SMALL, size: 96 });
  const broken = join(folder, 'images', 'patient010');
  mkdirSync(broken);
  copyFileSync(join(folder, 'images', 'patient009', 'Info.cfg'), join(broken, 'Info.cfg'));
  writeFileSync(join(broken, 'patient010_frame01.nii.gz'), 'this is no image');
}

/** Nothing at all, as at the first visit. */
async function nothing(): Promise<void> {
  return Promise.resolve();
}

const PROJECTS = {
  nothing,
  earlier,
  source,
  untagged,
  tagged: (folder) => hearts(folder, false),
  predicted: (folder) => hearts(folder, true),
  runs,
  trained,
  large,
} satisfies Readonly<Record<string, Make>>;

export type ProjectName = keyof typeof PROJECTS;

/** Says that a folder was made whole. */
const WHOLE = 'whole';

/** The folder of what a name stands for, made in `folder` unless it is kept there whole. */
export async function makeProject(folder: string, name: ProjectName): Promise<string> {
  const kept = join(folder, name);
  if (existsSync(join(kept, WHOLE))) return kept;
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept, { recursive: true });
  await PROJECTS[name](kept);
  writeFileSync(join(kept, WHOLE), '');
  return kept;
}
