// Training: what is learned from, how, how it goes, and what came of it.
import { z } from 'zod';
import type { ClassCount } from '../review/tag.ts';
import type { StageName } from '../training/checkpoint.ts';
import { answers } from './call.ts';
import type { JobFacts } from './job.ts';

/** What a training of the project would learn from. */
export interface TrainingMaterial {
  /** Images in the training split, and those among them that have a tag, of their own or on windows. */
  readonly images: number;
  readonly taggedImages: number;
  /** Tagged windows of images; 0 where tags are on whole images. */
  readonly windows: number;
  readonly classes: readonly ClassMaterial[];
  /** Training images whose mask a person has accepted or corrected; null where the person at the screen reads blind. */
  readonly reviewed: number | null;
  /** Tagged images held out to measure on, and whether any of them has truth. */
  readonly validation: number;
  readonly validationTruth: boolean;
  readonly problems: readonly MaterialProblem[];
}

/** How many tags show a class and how many do not; of windows where there are any, else of images. */
export interface ClassMaterial {
  readonly name: string;
  readonly count: ClassCount;
}

/** `blocks`: nothing can be learned. */
export type MaterialProblem =
  | { readonly kind: 'untagged'; readonly blocks: true }
  | { readonly kind: 'never-shown' | 'always-shown'; readonly class: string; readonly blocks: false }
  /** Whole images are tagged, and these classes are missing from so few that tags hardly tell where they are. */
  | { readonly kind: 'rarely-absent'; readonly classes: readonly string[]; readonly blocks: false }
  | { readonly kind: 'no-validation'; readonly blocks: false };

/** A recipe to train by: one that suits the project, or a preset. */
export interface RecipeFacts {
  /** `suggested`, or a preset's name. */
  readonly id: string;
  readonly encoder: string;
  readonly side: number;
  /** Steps of all stages. */
  readonly steps: number;
  /** Made to begin from pretrained weights. */
  readonly wantsWeights: boolean;
  /** Expected on this machine for this project; null until it is measured. */
  readonly seconds: number | null;
}

/**
 * `paused` and `stopped` have saved and can go on; `interrupted`: its process ended without a word, its last checkpoint is there;
 * `damaged`: files of it are missing or broken; `imported`: no training, but masks that came with the images.
 */
export type RunState =
  'running' | 'paused' | 'stopped' | 'finished' | 'failed' | 'interrupted' | 'damaged' | 'imported';

export interface RunFacts {
  readonly id: string;
  /** ISO time. */
  readonly created: string;
  readonly state: RunState;
  /** Name of its preset. */
  readonly recipe: string;
  /** Run whose weights it began with. */
  readonly from: string | null;
  readonly corrections: boolean;
  readonly device: string | null;
  readonly seconds: number | null;
  readonly done: number;
  readonly total: number;
  readonly measures: RunMeasures | null;
  /** Names of the classes that its segmentation fails to show, though its pseudo masks do. */
  readonly vanished: readonly string[];
  /** `settings`: fewer images a step, with which it would fit into memory. */
  readonly failure: { readonly message: string; readonly settings: Readonly<Record<string, string>> | null } | null;
  /** The file that is missing or broken, in words; null where the run is whole. */
  readonly damage: string | null;
  /** Items that it has predicted, as it is now. */
  readonly predicted: number;
  /** Whether it has learned enough to predict, or, where it is damaged, has predicted everything. */
  readonly usable: boolean;
  /** Whether it has learned segmentation, which corrections go on from. */
  readonly correctable: boolean;
  readonly inUse: boolean;
  /** Reviewed masks that began as its suggestion. */
  readonly basedOn: number;
}

/** A look at the validation images; null where something is not defined. Per class in the project's order. */
export interface RunMeasures {
  readonly meanAveragePrecision: number | null;
  readonly source: 'segmentation' | 'cam' | null;
  readonly dice: readonly (number | null)[];
  readonly confusionRatio: readonly (number | null)[];
}

/** A step as charts show it. */
export interface StepPoint {
  /** Steps done over all stages. */
  readonly done: number;
  readonly stage: StageName;
  readonly losses: Readonly<Record<string, number>>;
  readonly learningRate: number;
}

/** A look at the validation images. */
export interface Look extends RunMeasures {
  readonly done: number;
  readonly stage: StageName;
  readonly iteration: number;
  readonly images: number;
  /** Items whose pictures were kept: `resource/sample?run=&stage=&iteration=&index=&layer=`. */
  readonly items: readonly string[];
}

/** A line of the training's log. `message` is in words where the program did not foresee it. */
export interface LogEntry {
  /** ISO time. */
  readonly time: string;
  readonly kind: 'stage' | 'look' | 'saved' | 'paused' | 'finished' | 'warning';
  readonly stage: StageName | null;
  readonly iteration: number;
  readonly message: string;
}

