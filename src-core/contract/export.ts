// Masks and networks for other programs. Formats and their options are described in datasets/formats/export-formats.ts.
import { z } from 'zod';
import { EXPORT_FORMAT_NAMES } from '../datasets/formats/export-formats.ts';
import { ITEM_STATES } from '../review/item-state.ts';
import { answers } from './call.ts';
import type { JobFacts } from './job.ts';
import { RUN_SOURCES } from './results.ts';

/** What an export wrote, or would write. */
export interface ExportOutcome {
  readonly directory: string;
  readonly run: string | null;
  readonly written: boolean;
  readonly files: readonly { readonly path: string; readonly bytes?: number }[];
  /** What a person should know, in sentences. */
  readonly notes: readonly string[];
  /** What the format cannot hold of this project, counted. */
  readonly losses: readonly string[];
  readonly checks: readonly { readonly level: 'good' | 'warning' | 'error'; readonly text: string }[];
}

const REQUEST = z.object({
  format: z.enum(EXPORT_FORMAT_NAMES),
  directory: z.string().min(1),
  settings: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])),
  source: z.enum(['best', 'reviewed', ...RUN_SOURCES]),
  states: z.array(z.enum(ITEM_STATES)).min(1),
  split: z.enum(['train', 'validation', 'test', 'all']),
  /** Id of each class by name; absent takes those of the source's masks. */
  labels: z.record(z.string(), z.number().int()).optional(),
  ignore: z.enum(['none', 'unreviewed', 'uncertain']),
  uncertainAbove: z.number().min(0).max(1),
  overwrite: z.boolean(),
});

export type ExportQuestion = z.output<typeof REQUEST>;

export const EXPORT_CALLS = {
  /** A job that writes nothing; its result is an `ExportOutcome`. */
  'export.preview': answers<JobFacts>()(REQUEST),
  /** A job; its result is an `ExportOutcome`. Cancelled or failed, it leaves nothing behind. */
  'export.write': answers<JobFacts>()(REQUEST),
};
