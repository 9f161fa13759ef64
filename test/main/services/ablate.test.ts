import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ablationRows, rowsNamed } from '../../../src-core/training/ablation.ts';
import { withSettings } from '../../../src-core/training/config.ts';
import { presetOf } from '../../../src-core/training/presets.ts';
import { createOnnxRuntimeEngine } from '../../../src-main/engines/onnxruntime.ts';
import { ablateProject, type AblationRequest } from '../../../src-main/services/ablate.ts';
import { renderAblation } from '../../../src-main/services/ablation-text.ts';
import { Project } from '../../../src-main/services/project.ts';
import { phantomProject, type PhantomProject } from '../../support/predicted-project.ts';

const engine = createOnnxRuntimeEngine({ provider: 'cpu' });
const recipe = withSettings(presetOf('quick'), {
  'data.side': '48',
  'batch.side': '48',
  'batch.images': '2',
  'batch.windowSide': '16',
  'batch.windows': '4',
  'segmentationStage.side': '32',
  'segmentationStage.images': '2',
  'segmentationStage.iterations': '3',
  'schedule.iterations': '6',
  checkpointEvery: '2',
  // Gates that all open at once: every other state of them is a program to compile.
  ...Object.fromEntries(
    ['segmentation', 'secondComplement', 'auxiliaryToFinal', 'extraComplement', 'uncertaintyAndAffinity'].map(
      (gate) => [`schedule.${gate}`, '0'],
    ),
  ),
});
const rows = rowsNamed(ablationRows(recipe, ['parts', 'uncertainty']), ['baseline', '+L_dis', 'UiN all']);

let phantom: PhantomProject;
let project: Project;
beforeAll(async () => {
  phantom = await phantomProject({
    classes: ['LV'],
    tags: { kind: 'crops', windows: 4, window: 16, referenceSide: null, minimumShare: 0.01, seed: 0 },
  });
  project = Project.open(phantom.directory);
}, 20_000);
afterAll(async () => {
  project.close();
  await rm(phantom.folder, { recursive: true });
});

function ablate(more: Partial<AblationRequest> = {}) {
  return ablateProject(project, { engine, recipe, rows: rows.slice(0, 2), split: 'test', ...more });
}

describe('an ablation', () => {
  it('stops within a row and goes on there', { timeout: 60_000 }, async () => {
    const controller = new AbortController();
    const stopped = await ablate({
      signal: controller.signal,
      onEvent: (event) => event.kind === 'step' && event.done === 4 && controller.abort(),
    });
    expect(stopped).toMatchObject({ rows: [], missing: ['baseline', '+L_dis'] });
    expect(renderAblation(stopped)).toContain('no row is whole yet');
    expect(project.runs().map(({ status }) => status)).toEqual(['stopped']);

    const steps: string[] = [];
    let row = '';
    const whole = await ablate({
      onRow: ({ name }) => (row = name),
      onEvent: (event) => event.kind === 'step' && steps.push(`${row} ${event.done}`),
    });
    // Four steps of the first row were saved.
    expect(steps.slice(0, 2)).toEqual(['baseline 5', 'baseline 6']);
    expect(steps.filter((step) => step.startsWith('+L_dis'))).toHaveLength(9);
    expect(whole).toMatchObject({ preset: 'quick', iterations: 9, split: 'test', missing: [] });
    expect(whole.rows.map(({ name, run, sameAs }) => [name, run, sameAs])).toEqual([
      ['baseline', 'run-001', null],
      ['+L_dis', 'run-002', null],
    ]);
    for (const { minutes, sources } of whole.rows) {
      expect(minutes).toBeGreaterThan(0);
      expect(sources.map(({ source }) => source)).toEqual(['cam', 'p1', 'p2', 'p3', 'pseudo', 'segmentation']);
    }
  });

  it(
    'trains nothing twice: not a row that is done, not two rows that are the same recipe',
    { timeout: 60_000 },
    async () => {
      const same = { ...rows[1]!, name: 'again' };
      const steps: number[] = [];
      const result = await ablate({
        rows: [...rows.slice(0, 2), same],
        onEvent: (event) => event.kind === 'step' && steps.push(event.done),
      });
      expect(steps).toEqual([]);
      expect(result.rows.map(({ name, sameAs }) => [name, sameAs])).toEqual([
        ['baseline', null],
        ['+L_dis', null],
        ['again', '+L_dis'],
      ]);
      const text = renderAblation(result);
      expect(text).toContain('DSC pooled');
      expect(text).toContain('CR per volume');
      expect(text).toContain('run-002 (as +L_dis)');
      expect(text).toMatch(/Tags of the project: \d+ on crops of slices/);
    },
  );
});
