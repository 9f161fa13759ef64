// Long work: it is started by a call, told by events, and can be cancelled.
import { z } from 'zod';
import { answers } from './call.ts';

/** How a job stands. */
export type JobState = 'running' | 'done' | 'failed' | 'cancelled';

/** A long piece of work as screens see it. */
export interface JobFacts {
  readonly id: string;
  /** What is done, such as `import`, `train`, `predict`, `export`. */
  readonly kind: string;
  /** In words, such as the name of the source. */
  readonly title: string;
  readonly state: JobState;
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** Of late; null until there is a pace. */
  readonly perSecond: number | null;
  readonly secondsLeft: number | null;
  /** What it is at, or why it failed. */
  readonly message: string;
}

export const JOB_CALLS = {
  'job.list': answers<readonly JobFacts[]>()(z.object({})),
  'job.cancel': answers<null>()(z.object({ id: z.string() })),
  /** What a job gave, once it is done; its shape is that of the call that started it. */
  'job.result': answers<unknown>()(z.object({ id: z.string() })),
};
