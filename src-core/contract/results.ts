// How good the masks are, and what they say of each heart. Reviewed masks are the effective ones; those of their own where the person
// at the screen reads blind.
import { z } from 'zod';
import type { Split } from '../datasets/split.ts';
import type { HeartReport } from '../measure/heart-report.ts';
import type { EvaluationReport } from '../measure/report.ts';
import { answers } from './call.ts';
import type { JobFacts } from './job.ts';

/** Label maps of a run in the order they are made. */
export const RUN_SOURCES = ['cam', 'p1', 'p2', 'p3', 'pseudo', 'segmentation'] as const;

/** What may be measured: maps of a run, reviewed masks, or the disc that learns nothing from images. */
export type EvaluationSource = (typeof RUN_SOURCES)[number] | 'reviewed' | 'disc';

/** Which items are measured. */
export type EvaluationSplit = Split | 'all';

/** Items that could not be measured, by why. */
export interface SkippedItems {
  readonly withoutTruth: number;
  /** No map of this source, though there is truth. */
  readonly withoutMask: number;
  /** Volumes measured on some of their slices only: overlap holds, distances and volumes in mL are left out. */
  readonly incompleteVolumes: number;
}

/** One source measured. */
export interface SourceEvaluation {
  readonly source: EvaluationSource;
  readonly report: EvaluationReport;
  readonly skipped: SkippedItems;
}

/** How an evaluation's numbers came about, and the numbers. */
export interface ProjectEvaluation {
  readonly project: string;
  /** Null where no run was needed. */
  readonly run: string | null;
  readonly split: EvaluationSplit;
  readonly classes: readonly string[];
  readonly largestComponent: boolean;
  /** What the project's tags are about. */
  readonly tags: { readonly slice: number; readonly crop: number };
  readonly sources: readonly SourceEvaluation[];
}

/** What can be measured now. */
export interface ResultsFacts {
  /** Maps of the run in use, then reviewed masks where there are any, then the disc. */
  readonly sources: readonly EvaluationSource[];
  /** Images of each split that have truth. */
  readonly withTruth: Readonly<Record<Split, number>>;
  readonly run: string | null;
  /** Whether classes are parts of the heart, so that volumes over the cycle mean something. */
  readonly isCardiac: boolean;
}

const SOURCES = [...RUN_SOURCES, 'reviewed', 'disc'] as const;

export const RESULTS_CALLS = {
  'results.facts': answers<ResultsFacts>()(z.object({})),
  /** A job; its result is a `ProjectEvaluation`. */
  'results.evaluate': answers<JobFacts>()(
    z.object({
      sources: z.enum([...SOURCES, 'all']),
      split: z.enum(['train', 'validation', 'test', 'all']),
      largestComponent: z.boolean(),
    }),
  ),
  /** A job; its result is a list of `HeartReport`, from reviewed masks and else from the run in use. */
  'results.hearts': answers<JobFacts>()(z.object({})),
};

export type { HeartReport };
