import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { importDataset } from '../../../src-main/services/import.ts';
import { Project, REVIEWED, type Prediction } from '../../../src-main/services/project.ts';
import { temporaryFolder, writeAcdc } from '../../support/source-folders.ts';

const ITEM = 'patient001_frame01_z01';
const labels = (fill: number) => ({ width: 12, height: 10, data: new Uint8Array(120).fill(fill) });
const ramp = { width: 12, height: 10, data: Float32Array.from({ length: 120 }, (_, index) => index / 119) };

describe('a project', () => {
  let directory = '';
  beforeEach(async () => {
    const folder = temporaryFolder();
    directory = join(folder, 'p');
    writeAcdc(join(folder, 's'), ['patient001', 'patient002']);
    await importDataset(join(folder, 's'), directory);
  });

  /** Opens, does something, closes. */
  function within<Result>(use: (project: Project) => Result, mode: 'read' | 'write' = 'write'): Result {
    const project = Project.open(directory, mode);
    try {
      return use(project);
    } finally {
      project.close();
    }
  }

  it('keeps predictions of each run apart, across closing and opening', () => {
    const prediction: Prediction = {
      score: 0.75,
      scores: [0.1, 0.9, 0.5],
      labels: { pseudo: labels(1), segmentation: labels(3) },
      values: { uncertainty: ramp, 'cam/LV': { ...ramp, data: new Float32Array(120).fill(0.5) } },
    };
    const [first, second] = within((project) => {
      const runs = [project.createRun({ preset: 'acdc' }), project.createRun({ preset: 'quick' })] as const;
      project.writePrediction(runs[0], ITEM, prediction);
      project.writePrediction(runs[1], ITEM, { score: 0.25, labels: {}, values: {} });
      return runs;
    });
    within((project) => {
      const read = project.readPrediction(first, ITEM);
      expect(read).toMatchObject({ score: 0.75, scores: [0.1, 0.9, 0.5], labels: prediction.labels });
      // 16 bits over a span of 1.
      read?.values['uncertainty']?.data.forEach((value, index) => expect(value).toBeCloseTo(index / 119, 4));
      expect(read?.values['cam/LV']?.data[7]).toBe(0.5);
      expect(project.readLabelMap(ITEM, 'segmentation', first)).toEqual(labels(3));
      expect(project.readPrediction(second, ITEM)).toEqual({ score: 0.25, labels: {}, values: {} });
      expect(project.readPrediction(first, 'patient002_frame01_z00')).toBeUndefined();
      expect(project.predictedItems(second)).toEqual([{ item: ITEM, score: 0.25 }]);
      expect(existsSync(project.runDirectory(first))).toBe(true);
    }, 'read');
  });

  it('replaces a prediction as a whole', () => {
    within((project) => {
      const run = project.createRun({});
      project.writePrediction(run, ITEM, { score: 1, labels: { p1: labels(1) }, values: { uncertainty: ramp } });
      project.writePrediction(run, ITEM, { score: 2, labels: { p2: labels(2) }, values: {} }, 8);
      expect(project.readPrediction(run, ITEM)).toEqual({ score: 2, labels: { p2: labels(2) }, values: {} });
    });
  });

  it('keeps the old prediction where the new one cannot be stored', () => {
    within((project) => {
      const run = project.createRun({});
      project.writePrediction(run, ITEM, { score: 1, labels: { p1: labels(1) }, values: {} });
      const broken = { score: 2, labels: { p2: labels(2) }, values: { uncertainty: { ...ramp, width: 7 } } };
      expect(() => project.writePrediction(run, ITEM, broken)).toThrow(
        'uncertainty: expected 7 x 10 = 70 values, got 120',
      );
      const endless = { ...ramp, data: ramp.data.map(() => NaN) };
      expect(() => project.writePrediction(run, ITEM, { score: 2, labels: {}, values: { endless } })).toThrow(
        'expected finite numbers',
      );
      expect(project.readPrediction(run, ITEM)).toEqual({ score: 1, labels: { p1: labels(1) }, values: {} });
    });
  });

  it('keeps reviewed masks, states, settings and runs', () => {
    within((project) => {
      project.writeLabelMap(ITEM, REVIEWED, labels(2));
      project.setState(ITEM, 'accepted');
      project.setSetting('viewer', { window: 40 });
      project.updateRun(project.createRun({ seed: 7 }), 'finished', { dsc: 0.8 });
    });
    within((project) => {
      expect(project.readLabelMap(ITEM, REVIEWED)).toEqual(labels(2));
      expect(project.items.find((item) => item.id === ITEM)?.state).toBe('accepted');
      expect(project.setting('viewer')).toEqual({ window: 40 });
      expect(project.setting('nothing')).toBeUndefined();
      expect(project.setting('import')).toMatchObject({ format: 'acdc', items: 16 });
      expect(project.runs()).toMatchObject([
        { id: 'run-001', status: 'finished', configuration: { seed: 7 }, summary: { dsc: 0.8 } },
      ]);
    }, 'read');
  });

  it('writes several things as one, or none of them', () => {
    within((project) => {
      const failing = () =>
        project.write(() => {
          project.setState(ITEM, 'flagged');
          throw new Error('half way');
        });
      expect(failing).toThrow('half way');
      expect(project.state(ITEM)).toBe('pending');
    });
  });

  it('lets a worker write beside the process that holds it, and nobody else', () => {
    expect(() => Project.open(directory, 'delegated')).toThrow('is not open for writing in the process');
    within((project) => {
      const worker = Project.open(directory, 'delegated');
      const run = worker.createRun({});
      worker.writePrediction(run, ITEM, { score: 0.5, labels: { p1: labels(1) }, values: {} });
      project.setState(ITEM, 'accepted');
      worker.close();
      expect(project.readLabelMap(ITEM, 'p1', run)).toEqual(labels(1));
      expect(() => Project.open(directory)).toThrow('is open for writing in another process');
    });
  });

  it('says which items and runs there are not', () => {
    within((project) => {
      expect(() => project.readLabelMap('x', REVIEWED)).toThrow('item: expected one of the project, got "x"');
      expect(() => project.readPrediction('run-009', ITEM)).toThrow('run: expected one of (none yet), got "run-009"');
    });
  });
});
