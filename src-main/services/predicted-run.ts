// Which run a command means when nobody names one: the newest that has predicted anything.
import { AdvisedError } from './advised-error.ts';
import type { Project } from './project.ts';

/** A run and the items that it has predicted. */
export interface PredictedRun {
  readonly id: string;
  readonly items: ReadonlySet<string>;
}

/** The run asked for, or the newest one with predictions. Throws where the one asked for is unknown or has predicted nothing. */
export function findPredictedRun(project: Project, asked?: string): PredictedRun | undefined {
  const runs = asked === undefined ? [...project.runs()].reverse().map(({ id }) => id) : [asked];
  for (const id of runs) {
    const items = new Set(project.predictedItems(id).map(({ item }) => item));
    if (items.size > 0) return { id, items };
  }
  if (asked === undefined) return undefined;
  const advice = { kind: 'predict', project: project.directory, run: asked } as const;
  throw new AdvisedError(`${asked} has predicted nothing yet: predict with it first`, advice);
}

/** As `findPredictedRun`, but throws where no run has predicted anything. */
export function needPredictedRun(project: Project, asked?: string): PredictedRun {
  const run = findPredictedRun(project, asked);
  if (run) return run;
  const advice = { kind: 'predict', project: project.directory } as const;
  throw new AdvisedError('no run has predicted anything yet: predict with one first', advice);
}

/** Names of the maps that a run stored, judged by the first item that it predicted. */
export function storedMaps(
  project: Project,
  run: PredictedRun,
): { readonly labels: readonly string[]; readonly values: readonly string[] } {
  const [first] = run.items;
  const prediction = first === undefined ? undefined : project.readPrediction(run.id, first);
  return { labels: Object.keys(prediction?.labels ?? {}), values: Object.keys(prediction?.values ?? {}) };
}
