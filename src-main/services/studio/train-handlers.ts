import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { CorrectionFacts, RunChanges, TRAIN_CALLS, TrainingMaterial } from '../../../src-core/contract/train.ts';
import { notedChanges } from '../mask-changes.ts';
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
    'train.material': () => materialOf(studio),
    'train.recipes': () => listRecipes(studio.project, studio.engines.known),
    'train.settings': ({ recipe }) => recipeSettings(studio.project, recipe),
    'train.time': ({ recipe }) => startTiming(studio, recipe),
    'train.runs': () => listRuns(studio.project, trainer.live?.run ?? null),
    'train.live': () => trainer.live,
    'train.history': ({ run }) => runHistory(studio.project, run),
    'train.start': (plan) => trainer.start(plan),
    'train.resume': ({ run, settings }) => trainer.resume(run, settings),
    'train.corrections': () => trainer.corrections(runToGoOnFrom(studio)),
    'train.correctable': () => correctionFacts(studio),
    'train.stop': async ({ forGood }) => {
      await trainer.stop(forGood);
      return null;
    },
    'train.use': ({ run }) => predictor.use(run),
    'train.delete': ({ run }) => {
      deleteRun(studio, run);
      return null;
    },
    'train.changes': ({ run }) => changesOf(studio, run),
  };
}

function runToGoOnFrom({ project }: Studio): string {
  const run = runInUse(project);
  if (run === undefined)
    throw new Error('run in use: expected one to go on from, found none; train first and use the run');
  return run;
}

/** How much others have reviewed is not told to who reads blind. */
function materialOf({ project, blindReader }: Studio): TrainingMaterial {
  const material = trainingMaterial(project);
  return blindReader === undefined ? material : { ...material, reviewed: null };
}

function correctionFacts(studio: Studio): CorrectionFacts {
  const inUse = listRuns(studio.project, null).find((run) => run.inUse);
  return {
    run: inUse?.correctable ? inUse.id : null,
    reviewed: studio.blindReader === undefined ? countReviewed(studio.project) : null,
    changes: inUse ? changesOf(studio, inUse.id) : null,
  };
}

/** Neither is what a run has made of it. */
function changesOf({ project, blindReader }: Studio, run: string): RunChanges | null {
  return blindReader === undefined ? (notedChanges(project, run) ?? null) : null;
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
