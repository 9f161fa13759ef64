import type { Engine } from '../../src-core/compile/index.ts';
import type { TrainingEvent } from '../../src-core/training/train.ts';
import type { Project } from '../services/project.ts';
import { writeSamples } from '../services/run-samples.ts';
import { trainProject, type TrainingBegin, type TrainingResult } from '../services/train.ts';
import type { TaskContext } from './perform.ts';
import type { ToldEvent } from './tasks.ts';

/** Trains and tells; pictures are in the run's folder before they are told of. */
export async function performTraining(
  project: Project,
  engine: Engine,
  begin: TrainingBegin,
  { signal, tell }: TaskContext<'train'>,
): Promise<TrainingResult> {
  return trainProject(project, {
    engine,
    begin,
    signal,
    onEvent: (event, run) => {
      const say = (told: ToldEvent): void => tell({ run, memoryBytes: process.memoryUsage.rss(), event: told });
      if (event.kind === 'evaluated') return tellEvaluated(project, run, event, say);
      say(told(event));
    },
  });
}

function told(event: Exclude<TrainingEvent, { kind: 'evaluated' }>): ToldEvent {
  if (event.kind !== 'checkpoint') return event;
  const { stage, iteration } = event.checkpoint;
  return { kind: 'checkpoint', stage, iteration };
}

/** A picture that cannot be written is told and does not end the training. */
async function tellEvaluated(
  project: Project,
  run: string,
  event: Extract<TrainingEvent, { kind: 'evaluated' }>,
  say: (told: ToldEvent) => void,
): Promise<void> {
  const { samples, ...facts } = event;
  let items: string[] = [];
  try {
    await writeSamples(project, run, event);
    items = samples.map(({ item }) => item);
  } catch (error) {
    say({ kind: 'warning', message: `No pictures of ${event.stage} ${event.iteration}: ${String(error)}` });
  }
  say({ ...facts, items });
}
