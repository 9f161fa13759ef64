// The training of the open project: one at a time, in a process of its own, told to every screen.
import { totalmem } from 'node:os';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import type { LiveTraining, LogEntry, Look, StepPoint, TrainingPlan } from '../../../src-core/contract/train.ts';
import type { TrainingConfig } from '../../../src-core/training/config.ts';
import { correctionsRecipe } from '../../../src-core/training/continuation.ts';
import { trackPace, type Pace } from '../pace.ts';
import { outOfMemory } from '../memory-advice.ts';
import type { Project } from '../project.ts';
import { runSummary } from '../run-summary.ts';
import { secondsLeft, type StepTimes } from '../time-plan.ts';
import { readRecipe, type TrainingBegin } from '../train.ts';
import { runTask, WorkerDeath } from '../../worker/run-task.ts';
import type { TrainingNews as WorkerNews } from '../../worker/tasks.ts';
import type { JobContext } from './jobs.ts';
import { fittedConfig, knownTimes, plannedConfig, trainingImages } from './recipes.ts';
import { lookOf, pointOf } from './runs.ts';
import { measureTimes } from './step-timing.ts';
import type { Studio } from './studio.ts';

export const TRAIN = 'train';
/** News are told this often. */
const TELL_EVERY_MS = 250;

/** What a training begins with, once the engine is known. */
interface Beginning {
  readonly begin: TrainingBegin;
  readonly config: TrainingConfig;
}

/** A training under way, with what has not been told of it yet. */
interface Session {
  live: LiveTraining;
  config: TrainingConfig | undefined;
  times: StepTimes | undefined;
  pace: Pace | undefined;
  points: StepPoint[];
  looks: Look[];
  log: LogEntry[];
}

/** Starts and stops trainings. */
export class Trainer {
  private readonly studio: Studio;
  private session: Session | undefined;

  constructor(studio: Studio) {
    this.studio = studio;
  }

  get live(): LiveTraining | null {
    return this.session?.live ?? null;
  }

  start(plan: TrainingPlan): Promise<JobFacts> {
    const project = this.writableProject();
    // What is wrong with the plan is said at once.
    const config = plannedConfig(project, plan);
    return this.run(plan.recipe, async (engine, context) => {
      const { length, from, weights } = plan;
      const fitted = length && 'minutes' in length ? await this.fit(config, length.minutes, engine, context) : config;
      if (from !== null) return { config: fitted, begin: { config: fitted, from } };
      return { config: fitted, begin: { config: fitted, ...(weights !== null && { weights }) } };
    });
  }

  resume(run: string, settings: Readonly<Record<string, string>> | null): Promise<JobFacts> {
    const config = readRecipe(this.writableProject(), run);
    return this.run(config.preset, () =>
      Promise.resolve({ config, begin: { resume: run, ...(settings && { settings }) } }),
    );
  }

  /** Goes on from a run with what a person has drawn. */
  corrections(run: string): Promise<JobFacts> {
    const project = this.writableProject();
    const { saved } = runSummary(project, run);
    if (!saved) throw new Error(`${run} has nothing saved to go on from`);
    const config = correctionsRecipe(run, { config: readRecipe(project, run), ...saved });
    return this.run(config.preset, () => Promise.resolve({ config, begin: { config, from: run, corrections: true } }));
  }

  /** Lets the training save and end; `forGood`: it counts as done. Nothing happens where none is under way. */
  async stop(forGood: boolean): Promise<void> {
    const { session } = this;
    if (!session) return;
    this.show({ phase: 'ending' });
    await this.studio.jobs.end(TRAIN);
    const { run } = session.live;
    if (forGood && run !== null) {
      this.studio.project.updateRun(run, 'stopped', { ended: true });
      this.studio.emit('runs', null);
    }
  }

  private writableProject(): Project {
    const { project } = this.studio;
    project.checkWritable();
    return project;
  }

  private async run(
    recipe: string,
    prepare: (engine: string, context: JobContext) => Promise<Beginning>,
  ): Promise<JobFacts> {
    const { jobs } = this.studio;
    await this.studio.makeRoom();
    const job = jobs.start({ kind: TRAIN, title: recipe, unit: 'steps' }, (context) => this.work(prepare, context));
    this.session = newSession(job.id);
    this.flush();
    return job;
  }

