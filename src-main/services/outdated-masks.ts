// Reviewed masks that a run would draw otherwise: told when it is put in use, never changed.
import type { OutdatedMask } from '../../src-core/contract/review.ts';
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import type { ItemState } from '../../src-core/review/item-state.ts';
import { maskDisagreement } from '../../src-core/review/suggestion.ts';
import { readReading } from '../storage/reading-store.ts';
import { readSuggestion } from '../storage/suggestion-store.ts';
import type { Project } from './project.ts';

/**
 * Items with a mask of a reader's whose suggestion by a run is not the one that the mask began as, and differs from the
 * mask; the most different first.
 */
export async function outdatedMasks(
  project: Project,
  { run, reader }: { readonly run: string; readonly reader: number },
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<OutdatedMask[]> {
  const runNumber = project.runNumber(run);
  const rows = project.database
    .prepare(`SELECT item, state FROM readings WHERE reader = ? AND state IN ('accepted', 'corrected') ORDER BY item`)
    .all(reader);
  const outdated: OutdatedMask[] = [];
  for (const [i, row] of rows.entries()) {
    signal?.throwIfAborted();
    const item = Number(row['item']);
    const { mask, base } = readReading(project.database, item, reader);
    const suggested = readSuggestion(project.database, item, runNumber);
    if (mask && base && suggested && Buffer.compare(base, suggested.mask) !== 0) {
      const disagreement = maskDisagreement(decodeLabels(mask), decodeLabels(suggested.mask));
      // The writer stores only these words.
      const state = String(row['state']) as ItemState;
      if (disagreement > 0) outdated.push({ item: project.itemId(item), state, disagreement });
    }
    onProgress(i + 1, rows.length);
    // Others are answered in between.
    if (i % 16 === 15) await new Promise(setImmediate);
  }
  return outdated.sort((a, b) => b.disagreement - a.disagreement);
}
