// The project that is open, and the ones that were.
import { z } from 'zod';
import { answers } from './call.ts';
import type { ItemState } from '../review/item-state.ts';
import type { JobFacts } from './job.ts';

/** Why nothing of a project can be changed: the disk takes no writes, or the person has no right to write to its folder or file. */
export type ReadOnlyCause = 'disk' | 'rights';

/** What every screen shows of the open project. */
export interface ProjectFacts {
  readonly directory: string;
  /** Another one for every project that is made; part of the addresses of pictures, which are kept. */
  readonly key: string;
  readonly name: string;
  /** Set where it is open to look at only: every call that would change it is refused as `read-only`. */
  readonly readOnly: ReadOnlyCause | null;
  readonly classes: readonly ProjectClass[];
  readonly patients: number;
  readonly volumes: number;
  readonly items: number;
  /** Of the effective readings; of a blind reader's own while that person is at the screen. */
  readonly states: Readonly<Record<ItemState, number>>;
  /** The second reader at the screen where that person reads blind and is not to see what others decided; null otherwise. */
  readonly blindReader: string | null;
  /** Volumes with truth to measure against. */
  readonly withTruth: number;
  /** Whether the project has volumes of more than one slice. */
  readonly isVolumetric: boolean;
  /** The run whose suggestions are reviewed; null until one is predicted. */
  readonly runInUse: string | null;
  /** Names of the classes that its segmentation fails to show, though its pseudo masks do. */
  readonly vanished: readonly string[];
  /** Item that stands for it in pictures; null where there is none. */
  readonly cover: string | null;
}

/** A class; its label id is its place, from 1. */
export interface ProjectClass {
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
}

/** A project that was opened before. */
export interface RecentProject {
  readonly directory: string;
  readonly name: string;
  /** ISO time. */
  readonly opened: string;
  readonly items: number;
  readonly reviewed: number;
  /** `data:` address of a small picture; null where there is none. */
  readonly picture: string | null;
  /** Whether its folder still holds a project. */
  readonly exists: boolean;
}

export const PROJECT_CALLS = {
  /** The open project; null where none is. */
  'project.facts': answers<ProjectFacts | null>()(z.object({})),
  /** Opens it to look at only where it cannot be written to. */
  'project.open': answers<ProjectFacts>()(z.object({ directory: z.string().min(1) })),
  'project.close': answers<null>()(z.object({})),
  'project.recent': answers<readonly RecentProject[]>()(z.object({})),
  /** Takes a project off the list; its folder stays. */
  'project.forget': answers<null>()(z.object({ directory: z.string() })),
  /** Draws the phantom, imports and opens it. */
  'project.sample': answers<JobFacts>()(z.object({})),
};
