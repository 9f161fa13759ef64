// Predicting with a run, so that its masks can be reviewed.
import type { JobFacts } from '../../../src-core/contract/job.ts';
import { isImported } from '../imported-masks.ts';
import { noteChanges } from '../mask-changes.ts';
import { putInUse } from '../run-in-use.ts';
import { runSummary } from '../run-summary.ts';
import { runTask } from '../../worker/run-task.ts';
import type { JobContext } from './jobs.ts';
import { hasPredictedAll } from './runs.ts';
import type { Studio } from './studio.ts';

export const PREDICT = 'predict';

/** Predicts, compares and puts runs in use. */
export class Predictor {
  private readonly studio: Studio;

  constructor(studio: Studio) {
    this.studio = studio;
  }

  /** Predicts what a run has not predicted yet and puts it in use; null where it only had to be put in use. */
  async use(run: string): Promise<JobFacts | null> {
    const { project } = this.studio;
    project.checkWritable();
    // Masks of the source are there or not: nothing could make more of them.
    if (isImported(project, project.runNumber(run)) || hasPredictedAll(project, run)) {
      this.putInUse(run);
      return null;
    }
    await this.studio.makeRoom();
    return this.start(run);
  }

  /** A run that has learned from corrections is put to use at once, and what it changed is told. */
  afterTraining(run: string): void {
    const { from, corrections } = runSummary(this.studio.project, run);
    // Once the training's own job has ended.
    if (corrections && from !== undefined) setImmediate(() => this.start(run, from));
  }

  private start(run: string, before?: string): JobFacts {
    return this.studio.jobs.start({ kind: PREDICT, title: run, unit: 'images' }, async (context) => {
      try {
        await this.predict(run, context);
        if (before !== undefined) await this.compare(before, run, context);
        this.putInUse(run);
      } finally {
        this.studio.emit('runs', null);
        this.studio.projectChanged();
      }
    });
  }

  private async predict(run: string, { signal, progress }: JobContext): Promise<void> {
    const { workers, engines, project } = this.studio;
    const engine = await engines.resolve(signal);
    const { directory } = project;
    await runTask(
      workers,
      'predict',
      { directory, engine, run },
      { signal, onNews: ({ done, total }) => progress(done, total) },
    );
    signal.throwIfAborted();
  }

  private async compare(before: string, after: string, { signal, progress }: JobContext): Promise<void> {
    const { workers, project } = this.studio;
    const { directory } = project;
    const changes = await runTask(
      workers,
      'compare',
      { directory, before, after },
      { signal, onAbort: 'kill', onNews: ({ done, total }) => progress(done, total, 'compare') },
    );
    noteChanges(project, changes);
  }

  private putInUse(run: string): void {
    putInUse(this.studio.project, run);
    this.studio.emit('runs', null);
    this.studio.projectChanged();
  }
}
