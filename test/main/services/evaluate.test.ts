import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SLICE_TAGS, type TagOptions } from '../../../src-core/datasets/derive-tags.ts';
import { openImageData } from '../../../src-main/services/image-data.ts';
import { evaluateProject } from '../../../src-main/services/evaluate.ts';
import { renderEvaluation, volumesAsCsv } from '../../../src-main/services/evaluation-text.ts';
import { Project, REVIEWED } from '../../../src-main/services/project.ts';
import { phantomProject, storePredictions, type PhantomProject } from '../../support/predicted-project.ts';

let phantom: PhantomProject;
let project: Project;
beforeAll(async () => {
  phantom = await phantomProject();
  project = Project.open(phantom.directory);
  await storePredictions(project);
});
afterAll(async () => {
  project.close();
  await rm(phantom.folder, { recursive: true });
});

describe('evaluating a run', () => {
  it('measures the segmentation of the test patients by default', async () => {
    const evaluation = await evaluateProject(project);
    expect(evaluation).toMatchObject({ run: 'run-001', split: 'test', tags: { slice: 30, crop: 0 } });
    const [{ source, report }] = evaluation.sources as [(typeof evaluation.sources)[0]];
    expect(source).toBe('segmentation');
    expect(report.counts).toMatchObject({ volumes: 2, patients: 1, slices: 6, volumesWithoutSpacing: 0 });
    expect(report.mean).toMatchObject({ dicePooled: 1, confusionRatioPooled: 0, hausdorff95Mm: 0 });
    expect(report.cardiac?.measures.find(({ name }) => name === 'LV EF')).toMatchObject({ bias: 0, patients: 1 });
    expect(report.ranking?.slices.units).toBe(6);
  });

  it('measures every source in one pass, beside the disc that learns nothing from images', async () => {
    const evaluation = await evaluateProject(project, { source: 'all' });
    expect(evaluation.sources.map(({ source }) => source)).toEqual([
      ...['cam', 'p1', 'p2', 'p3', 'pseudo', 'segmentation', 'disc'],
    ]);
    const of = (name: string) => evaluation.sources.find(({ source }) => source === name)!.report;
    expect(of('cam').classes[0]).toMatchObject({ recall: 1 });
    expect(of('p1').classes[0]).toMatchObject({ recall: 0 });
    expect(of('pseudo').classes[0]!.recall).toBe(0);
    expect(of('pseudo').classes[2]!.dice.pooled).toBe(1);
    expect(of('pseudo').ignored.prediction).toBeGreaterThan(0);
    expect(of('disc').classes[0]!.dice.pooled).toBeGreaterThan(0.3);
    expect(of('disc').classes[0]!.dice.pooled).toBeLessThan(1);
    expect(of('disc').ranking).toBeNull();
    const text = renderEvaluation(evaluation);
    expect(text).toMatch(/6 slices in 2 volumes of 1 patient/);
    expect(text).toMatch(/\nLV +DSC pooled +per volume +per slice +CR pooled/);
    expect(text).toMatch(/\nsegmentation +1\.000 +1\.000 +1\.000 +0\.00/);
    expect(text).toContain('Tags of the project: 30 on whole slices.');
    expect(text).toContain('CAM, P1, P2, P3, P, disc (no learning): the tags of test slices were used');
    expect(text).toContain('segmentation: no tags of test slices were used.');
  });

  it('keeps only the largest piece of each class when asked to', async () => {
    const run = project.createRun({});
    for (const { id } of project.items.filter(({ split }) => split === 'test')) {
      const stored = project.readPrediction('run-001', id)!;
      const segmentation = stored.labels['segmentation']!;
      const data = segmentation.data.slice();
      data[0] = 3; // a speck in a corner
      project.writePrediction(run, id, { ...stored, labels: { segmentation: { ...segmentation, data } } });
    }
    const plain = await evaluateProject(project, { run });
    expect(plain.sources[0]!.report.classes[2]!.precision).toBeLessThan(1);
    const cleaned = await evaluateProject(project, { run, largestComponent: true });
    expect(cleaned.sources[0]!.report.classes[2]!.precision).toBe(1);
  });

  it('leaves out images without a mask, counts them, and derives no distances from what is left', async () => {
    const missing = project.items.filter(({ split }) => split === 'test')[0]!.id;
    const run = await storePredictions(project, ({ id, split }) => split === 'test' && id !== missing);
    const evaluation = await evaluateProject(project, { run });
    const { report, skipped } = evaluation.sources[0]!;
    expect(skipped).toEqual({ withoutTruth: 0, withoutMask: 1, incompleteVolumes: 1 });
    expect(report.counts).toMatchObject({ volumes: 2, slices: 5, volumesWithoutSpacing: 1 });
    expect(renderEvaluation(evaluation)).toContain('Left out for segmentation: 1 image without a mask.');
    await expect(evaluateProject(project, { run, split: 'train' })).rejects.toThrow(
      /nothing to measure in split train: \d+ images have truth but no segmentation mask/,
    );
  });

  it('measures reviewed masks without a run', async () => {
    const [item] = project.items.filter(({ split }) => split === 'test');
    project.writeLabelMap(item!.id, REVIEWED, (await openImageData(project).truth(item!.id))!);
    await expect(evaluateProject(project, { source: 'reviewed' })).rejects.toThrow('no reviewed mask');
    project.setState(item!.id, 'accepted');
    const evaluation = await evaluateProject(project, { source: 'reviewed' });
    expect(evaluation).toMatchObject({ run: null });
    expect(evaluation.sources[0]!.report.counts.slices).toBe(1);
    project.setState(item!.id, 'pending');
  });

  it('gives one row of CSV for each source, volume and class', async () => {
    const evaluation = await evaluateProject(project, { run: 'run-001' });
    const rows = volumesAsCsv(evaluation).split('\r\n');
    expect(rows[0]).toBe('source,volume,patient,phase,class,dice,hausdorff95_mm');
    expect(rows).toContain('segmentation,patient005_frame01,patient005,ED,LV,1,0');
    expect(rows).toHaveLength(1 + 2 * 3 + 1);
  });

  it('says what is missing: a source, a run, a prediction', async () => {
    await expect(evaluateProject(project, { run: 'run-009' })).rejects.toThrow(
      'run: expected one of run-001, run-002, run-003, got "run-009"',
    );
    await expect(evaluateProject(project, { run: 'run-002', source: 'p2' })).rejects.toThrow(
      'source p2: run-002 has stored segmentation',
    );
    const empty = project.createRun({});
    await expect(evaluateProject(project, { run: empty })).rejects.toThrow('run-004 has predicted nothing yet');
  });

  it('stops when told to', async () => {
    await expect(evaluateProject(project, {}, undefined, AbortSignal.abort())).rejects.toThrow(/abort/);
  });
});

describe('evaluating a project with tags on crops', () => {
  it('says so, and draws the disc where any window shows the class', async () => {
    const tags: TagOptions = { ...SLICE_TAGS, kind: 'crops', windows: 4, window: 32 };
    const crops = await phantomProject({ classes: ['LV'], tags });
    const opened = Project.open(crops.directory);
    try {
      await expect(evaluateProject(opened)).rejects.toThrow('no run has predicted anything yet');
      const evaluation = await evaluateProject(opened, { source: 'disc' });
      expect(evaluation.tags).toEqual({ slice: 0, crop: 120 });
      expect(evaluation.sources[0]!.report.classes[0]!.dice.pooled).toBeGreaterThan(0.3);
      expect(renderEvaluation(evaluation)).toContain('Tags of the project: 120 on crops of slices.');
    } finally {
      opened.close();
      await rm(crops.folder, { recursive: true });
    }
  });
});
