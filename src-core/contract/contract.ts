// Everything a screen may ask of the services, and everything they tell on their own. One map: a call that is not here does
// not compile on either side. Each area has its own file.
import type { z } from 'zod';
import type { Call } from './call.ts';
import { EXPORT_CALLS } from './export.ts';
import { IMPORT_CALLS } from './import.ts';
import { ENGINE_CALLS, type EngineReport } from './engine.ts';
import { ITEM_CALLS } from './items.ts';
import { JOB_CALLS, type JobFacts } from './job.ts';
import { PICTURE_CALLS } from './picture.ts';
import { PROJECT_CALLS, type ProjectFacts } from './project.ts';
import { RESULTS_CALLS } from './results.ts';
import { REVIEW_CALLS, type ReviewedEvent } from './review.ts';
import { SECOND_READER_CALLS } from './second-reader.ts';
import { SETTINGS_CALLS, type Settings } from './settings.ts';
import { STORAGE_CALLS } from './storage.ts';
import { TAG_CALLS, type TagFacts } from './tags.ts';
import { TRAIN_CALLS, type TrainingNews } from './train.ts';
import { UPLOAD_CALLS } from './upload.ts';

export const CALLS = {
  ...EXPORT_CALLS,
  ...PROJECT_CALLS,
  ...JOB_CALLS,
  ...RESULTS_CALLS,
  ...PICTURE_CALLS,
  ...SETTINGS_CALLS,
  ...STORAGE_CALLS,
  ...UPLOAD_CALLS,
  ...TAG_CALLS,
  ...IMPORT_CALLS,
  ...ENGINE_CALLS,
  ...TRAIN_CALLS,
  ...ITEM_CALLS,
  ...REVIEW_CALLS,
  ...SECOND_READER_CALLS,
};

export type CallName = keyof typeof CALLS;
/** As a screen writes them. */
export type ParamsOf<Name extends CallName> = z.input<(typeof CALLS)[Name]['params']>;
/** As a service gets them: checked, defaults filled in. */
export type CheckedParamsOf<Name extends CallName> = z.output<(typeof CALLS)[Name]['params']>;
export type ResultOf<Name extends CallName> =
  (typeof CALLS)[Name] extends Call<z.ZodType, infer Result> ? Result : never;

/** What the services tell every screen. */
export interface Events {
  readonly project: ProjectFacts | null;
  readonly job: JobFacts;
  readonly settings: Settings;
  readonly tags: TagFacts;
  readonly engines: EngineReport;
  readonly training: TrainingNews;
  /** Runs were added, removed or have changed. */
  readonly runs: null;
  readonly reviewed: ReviewedEvent;
  /** An action chosen in the application menu. */
  readonly command: string;
}

export type EventName = keyof Events;

/** Handlers of the calls of some areas. */
export type Handlers<Name extends CallName> = {
  readonly [Each in Name]: (params: CheckedParamsOf<Each>) => ResultOf<Each> | Promise<ResultOf<Each>>;
};

/** Names of the calls of one area. */
export type AreaOf<Calls> = keyof Calls & CallName;
