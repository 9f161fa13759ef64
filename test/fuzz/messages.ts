// What run.ts orders of a child, and what that tells.
import type { Outcome } from './target.ts';
import type { GroupName } from './targets/targets.ts';

export interface Order {
  readonly group: GroupName;
  readonly name: string;
  readonly seed: number;
  /** First run, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** An empty folder, removed by who gave the order. */
  readonly folder: string;
}

export type Message =
  | { readonly kind: 'begin'; readonly run: number }
  | {
      readonly kind: 'end';
      readonly run: number;
      readonly outcome: Outcome;
      readonly ms: number;
      readonly peakBytes: number;
    };
