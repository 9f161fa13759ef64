// A phantom project with a run that was really trained, a few steps of a small network, and has predicted everything.
import { createOnnxRuntimeEngine } from '../../src-main/engines/onnxruntime.ts';
import { predictProject } from '../../src-main/services/predict.ts';
import { Project } from '../../src-main/services/project.ts';
import { trainProject } from '../../src-main/services/train.ts';
import { phantomProject, type PhantomProject } from './predicted-project.ts';
import { tinyRecipe } from './tiny-recipe.ts';

/** Three patients, slices of 64 px. */
export async function trainedPhantom(): Promise<PhantomProject> {
  const split = { kind: 'modulus', modulus: 3, validation: 0.5, seed: 0 } as const;
  const phantom = await phantomProject({ split }, { patients: 3, side: 64, slices: 3 });
  const project = Project.open(phantom.directory);
  const engine = createOnnxRuntimeEngine({ provider: 'cpu', threads: 1 });
  const { run } = await trainProject(project, { engine, begin: { config: tinyRecipe({ 'data.side': '64' }) } });
  await predictProject(project, { engine, run });
  project.close();
  return phantom;
}
