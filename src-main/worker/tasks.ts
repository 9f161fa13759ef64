// What a worker can be asked to do, what it tells meanwhile, and what it gives. Types alone: both processes share them.
import type { TrainingConfig } from '../../src-core/training/config.ts';
import type { StageName } from '../../src-core/training/checkpoint.ts';
import type { ItemAffinity } from '../../src-core/review/token-walk.ts';
import type { TrainingEvent } from '../../src-core/training/train.ts';
import type { Placement } from '../engines/placement.ts';
import type { MaskChanges } from '../services/mask-changes.ts';
import type { PredictionSummary } from '../services/predict.ts';
import type { StepTimes } from '../services/time-plan.ts';
import type { TrainingBegin, TrainingResult } from '../services/train.ts';

interface Task<Params, News, Result, Question = never> {
  readonly params: Params;
  /** What it can be asked while it goes on. */
  readonly question: Question;
  readonly news: News;
  readonly result: Result;
}

/** Every task by name. Engines are named, never `auto`. */
export interface Tasks {
  readonly train: Task<
    { readonly directory: string; readonly engine: string; readonly begin: TrainingBegin },
    TrainingNews,
    TrainingResult
  >;
  readonly predict: Task<
    { readonly directory: string; readonly engine: string; readonly run: string },
    { readonly done: number; readonly total: number },
    PredictionSummary
  >;
  /** How the suggested masks of two runs differ. */
  readonly compare: Task<
    { readonly directory: string; readonly before: string; readonly after: string },
    { readonly done: number; readonly total: number },
    MaskChanges
  >;
  /** Reads the affinity of the items that it is asked for, until it is told to stop. */
  readonly affinity: Task<
    { readonly directory: string; readonly engine: string; readonly run: string },
    AffinityNews,
    null,
    { readonly item: string }
  >;
  readonly 'measure-steps': Task<
    { readonly directory: string; readonly engine: string; readonly config: TrainingConfig },
    never,
    StepTimes
  >;
  /** Starts an engine and takes a step on it, so that a driver that crashes takes only the worker along. */
  readonly probe: Task<{ readonly engine: string; readonly placement: boolean }, ProbeNews, null>;
}

export type TaskName = keyof Tasks;
export type ParamsOfTask<Name extends TaskName> = Tasks[Name]['params'];
export type NewsOfTask<Name extends TaskName> = Tasks[Name]['news'];
export type QuestionOfTask<Name extends TaskName> = Tasks[Name]['question'];
export type ResultOfTask<Name extends TaskName> = Tasks[Name]['result'];

/** What begins a worker's work. */
export type TaskCall = {
  readonly [Name in TaskName]: { readonly kind: 'begin'; readonly task: Name; readonly params: ParamsOfTask<Name> };
}[TaskName];

/** What a worker sends. The last message is `done` or `failed`; a worker that ends without one has died. */
export type WorkerMessage =
  | { readonly kind: 'news'; readonly news: unknown }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly failure: TaskFailure };

/** Why a task failed, in words. */
export interface TaskFailure {
  readonly message: string;
  /** What a project's owner can do about it, where it is that kind of problem. */
  readonly problem?: string;
  /** Settings with which it would fit into memory. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What the trainer tells: its events without the pictures and weights, which are in the run's folder. */
export interface TrainingNews {
  readonly run: string;
  readonly memoryBytes: number;
  readonly event: ToldEvent;
}

export type ToldEvent =
  | Exclude<TrainingEvent, { kind: 'evaluated' | 'checkpoint' }>
  | (Omit<Extract<TrainingEvent, { kind: 'evaluated' }>, 'samples'> & { readonly items: readonly string[] })
  | { readonly kind: 'checkpoint'; readonly stage: StageName; readonly iteration: number }
  | { readonly kind: 'warning'; readonly message: string };

/** The affinity of an item, or why it could not be read. */
export type AffinityNews =
  | { readonly kind: 'read'; readonly item: string; readonly affinity: ItemAffinity }
  | { readonly kind: 'failed'; readonly item: string; readonly failure: TaskFailure };

/** What probing an engine finds, in this order. */
export type ProbeNews =
  | { readonly kind: 'started'; readonly device: string }
  /** `loss`: what the first step made of made-up images, the same on every engine that computes right. */
  | { readonly kind: 'measured'; readonly milliseconds: number; readonly loss: number }
  | { readonly kind: 'placed'; readonly placement: Placement };
