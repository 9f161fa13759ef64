// Items that the first and a second reader have read, and where they differ.
import type { ReadingConflict, ReadingPair, ReadingSide } from '../../src-core/contract/second-reader.ts';
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import { supervises, type ItemState } from '../../src-core/review/item-state.ts';
import { isSettled } from '../../src-core/review/settled.ts';
import { maskDisagreement } from '../../src-core/review/suggestion.ts';
import { READER, readFacts, readReading, type Reading } from '../storage/reading-store.ts';
import type { Project } from './project.ts';

/** Tells how far long work is. */
type Progress = (done: number, total: number) => void;

/**
 * The first annotator's own reading of an item: what was kept of it when an adjudication put another in its place, else the effective
 * one.
 */
export function firstReading(project: Project, item: number): Reading {
  const kept = readFacts(project.database, item, READER.first);
  return readReading(project.database, item, kept.at === '' ? READER.effective : READER.first);
}

/** An item as the first and a second reader have read it. */
export function readingPair(project: Project, item: string, reader: number): ReadingPair {
  const number = project.itemNumber(item);
  return {
    item,
    first: sideOf(firstReading(project, number)),
    second: sideOf(readReading(project.database, number, reader)),
    adjudicated: readFacts(project.database, number, READER.effective).adjudicated,
  };
}

/** One reading as it is shown beside another. */
export function sideOf({ facts: { annotator, at, state, reason }, mask }: Reading): ReadingSide {
  return { annotator, at, state, reason, mask };
}

/** Row numbers of the items that a second reader and somebody else as the first have decided about, as imported. */
export function readByBoth(project: Project, reader: number): number[] {
  const rows = project.database
    .prepare(
      `SELECT s.item FROM readings s
       JOIN readings e ON e.item = s.item AND e.reader = ${READER.effective}
       LEFT JOIN readings f ON f.item = s.item AND f.reader = ${READER.first}
       WHERE s.reader = ? AND s.state IN (${DECIDED}) AND coalesce(f.state, e.state) IN (${DECIDED})
         AND coalesce(f.annotator, e.annotator) <> s.annotator ORDER BY s.item`,
    )
    .all(reader);
  return rows.map((row) => Number(row['item']));
}

/** Items that a reader has decided about. */
export function countDecided(project: Project, reader: number): number {
  const sql = `SELECT count(*) AS n FROM readings WHERE reader = ? AND state IN (${DECIDED})`;
  return Number(project.database.prepare(sql).get(reader)?.['n']);
}

const DECIDED = `'accepted', 'corrected', 'rejected'`;

/** Items that two have read differently, the most different first. */
export async function conflictsOf(
  project: Project,
  reader: number,
  onProgress: Progress = () => undefined,
  signal?: AbortSignal,
): Promise<ReadingConflict[]> {
  const conflicts: ReadingConflict[] = [];
  for await (const { item, first, second } of bothReadings(project, reader, onProgress, signal)) {
    const disagreement = disagreementOf(first, second);
    if (disagreement === 0) continue;
    conflicts.push({
      item: project.itemId(item),
      first: first.facts.state,
      second: second.facts.state,
      disagreement,
      isOpen: !isSettled(readFacts(project.database, item, READER.effective), second.facts.at),
    });
  }
  return conflicts.sort((a, b) => b.disagreement - a.disagreement);
}

/** Others are answered between items. */
async function* bothReadings(
  project: Project,
  reader: number,
  onProgress: Progress,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ item: number; first: Reading; second: Reading }, void> {
  const items = readByBoth(project, reader);
  for (const [i, item] of items.entries()) {
    signal?.throwIfAborted();
    yield { item, first: firstReading(project, item), second: readReading(project.database, item, reader) };
    onProgress(i + 1, items.length);
    if (i % 16 === 15) await new Promise(setImmediate);
  }
}

function disagreementOf(first: Reading, second: Reading): number {
  if (!givesMask(first) || !givesMask(second)) return givesMask(first) === givesMask(second) ? 0 : 1;
  return maskDisagreement(decodeLabels(first.mask!), decodeLabels(second.mask!));
}

function givesMask({ facts, mask }: Reading): boolean {
  const state: ItemState = facts.state;
  return supervises(state) && mask !== null;
}
