// How the suggested masks of two runs differ: what learning from corrections has changed.
import { z } from 'zod';
import { awaitsReview } from '../../src-core/review/item-state.ts';
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import { readSuggestion } from '../storage/suggestion-store.ts';
import type { Project } from './project.ts';

/** Items that are named. */
const MOST_NAMED = 100;

const MASK_CHANGES = z.object({
  before: z.string(),
  after: z.string(),
  /** Items that both runs have predicted and nobody has decided about. */
  compared: z.number(),
  /** Of them, those whose mask is not the same. */
  changed: z.number(),
  /** Mean share of the masks of changed items that differs: 1 - Dice of all classes together. */
  meanChange: z.number(),
  /** Items that a person has decided about, whose masks stay as they are. */
  kept: z.number(),
  /** The most changed ones first. */
  items: z.array(z.object({ item: z.string(), change: z.number() })),
});

export type MaskChanges = z.output<typeof MASK_CHANGES>;

/** Compares what two runs suggest, item by item. Gives up between items where the signal is aborted. */
export async function compareSuggestions(
  project: Project,
  before: string,
  after: string,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<MaskChanges> {
  const changes: { item: string; change: number }[] = [];
  const { items } = project;
  const runs = [project.runNumber(before), project.runNumber(after)];
  let [compared, kept] = [0, 0];
  for (const [i, { id, state }] of items.entries()) {
    signal?.throwIfAborted();
    if (awaitsReview(state)) {
      const number = project.itemNumber(id);
      const [old, now] = runs.map((run) => readSuggestion(project.database, number, run)?.mask);
      if (old && now) {
        compared += 1;
        const change = changeOf(decodeLabels(old).data, decodeLabels(now).data);
        if (change > 0) changes.push({ item: id, change });
      }
    } else kept += 1;
    onProgress(i + 1, items.length);
    if (i % 32 === 0) await new Promise(setImmediate);
  }
  const sum = changes.reduce((total, { change }) => total + change, 0);
  return {
    before,
    after,
    compared,
    changed: changes.length,
    meanChange: changes.length === 0 ? 0 : sum / changes.length,
    kept,
    items: changes.toSorted((a, b) => b.change - a.change).slice(0, MOST_NAMED),
  };
}

/** 1 - Dice over the foreground of both masks, a pixel of another class counting as different; 0 where both are empty. */
export function changeOf(before: Uint8Array, after: Uint8Array): number {
  let [same, foreground] = [0, 0];
  for (let i = 0; i < before.length; i++) {
    const [a, b] = [before[i]!, after[i]!];
    if (a !== 0) foreground++;
    if (b !== 0) foreground++;
    if (a !== 0 && a === b) same++;
  }
  return foreground === 0 ? 0 : 1 - (2 * same) / foreground;
}

const settingOf = (run: string): string => `changes of ${run}`;

/** Keeps what a run has changed. */
export function noteChanges(project: Project, changes: MaskChanges): void {
  project.setSetting(settingOf(changes.after), changes);
}

/** What a run has changed; undefined where it was not compared. */
export function notedChanges(project: Project, run: string): MaskChanges | undefined {
  return MASK_CHANGES.safeParse(project.setting(settingOf(run))).data;
}
