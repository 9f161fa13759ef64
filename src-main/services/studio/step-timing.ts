import type { JobFacts } from '../../../src-core/contract/job.ts';
import type { TrainingConfig } from '../../../src-core/training/config.ts';
import { expectedSeconds, type StepTimes } from '../time-plan.ts';
import { runTask } from '../../worker/run-task.ts';
import { knownTimes, noteTimes, recipeOf, trainingImages } from './recipes.ts';
import type { Studio } from './studio.ts';

export const TIMING = 'timing';

/** Times a recipe's steps on this machine; gives the seconds that the whole of it takes. */
export function startTiming(studio: Studio, recipe: string): JobFacts {
  const { project } = studio;
  // What is found out is noted in the project.
  project.checkWritable();
  const config = recipeOf(project, recipe);
  return studio.jobs.start({ kind: TIMING, title: recipe, unit: 'recipes' }, async ({ signal }) => {
    const engine = await studio.engines.resolve(signal);
    const times = await measureTimes(studio, engine, config, signal);
    return expectedSeconds(config, times, trainingImages(project));
  });
}

/** What a recipe's steps take on an engine; measured where that is not known yet. */
export async function measureTimes(
  { project, workers }: Studio,
  engine: string,
  config: TrainingConfig,
  signal: AbortSignal,
): Promise<StepTimes> {
  const known = knownTimes(project, engine, config);
  if (known) return known;
  const { directory } = project;
  const times = await runTask(
    workers,
    'measure-steps',
    { directory, engine, config },
    // Nothing of it is kept.
    { signal, onAbort: 'kill' },
  );
  noteTimes(project, engine, config, times);
  return times;
}
