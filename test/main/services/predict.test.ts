import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainingConfig } from '../../../src-core/training/config.ts';
import { createOnnxRuntimeEngine } from '../../../src-main/engines/onnxruntime.ts';
import { importDataset } from '../../../src-main/services/import.ts';
import { predictProject, type PredictionRequest, type PredictionSummary } from '../../../src-main/services/predict.ts';
import { Project } from '../../../src-main/services/project.ts';
import { projectFacts } from '../../../src-main/services/studio/project-facts.ts';
import { listRuns } from '../../../src-main/services/studio/runs.ts';
import { noteShown, readShown } from '../../../src-main/services/vanished-classes.ts';
import { trainProject } from '../../../src-main/services/train.ts';
import { writeAcdc } from '../../support/source-folders.ts';
import { tinyRecipe } from '../../support/tiny-recipe.ts';

const engine = createOnnxRuntimeEngine({ provider: 'cpu', threads: 1 });
// 12 x 10 pixels: the centre square leaves out the first and the last column.
const [WIDTH, HEIGHT] = [12, 10];

const folder = mkdtempSync(join(tmpdir(), 'unia predict '));
let project: Project;
let run: string;

/** Trains until a step of the stage is done and stops there. */
async function trainUntil(config: TrainingConfig, stage: string, resume?: string): Promise<string> {
  const controller = new AbortController();
  const result = await trainProject(project, {
    engine,
    begin: resume === undefined ? { config } : { resume },
    signal: controller.signal,
    onEvent: (event) => {
      if (event.kind === 'step' && event.stage === stage) controller.abort();
    },
  });
  return result.run;
}

const predict = (request: Partial<PredictionRequest> = {}): Promise<PredictionSummary> =>
  predictProject(project, { engine, run, ...request });

beforeAll(async () => {
  writeAcdc(join(folder, 'source'), ['patient001', 'patient002']);
  await importDataset(join(folder, 'source'), join(folder, 'project'));
  project = Project.open(join(folder, 'project'));
  run = await trainUntil(tinyRecipe(), 'classification');
});
afterAll(async () => {
  project.close();
  await rm(folder, { recursive: true });
});

