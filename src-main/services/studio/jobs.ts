// Long work that screens watch: each job tells its progress, can be cancelled, and keeps its result until it is asked for.
import type { JobFacts, JobState } from '../../../src-core/contract/job.ts';
import { errorText } from '../error-text.ts';
import { trackPace, type Pace } from '../pace.ts';

/** What work is given to tell how far it is and to hear that it should end. */
export interface JobContext {
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number, message?: string) => void;
}

/** What kind of work begins. */
export interface JobRequest {
  readonly kind: string;
  readonly title: string;
  readonly unit: string;
}

/** Progress is told at most this often, so that a fast job does not flood the page. */
const TELL_EVERY_MS = 100;
/** Ended jobs that are remembered. */
const REMEMBERED = 50;

interface Job {
  facts: JobFacts;
  readonly controller: AbortController;
  readonly ended: Promise<unknown>;
}

/** All jobs of a studio. */
export class Jobs {
  private readonly jobs = new Map<string, Job>();
  private readonly tell: (facts: JobFacts) => void;
  private next = 1;

  constructor(tell: (facts: JobFacts) => void) {
    this.tell = tell;
  }

  /** Starts work and gives its first facts at once. */
  start<Result>({ kind, title, unit }: JobRequest, work: (context: JobContext) => Promise<Result>): JobFacts {
    const id = `job-${this.next++}`;
    const controller = new AbortController();
    // From the first that is told: work that goes on where it stopped does not begin at 0.
    let pace: Pace | undefined;
    const facts: JobFacts = {
      ...{ id, kind, title, unit, state: 'running', done: 0, total: 0 },
      ...{ perSecond: null, secondsLeft: null, message: '' },
    };
    let told = 0;
    const update = (changes: Partial<JobFacts>, always: boolean): void => {
      const job = this.jobs.get(id);
      if (!job || job.facts.state !== 'running') return;
      job.facts = { ...job.facts, ...changes };
      const now = performance.now();
      if (!always && now - told < TELL_EVERY_MS) return;
      told = now;
      this.tell(job.facts);
    };
    const context: JobContext = {
      signal: controller.signal,
      progress: (done, total, message) => {
        pace ??= trackPace(() => performance.now(), done);
        update({ done, total, ...pace.at(done, total), ...(message !== undefined && { message }) }, done === total);
      },
    };
    const end = (state: JobState, message = ''): void => update({ state, secondsLeft: null, message }, true);
    const ended = Promise.resolve()
      .then(() => work(context))
      .then(
        (result) => {
          end(controller.signal.aborted ? 'cancelled' : 'done');
          return result;
        },
        (error: unknown) => {
          if (controller.signal.aborted) end('cancelled');
          else end('failed', errorText(error));
          throw error;
        },
      );
    // Whoever wants the outcome asks for the result; a failure nobody asks for is told by the facts.
    ended.catch(() => undefined);
    this.jobs.set(id, { facts, controller, ended });
    this.forgetOldest();
    this.tell(facts);
    return facts;
  }

  list(): JobFacts[] {
    return [...this.jobs.values()].map(({ facts }) => facts);
  }

  /** Asks a job to end; it tells when it has. */
  cancel(id: string): void {
    this.find(id).controller.abort();
  }

  /** What a job gave; waits for its end, throws what it failed with. */
  result(id: string): Promise<unknown> {
    return this.find(id).ended;
  }

  /** The job of this kind that is running, if any. */
  running(kind: string): JobFacts | undefined {
    return this.list().find((facts) => facts.kind === kind && facts.state === 'running');
  }

  /** Ends a job of this kind, if any is running, and waits until it has. */
  async end(kind: string): Promise<void> {
    const job = this.running(kind);
    if (!job) return;
    this.cancel(job.id);
    await this.find(job.id).ended.catch(() => undefined);
  }

  /** Cancels everything and waits until it has ended. */
  async close(): Promise<void> {
    const open = [...this.jobs.values()];
    for (const { controller } of open) controller.abort();
    await Promise.allSettled(open.map(({ ended }) => ended));
  }

  private find(id: string): Job {
    const job = this.jobs.get(id);
    if (!job) throw new Error(`job: expected one of this session, got "${id}"`);
    return job;
  }

  private forgetOldest(): void {
    const ended = [...this.jobs.values()].filter(({ facts }) => facts.state !== 'running');
    for (const { facts } of ended.slice(0, Math.max(0, ended.length - REMEMBERED))) this.jobs.delete(facts.id);
  }
}
