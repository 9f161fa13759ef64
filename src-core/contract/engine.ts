// What this machine computes on: every engine with its real device and how its self-test went.
import { z } from 'zod';
import { answers } from './call.ts';
import type { JobFacts } from './job.ts';

/**
 * How an engine's self-test went: `passed`; `wrong`: it computes something else than the processor; `slow`: it starts and no
 * step ended in time; `missing`: it does not start.
 */
export type EngineVerdict = 'passed' | 'wrong' | 'slow' | 'missing';

export interface EngineFacts {
  readonly name: string;
  /** Null where it does not start. */
  readonly device: string | null;
  readonly verdict: EngineVerdict;
  /** Of one small training step; null where none was measured. */
  readonly stepMilliseconds: number | null;
  /** What went wrong, and what a person can do about it; empty where nothing did. */
  readonly cause: string;
  readonly remedy: string;
}

export interface EngineReport {
  /** When the engines were tested, ISO time; null: not yet on this machine with this version. */
  readonly tested: string | null;
  /** Fastest kinds first; empty before the test. */
  readonly engines: readonly EngineFacts[];
  /** The fastest of those that passed. */
  readonly fastest: string | null;
  /** What the settings ask for, and what that comes to; null where it is not known yet. */
  readonly asked: string;
  readonly inUse: { readonly name: string; readonly device: string } | null;
}

export const ENGINE_CALLS = {
  'engine.report': answers<EngineReport>()(z.object({})),
  /** Starts every engine in a process of its own and takes a step on it. */
  'engine.test': answers<JobFacts>()(z.object({})),
};