describe('prediction', () => {
  it('goes on where it was interrupted, volume by volume, and keeps what is there', async () => {
    const controller = new AbortController();
    const first = await predict({ signal: controller.signal, onProgress: () => controller.abort() });
    expect(first).toMatchObject({ predicted: 4, kept: 0, stopped: true });
    expect(project.predictedItems(run)).toHaveLength(4);

    const seen: [number, number][] = [];
    const rest = await predict({ onProgress: (done, total) => seen.push([done, total]) });
    expect(rest).toMatchObject({ predicted: 12, kept: 4, stopped: false });
    expect(seen).toEqual([
      [4, 12],
      [8, 12],
      [12, 12],
    ]);
    expect(await predict()).toMatchObject({ predicted: 0, kept: 16, ignoredShare: 0 });
    expect(await predict({ again: true, splits: ['test'] })).toMatchObject({
      predicted: project.items.filter(({ split }) => split === 'test').length,
      kept: 0,
    });
  });

  it('stores maps at the stored size, empty where the square does not reach', () => {
    const item = project.items.find(({ slice }) => slice === 1)!.id;
    const { labels, values, score, scores } = project.readPrediction(run, item)!;
    expect(Object.keys(labels).sort()).toEqual(['cam', 'p1', 'p2', 'p3', 'pseudo']);
    expect(Object.keys(values).sort()).toEqual([...project.classes.map((name) => `cam/${name}`), 'uncertainty'].sort());
    for (const map of [...Object.values(labels), ...Object.values(values)]) {
      expect([map.width, map.height, map.data.length]).toEqual([WIDTH, HEIGHT, WIDTH * HEIGHT]);
      const column = (x: number) => Array.from({ length: HEIGHT }, (_, y) => map.data[y * WIDTH + x]);
      // 16 bit steps between the lowest and the highest value may miss 0 by a little.
      for (const value of [...column(0), ...column(WIDTH - 1)]) expect(value).toBeCloseTo(0, 3);
    }
    const inside = values['uncertainty']!.data.filter((_, i) => i % WIDTH !== 0 && i % WIDTH !== WIDTH - 1);
    expect(inside.every((value) => value > 0 && value < 1)).toBe(true);
    expect(score).toBeGreaterThan(0);
    expect(scores).toHaveLength(project.classes.length);
  });

  it('believes a tag, and the classifier where there is none', async () => {
    const tagged = project.items.find(({ slice }) => slice === 1)!;
    const shown = (item: string): boolean[] => {
      const { values } = project.readPrediction(run, item)!;
      return project.classes.map((name) => values[`cam/${name}`]!.data.some((value) => value > 0.01));
    };
    const tag = project.tags().find(({ item }) => item === tagged.id)!;
    // A tag silences absent classes, whatever the classifier thinks.
    shown(tagged.id).forEach((visible, i) => expect(visible && tag.present[i] === 0).toBe(false));

    const number = project.database.prepare('SELECT number FROM items WHERE id = ?').get(tagged.id)!['number']!;
    project.database.prepare('DELETE FROM tags WHERE item = ?').run(number);
    await predict({ again: true });
    const { scores } = project.readPrediction(run, tagged.id)!;
    shown(tagged.id).forEach((visible, i) => expect(visible && scores![i]! <= 0.5).toBe(false));
  });

  it('predicts anew once the run has been trained on, now with a segmentation', async () => {
    await trainUntil(tinyRecipe(), 'segmentation', run);
    expect(await predict()).toMatchObject({ predicted: 16, kept: 0 });
    const { labels } = project.readPrediction(run, project.items[0]!.id)!;
    expect(labels['segmentation']).toMatchObject({ width: WIDTH, height: HEIGHT });
    const { pseudo, segmentation } = readShown(project, run);
    expect([pseudo.length, segmentation.length]).toEqual([project.classes.length, project.classes.length]);
  });

  it('tells which classes its segmentation does not show though its pseudo masks do', () => {
    const [first, ...others] = project.classes;
    noteShown(project, run, { pseudo: [100, 100, 100], segmentation: [0, 80, 60] });
    const facts = listRuns(project, null).find(({ id }) => id === run);
    expect(facts?.vanished).toEqual([first]);
    expect(projectFacts(project, '')).toMatchObject({ runInUse: run, vanished: [first] });
    // Where nothing is predicted yet, the newest look at validation images says it.
    noteShown(project, run, null);
    const look = { stage: 'segmentation', iteration: 1, images: 4, meanAveragePrecision: null, source: null };
    project.updateRun(run, 'stopped', { measures: { ...look, dice: [], confusionRatio: [], vanished: [1, 2] } });
    expect(projectFacts(project, '').vanished).toEqual(others);
    expect(listRuns(project, null).find(({ id }) => id === run)?.measures).toMatchObject({ source: null, images: 4 });
    project.updateRun(run, 'stopped', { measures: { ...look, dice: [], confusionRatio: [], vanished: [] } });
    expect(projectFacts(project, '').vanished).toEqual([]);
  });

  it('keeps what it predicted for as long as the run is not trained on', async () => {
    expect(await predict()).toMatchObject({ predicted: 0, kept: 16 });
  });

  it('refuses a run that has not learned from tags yet', async () => {
    const warmingUp = await trainUntil(tinyRecipe({ 'warmUp.iterations': '3' }), 'warm-up');
    await expect(predict({ run: warmingUp })).rejects.toThrow(`Run ${warmingUp} has not learned from tags yet`);
    await expect(predict({ run: 'run-099' })).rejects.toThrow('no run "run-099"');
  });

  it('predicts with a run that a warm-up began', async () => {
    const warmed = await trainUntil(tinyRecipe({ 'warmUp.iterations': '1' }), 'classification');
    expect(await predict({ run: warmed, splits: ['test'] })).toMatchObject({ stopped: false });
  });
});
