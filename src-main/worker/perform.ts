// What each task does in the worker.
import { startEngine } from '../engines/catalogue.ts';
import type { Engine } from '../../src-core/compile/index.ts';
import { openImageData } from '../services/image-data.ts';
import { compareSuggestions } from '../services/mask-changes.ts';
import { predictProject } from '../services/predict.ts';
import { Project } from '../services/project.ts';
import { measureSteps } from '../services/time-plan.ts';
import { performProbe } from './probe.ts';
import { performTraining } from './training.ts';
import { performAffinity } from './affinity.ts';
import type { NewsOfTask, ParamsOfTask, QuestionOfTask, ResultOfTask, TaskCall, TaskName } from './tasks.ts';

/** How a task tells what happens, and hears that it should end. */
export interface TaskContext<Name extends TaskName> {
  readonly signal: AbortSignal;
  readonly questions: AsyncIterable<QuestionOfTask<Name>>;
  readonly tell: (news: NewsOfTask<Name>) => void;
}

type Performers = {
  readonly [Name in TaskName]: (params: ParamsOfTask<Name>, context: TaskContext<Name>) => Promise<ResultOfTask<Name>>;
};

const PERFORMERS: Performers = {
  train: (params, context) =>
    withProject(params.directory, (project) =>
      withEngine(params.engine, (engine) => performTraining(project, engine, params.begin, context)),
    ),
  predict: ({ directory, engine: name, run }, { signal, tell }) =>
    withProject(directory, (project) =>
      withEngine(name, (engine) =>
        predictProject(project, { engine, run, signal, onProgress: (done, total) => tell({ done, total }) }),
      ),
    ),
  compare: ({ directory, before, after }, { signal, tell }) =>
    withProject(directory, (project) =>
      compareSuggestions(project, before, after, (done, total) => tell({ done, total }), signal),
    ),
  affinity: ({ directory, engine: name, run }, context) =>
    withProject(directory, (project) => withEngine(name, (engine) => performAffinity(project, engine, run, context))),
  'measure-steps': ({ directory, engine: name, config }) =>
    withProject(directory, (project) =>
      withEngine(name, (engine) => measureSteps(openImageData(project), engine, config)),
    ),
  probe: performProbe,
};

/** Does what was asked for; what it opened is closed when it ends. */
export function perform(
  { task, params }: TaskCall,
  context: {
    readonly signal: AbortSignal;
    readonly questions: AsyncIterable<unknown>;
    readonly tell: (news: unknown) => void;
  },
): Promise<unknown> {
  // Task and parameters belong together: TaskCall says so, which an index of a union does not see.
  const performer = PERFORMERS[task] as (params: unknown, context: unknown) => Promise<unknown>;
  return performer(params, context);
}

/** The project is open for writing in the process that this one works for. */
async function withProject<Result>(directory: string, work: (project: Project) => Promise<Result>): Promise<Result> {
  const project = Project.open(directory, 'delegated');
  try {
    return await work(project);
  } finally {
    project.close();
  }
}

async function withEngine<Result>(name: string, work: (engine: Engine) => Promise<Result>): Promise<Result> {
  const engine = await startEngine(name);
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}
