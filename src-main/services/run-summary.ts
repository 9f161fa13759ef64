// What is known of a run beside its recipe and its log: how far it came, how good it was, why it failed.
import { z } from 'zod';
import type { Project } from './project.ts';

const measure = z.number().nullable();

const RUN_SUMMARY = z.object({
  /** Run whose weights it began with. */
  from: z.string(),
  /** Begun to learn from what a person has drawn. */
  corrections: z.boolean(),
  engine: z.string(),
  device: z.string(),
  /** Time trained so far. */
  seconds: z.number(),
  /** Steps over all stages. */
  done: z.number(),
  total: z.number(),
  /** Where the newest checkpoint stands. */
  saved: z.object({ stage: z.enum(['warm-up', 'joint', 'classification', 'segmentation']), iteration: z.number() }),
  /** The newest look at validation images. */
  measures: z.object({
    stage: z.string(),
    iteration: z.number(),
    images: z.number(),
    // A part that is null is taken away where it is noted.
    meanAveragePrecision: measure.default(null),
    source: z.enum(['segmentation', 'cam']).nullable().default(null),
    dice: z.array(measure),
    confusionRatio: z.array(measure),
    /** Classes that the segmentation fails to show; not noted by older versions. */
    vanished: z.array(z.number()).default([]),
  }),
  /** Ended by its owner for good before its last step. */
  ended: z.boolean(),
  error: z.string(),
  /** Settings with which it would fit into memory. */
  settings: z.record(z.string(), z.string()),
});

export type RunSummary = Partial<z.output<typeof RUN_SUMMARY>>;

/** Parts to note; null takes one away. */
export type RunSummaryChanges = { readonly [Key in keyof RunSummary]?: RunSummary[Key] | null };

/** What a run has noted; parts that an older version wrote otherwise are left out. */
export function runSummary(project: Project, run: string): RunSummary {
  const stored = project.runs().find(({ id }) => id === run)?.summary;
  return parseSummary(stored);
}

export function parseSummary(stored: unknown): RunSummary {
  if (typeof stored !== 'object' || stored === null) return {};
  const known = Object.entries(RUN_SUMMARY.shape).flatMap(([key, schema]) => {
    const value = schema.safeParse((stored as Record<string, unknown>)[key]);
    return value.success ? [[key, value.data] as const] : [];
  });
  return Object.fromEntries(known);
}