  private async work(
    prepare: (engine: string, context: JobContext) => Promise<Beginning>,
    context: JobContext,
  ): Promise<unknown> {
    const { engines, workers, project } = this.studio;
    const timer = setInterval(() => this.flush(), TELL_EVERY_MS);
    try {
      const engine = await engines.resolve(context.signal);
      const { begin, config } = await prepare(engine, context);
      if (this.session) {
        this.session.config = config;
        this.session.times = knownTimes(project, engine, config);
      }
      this.show({ phase: 'starting', device: engines.deviceOf(engine) });
      const { directory } = project;
      const result = await runTask(
        workers,
        'train',
        { directory, engine, begin },
        { signal: context.signal, onNews: (news) => this.take(news, context) },
      );
      if (result.status === 'finished') this.studio.predictor.afterTraining(result.run);
      return result;
    } catch (error) {
      throw this.noteDeath(error);
    } finally {
      clearInterval(timer);
      this.flush();
      this.session = undefined;
      this.studio.emit('training', { live: null, points: [], looks: [], log: [] });
      this.studio.emit('runs', null);
    }
  }

  private async fit(
    config: TrainingConfig,
    minutes: number,
    engine: string,
    { signal }: JobContext,
  ): Promise<TrainingConfig> {
    this.show({ phase: 'timing' });
    const times = await measureTimes(this.studio, engine, config, signal);
    return fittedConfig(this.studio.project, config, minutes, times);
  }

  /** A worker that died could not note it: the run is noted as failed, with what would fit where memory ran out. */
  private noteDeath(error: unknown): unknown {
    const live = this.live;
    if (!(error instanceof WorkerDeath) || live === null || live.run === null) return error;
    const { run, stage, memoryBytes } = live;
    const { project } = this.studio;
    // The system kills the process that has taken most of the memory, without a word.
    const taken = error.exit.signal === 'SIGKILL' && memoryBytes > totalmem() / 2;
    const memory = error.outOfMemory || taken;
    const advice = memory && stage ? outOfMemory(readRecipe(project, run), stage, error).settings : null;
    project.updateRun(run, 'failed', { error: error.message, settings: advice });
    return error;
  }

  private take({ run, memoryBytes, event }: WorkerNews, context: JobContext): void {
    const { session } = this;
    if (!session) return;
    if (session.live.run !== run) {
      this.show({ run });
      this.studio.emit('runs', null);
    }
    this.show({ memoryBytes });
    const time = new Date().toISOString();
    switch (event.kind) {
      case 'stage':
        session.pace = undefined;
        this.show({ phase: 'training', stage: event.stage });
        session.log.push({ time, kind: 'stage', stage: event.stage, iteration: event.iterations, message: '' });
        return;
      case 'step':
        session.points.push(pointOf(event));
        this.showStep(session, event);
        context.progress(event.done, event.total);
        return;
      case 'pseudo-masks':
        this.show({ phase: 'masks' });
        return;
      case 'evaluated':
        if (session.config) session.looks.push(lookOf(session.config, event));
        session.log.push({ time, kind: 'look', stage: event.stage, iteration: event.iteration, message: '' });
        return;
      case 'checkpoint':
        session.log.push({ time, kind: 'saved', stage: event.stage, iteration: event.iteration, message: '' });
        return;
      case 'warning':
        session.log.push({ time, kind: 'warning', stage: null, iteration: 0, message: event.message });
        return;
      case 'stopped':
      case 'finished': {
        const kind = event.kind === 'stopped' ? 'paused' : 'finished';
        session.log.push({ time, kind, stage: null, iteration: 0, message: '' });
      }
    }
  }

  private showStep(session: Session, event: Extract<WorkerNews['event'], { kind: 'step' }>): void {
    const { stage, iteration, iterations, done, total, images } = event;
    session.pace ??= trackPace(() => performance.now(), iteration);
    const { perSecond } = session.pace.at(iteration, iterations);
    const place = perSecond === null ? undefined : { stage, iteration, secondsPerStep: 1 / perSecond };
    const { config, times } = session;
    this.show({
      ...{ stage, done, total },
      imagesPerSecond: perSecond === null ? null : perSecond * images,
      secondsLeft: place && config ? secondsLeft(config, place, times, trainingImages(this.studio.project)) : null,
    });
  }

  private show(changes: Partial<LiveTraining>): void {
    if (!this.session) return;
    // A training that is asked to end says so until it has.
    const phase = this.session.live.phase === 'ending' ? { phase: 'ending' as const } : {};
    this.session.live = { ...this.session.live, ...changes, ...phase };
  }

  private flush(): void {
    const { session } = this;
    if (!session) return;
    const { live, points, looks, log } = session;
    this.studio.emit('training', { live, points, looks, log });
    Object.assign(session, { points: [], looks: [], log: [] });
  }
}

function newSession(job: string): Session {
  const live: LiveTraining = {
    ...{ job, run: null, phase: 'engine', stage: null, done: 0, total: 0 },
    ...{ imagesPerSecond: null, secondsLeft: null, memoryBytes: 0, device: null },
  };
  return { live, config: undefined, times: undefined, pace: undefined, points: [], looks: [], log: [] };
}
