import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { CorrectionFacts, TRAIN_CALLS } from '../../../src-core/contract/train.ts';
import { notedChanges } from '../mask-changes.ts';
import type { Project } from '../project.ts';
import { RUN_IN_USE, runInUse } from '../run-in-use.ts';
import { PREDICT } from './predictor.ts';
import { listRecipes, recipeSettings } from './recipes.ts';
import { listRuns, runHistory } from './runs.ts';
import { startTiming } from './step-timing.ts';
import type { Studio } from './studio.ts';
import { countReviewed, trainingMaterial } from './training-material.ts';

export function trainHandlers(studio: Studio): Handlers<AreaOf<typeof TRAIN_CALLS>> {
  const { trainer, predictor } = studio;
  return {
    'train.material': () => trainingMaterial(studio.project),
    'train.recipes': () => listRecipes(studio.project, studio.engines.known),
    'train.settings': ({ recipe }) => recipeSettings(studio.project, recipe),
    'train.time': ({ recipe }) => startTiming(studio, recipe),
    'train.runs': () => listRuns(studio.project, trainer.live?.run ?? null),
    'train.live': () => trainer.live,
    'train.history': ({ run }) => runHistory(studio.project, run),
    'train.start': (plan) => trainer.start(plan),
    'train.resume': ({ run, settings }) => trainer.resume(run, settings),
    'train.corrections': () => trainer.corrections(runToGoOnFrom(studio)),
    'train.correctable': () => correctionFacts(studio.project),
    'train.stop': async ({ forGood }) => {
      await trainer.stop(forGood);
      return null;
    },
    'train.use': ({ run }) => predictor.use(run),
    'train.delete': ({ run }) => {
      deleteRun(studio, run);
      return null;
    },
    'train.changes': ({ run }) => notedChanges(studio.project, run) ?? null,
  };
}

function runToGoOnFrom({ project }: Studio): string {
  const run = runInUse(project);
  if (run === undefined)
    throw new Error('run in use: expected one to go on from, found none; train first and use the run');
  return run;
}

function correctionFacts(project: Project): CorrectionFacts {
  const inUse = listRuns(project, null).find((run) => run.inUse);
  return {
    run: inUse?.correctable ? inUse.id : null,
    reviewed: countReviewed(project),
    changes: (inUse && notedChanges(project, inUse.id)) ?? null,
  };
}

function deleteRun(studio: Studio, run: string): void {
  const predicting = studio.jobs.running(PREDICT)?.title === run;
  if (studio.trainer.live?.run === run || predicting) {
    throw new Error(`${run} is being worked with: stop that before it is deleted`);
  }
  studio.project.deleteRun(run);
  if (studio.project.setting(RUN_IN_USE) === run) studio.project.setSetting(RUN_IN_USE, null);
  studio.emit('runs', null);
  studio.projectChanged();
}