/** Everything that a run has told so far. */
export interface RunHistory {
  readonly run: string;
  readonly stages: readonly { readonly stage: StageName; readonly from: number; readonly iterations: number }[];
  readonly total: number;
  /** Steps between looks. */
  readonly lookEvery: number;
  readonly points: readonly StepPoint[];
  readonly looks: readonly Look[];
  readonly log: readonly LogEntry[];
}

/** A training that is under way. */
export interface LiveTraining {
  readonly job: string;
  /** Null until there is one. */
  readonly run: string | null;
  /** `engine`: engines are tested; `timing`: steps are timed; `masks`: pseudo masks are made; `ending`: it saves and ends. */
  readonly phase: 'engine' | 'timing' | 'starting' | 'training' | 'masks' | 'ending';
  readonly stage: StageName | null;
  readonly done: number;
  readonly total: number;
  readonly imagesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** Of the training process. */
  readonly memoryBytes: number;
  readonly device: string | null;
}

/** What a training tells, a few times a second. */
export interface TrainingNews {
  readonly live: LiveTraining | null;
  readonly points: readonly StepPoint[];
  readonly looks: readonly Look[];
  readonly log: readonly LogEntry[];
}

/** How the suggested masks of a run differ from those of the one it went on from. */
export interface RunChanges {
  readonly before: string;
  readonly after: string;
  readonly compared: number;
  readonly changed: number;
  /** Mean of 1 - Dice over the changed ones. */
  readonly meanChange: number;
  /** Items that a person has decided about; their masks stay. */
  readonly kept: number;
  readonly items: readonly { readonly item: string; readonly change: number }[];
}

/** What there is to learn from corrections. */
export interface CorrectionFacts {
  /** The run in use; null where none is, or it has not learned segmentation. */
  readonly run: string | null;
  /** Training images whose mask a person has accepted or corrected; null where the person at the screen reads blind. */
  readonly reviewed: number | null;
  /** What the run in use has changed, where it learned from corrections itself; null where the person at the screen reads blind. */
  readonly changes: RunChanges | null;
}

/** A setting of a recipe and its value as JSON. */
export interface RecipeSetting {
  readonly name: string;
  readonly value: string;
}

const SETTINGS = z.record(z.string(), z.string());
const RUN = z.object({ run: z.string() });

/** What to train. */
export const TRAINING_PLAN = z.object({
  recipe: z.string(),
  /** In place of the recipe's own length. */
  length: z
    .union([
      z.object({ iterations: z.int().positive() }),
      z.object({ minutes: z.number().positive().max(100_000) }),
      z.null(),
    ])
    .default(null),
  /** Path of timm ViT weights. */
  weights: z.string().nullable().default(null),
  /** Run whose weights it begins with. */
  from: z.string().nullable().default(null),
  settings: SETTINGS.default({}),
});
export type TrainingPlan = z.output<typeof TRAINING_PLAN>;

export const TRAIN_CALLS = {
  'train.material': answers<TrainingMaterial>()(z.object({})),
  'train.recipes': answers<readonly RecipeFacts[]>()(z.object({})),
  'train.settings': answers<readonly RecipeSetting[]>()(z.object({ recipe: z.string() })),
  /** Times the recipe's steps here; the result is a number of seconds. */
  'train.time': answers<JobFacts>()(z.object({ recipe: z.string() })),
  'train.runs': answers<readonly RunFacts[]>()(z.object({})),
  'train.live': answers<LiveTraining | null>()(z.object({})),
  'train.history': answers<RunHistory>()(RUN),
  'train.start': answers<JobFacts>()(TRAINING_PLAN),
  /** Goes on where the run stopped; `settings`: fewer images a step. */
  'train.resume': answers<JobFacts>()(z.object({ run: z.string(), settings: SETTINGS.nullable().default(null) })),
  /** Goes on from the run in use with reviewed masks, then predicts with the new run and compares. */
  'train.corrections': answers<JobFacts>()(z.object({})),
  'train.correctable': answers<CorrectionFacts>()(z.object({})),
  /** Saves and ends; `forGood`: the run counts as done. */
  'train.stop': answers<null>()(z.object({ forGood: z.boolean() })),
  /** Predicts what the run has not predicted yet and puts it in use; null where it only had to be put in use. */
  'train.use': answers<JobFacts | null>()(RUN),
  /** Deletes a run's weights, log and suggestions. Reviewed masks stay. */
  'train.delete': answers<null>()(RUN),
  /** What a run that learned from corrections has changed; null where it was not compared, and for who reads blind. */
  'train.changes': answers<RunChanges | null>()(RUN),
};
