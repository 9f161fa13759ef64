// From a folder of images to a project: look at it, decide, and only then make something.
import { z } from 'zod';
import type { ScanSummary } from '../datasets/scan-tally.ts';
import { answers } from './call.ts';
import type { JobFacts } from './job.ts';

const TABLE_COLUMN = z.enum(['file', 'patient', 'frame', 'phase', 'slice', 'labels', 'split']);

/** How a source is looked at. Whatever is absent is detected. */
export const SCAN_CHOICES = z.object({
  format: z.string().optional(),
  /** What the values of masks mean. */
  labelNames: z.record(z.string().regex(/^\d+$/), z.string().min(1)).optional(),
  /** Table of tags, relative to the source. */
  tagsFile: z.string().optional(),
  columns: z.partialRecord(TABLE_COLUMN, z.string()).optional(),
  firstSlice: z.union([z.literal(0), z.literal(1)]).optional(),
  /** Tags derived from masks. */
  tags: z
    .object({
      kind: z.enum(['slice', 'crops']),
      windows: z.number().int().min(1).max(64),
      window: z.number().int().min(2).max(4096),
      referenceSide: z.number().int().min(8).nullable(),
      minimumShare: z.number().min(0).max(1),
      seed: z.number().int().min(0),
    })
    .optional(),
  /** Links that lead out of the source are followed. */
  followLinks: z.boolean().optional(),
  allFrames: z.boolean().optional(),
  /** Regular expression that takes the patient out of a file name. */
  patientPattern: z.string().optional(),
  /** Patients keep the identifiers that DICOM files give them. */
  keepIdentity: z.boolean().optional(),
});
export type ScanChoices = z.output<typeof SCAN_CHOICES>;

/** How patients are placed. */
const SPLIT_RULE = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('shares'),
    test: z.number().min(0).lt(1),
    validation: z.number().min(0).lt(1),
    seed: z.number().int().min(0),
  }),
  z.object({
    kind: z.literal('modulus'),
    modulus: z.number().int().min(2),
    validation: z.number().min(0).lt(1),
    seed: z.number().int().min(0),
  }),
]);

/** What masks of the source are for: measured against, suggested to review, or taken as reviewed. */
const MASK_USE = z.enum(['truth', 'start', 'reviewed']);

/** A class of the project to make. */
const CHOSEN_CLASS = z.object({
  name: z.string().min(1).max(80),
  /** Classes of the source that it takes in; none where the source names none. */
  sources: z.array(z.string()),
  colour: z.string().regex(/^#[0-9a-f]{6}$/i),
});

/** A table that may hold tags, with what stands in its first row. */
export interface TableFound {
  readonly path: string;
  readonly headings: readonly string[];
}

/** What was found in a source. */
export interface ScanReport extends ScanSummary {
  /** Names the scan to `import.make`; only the latest is kept. */
  readonly id: string;
  readonly source: string;
  readonly format: string;
  readonly why: string;
  /** Every format and how well it fits, best first. */
  readonly detected: readonly { readonly format: string; readonly confidence: number; readonly why: string }[];
  readonly tables: readonly TableFound[];
}

/** A source in no format known here. */
export interface UnknownSource extends Pick<ScanReport, 'source' | 'detected'> {
  /** It cannot be made into a project. */
  readonly id: null;
  readonly files: number;
  /** The first link that leads out of it and was not followed; null where there is none. */
  readonly link: string | null;
}

/** What stands against making a project at a place; null where nothing does. */
export type PlaceProblem = 'relative' | 'exists' | 'not-writable' | 'inside-source' | null;

export const IMPORT_CALLS = {
  /** Looks at a folder; the job gives a `ScanReport` or an `UnknownSource`. Nothing is made. */
  'import.scan': answers<JobFacts>()(z.object({ source: z.string().min(1), choices: SCAN_CHOICES })),
  /** A place for a project of this name that is free. */
  'import.place': answers<string>()(z.object({ name: z.string() })),
  'import.checkPlace': answers<PlaceProblem>()(z.object({ directory: z.string(), source: z.string() })),
  /** Makes the project of a scan and opens it; the job gives its folder. */
  'import.make': answers<JobFacts>()(
    z.object({
      scan: z.string(),
      directory: z.string().min(1),
      classes: z.array(CHOSEN_CLASS).min(1).max(254),
      split: SPLIT_RULE,
      masks: MASK_USE.default('truth'),
    }),
  ),
};
