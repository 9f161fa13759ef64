import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportProject } from '../../../src-main/services/export/export.ts';
import { Project } from '../../../src-main/services/project.ts';
import { phantomProject, storeNetwork, type PhantomProject } from '../../support/predicted-project.ts';

let phantom: PhantomProject;
let project: Project;
beforeAll(async () => {
  phantom = await phantomProject();
  project = Project.open(phantom.directory);
});
afterAll(async () => {
  project.close();
  await rm(phantom.folder, { recursive: true });
});

describe('exporting the network', () => {
  it('says what is missing while nothing is trained', async () => {
    const options = { format: 'onnx', directory: join(phantom.folder, 'early') };
    await expect(exportProject(project, options)).rejects.toThrow('no run has been trained yet: train one first');
  });

  it('writes the model beside a card that says how to feed it', async () => {
    const run = await storeNetwork(project);
    const directory = join(phantom.folder, 'network');
    const summary = await exportProject(project, { format: 'onnx', directory, settings: { batch: 2 } });
    expect(summary).toMatchObject({ run, written: true });
    expect(summary.files.map(({ path }) => path)).toEqual(['model.onnx', 'model.json']);

    const card = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as Record<string, unknown>;
    expect(card).toMatchObject({
      use: 'Research use only, not for clinical decisions.',
      classes: [{ label: 0, name: 'background' }, { name: 'RV' }, { name: 'MYO' }, { label: 3, name: 'LV' }],
      input: {
        name: 'image',
        shape: [2, 3, 48, 48],
        preparation: { square: 'centre', side: 48, mean: [0.5, 0.5, 0.5] },
      },
      run: { id: run, stage: 'segmentation', iteration: 9 },
      recipe: { preset: 'quick' },
      versions: { program: 'unia-studio', opset: 20 },
    });
    const session = await InferenceSession.create(await readFile(join(directory, 'model.onnx')));
    const outputs = card['outputs'] as readonly { readonly name: string }[];
    expect([...session.outputNames].sort()).toEqual(outputs.map(({ name }) => name).sort());
  });
});
