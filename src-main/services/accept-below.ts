// "Accept all slices of a volume below an uncertainty": what it covers is shown first, and only that is accepted.
import type { AcceptPreview } from '../../src-core/contract/review.ts';
import type { ItemState } from '../../src-core/review/item-state.ts';
import { SCORE } from '../storage/map-store.ts';
import { kindsOf, READER } from '../storage/reading-store.ts';
import type { Project } from './project.ts';
import { Review, type Reviewer } from './review.ts';
import { runInUse } from './run-in-use.ts';

/** What accepting below a threshold would cover. Items that a person has touched are left alone. */
export function previewBelow(project: Project, volume: string, threshold: number, reader: number): AcceptPreview {
  const run = runInUse(project);
  const rows = project.database
    .prepare(
      `SELECT i.id, i.slice, ${SCORE} AS score, coalesce(r.state, 'pending') AS state,
         EXISTS (SELECT 1 FROM label_maps m WHERE m.item = i.number AND m.run = 0 AND m.kind = ?) AS begun
       FROM items i JOIN volumes v ON v.number = i.volume
       LEFT JOIN predictions p ON p.item = i.number AND p.run = ?
       LEFT JOIN readings r ON r.item = i.number AND r.reader = ?
       WHERE v.id = ? ORDER BY p.score DESC, i.slice`,
    )
    .all(kindsOf(reader).mask, run === undefined ? -1 : project.runNumber(run), reader, volume);
  if (rows.length === 0) throw new Error(`volume: expected one of the project, got "${volume}"`);
  const items = rows.map((row) => ({
    item: String(row['id']),
    slice: Number(row['slice']),
    score: row['score'] === null ? null : Number(row['score']),
    // The writer stores only these words.
    state: String(row['state']) as ItemState,
    isTouched: row['state'] !== 'pending' || row['begun'] === 1,
  }));
  const free = items.flatMap(({ item, slice, score, isTouched }) =>
    isTouched || score === null ? [] : [{ item, slice, score }],
  );
  return {
    covered: free.filter(({ score }) => score < threshold),
    above: free.filter(({ score }) => score >= threshold),
    leftAlone: items.flatMap(({ item, slice, state, isTouched }) => (isTouched ? [{ item, slice, state }] : [])),
    withoutSuggestion: items.filter(({ score, isTouched }) => score === null && !isTouched).length,
  };
}

/** Accepts what a preview covered, as one gesture. Throws where the volume or the predictions have changed since. */
export function acceptBelow(
  project: Project,
  reviewer: Reviewer,
  volume: string,
  threshold: number,
  previewed: readonly string[],
): void {
  const { covered } = previewBelow(project, volume, threshold, reviewer.reader ?? READER.effective);
  const now = new Set(covered.map(({ item }) => item));
  if (now.size !== previewed.length || !previewed.every((item) => now.has(item))) {
    const counts = `${previewed.length} images then, ${now.size} now`;
    throw new Error(`${volume}: what would be accepted has changed since it was shown (${counts}); look again`);
  }
  new Review(project, reviewer).decide(previewed, 'accept', '', 'accept all below');
}
