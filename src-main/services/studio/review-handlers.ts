import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import type { ReviewedItem, REVIEW_CALLS, UndoAnswer } from '../../../src-core/contract/review.ts';
import { decodePatch } from '../../../src-core/labels/patch-codec.ts';
import { acceptBelow, previewBelow } from '../accept-below.ts';
import { settleOpen } from '../adjudication.ts';
import { auditEntries, auditText } from '../audit-text.ts';
import type { UndoResult } from '../gestures.ts';
import { heartOf } from '../hearts.ts';
import { blindReader, readerNumber } from '../readers.ts';
import { outdatedMasks } from '../outdated-masks.ts';
import { leaveAt, readingPosition } from '../reading-position.ts';
import { Review, type Reviewer } from '../review.ts';
import { putInUse } from '../run-in-use.ts';
import type { Studio } from './studio.ts';
import { tellReviewed } from './tell-reviewed.ts';

export function reviewHandlers(studio: Studio): Handlers<AreaOf<typeof REVIEW_CALLS>> {
  const annotator = (): string => studio.settings().annotator;
  /** A second reading is signed by its reader. */
  const reviewer = (reader: string | undefined): Reviewer => ({
    annotator: reader ?? annotator(),
    reader: readerNumber(studio.project, reader),
  });
  const review = (reader: string | undefined): Review => new Review(studio.project, reviewer(reader));
  /** Does something that brings two readings together where one is named: all of it, or nothing. */
  const settling = (items: readonly string[], second: string | undefined, change: () => void): void => {
    studio.project.write(() => {
      if (second !== undefined) settleOpen(studio.project, annotator(), second, items);
      change();
    });
  };
  const told = (reader: string | undefined, items: readonly string[]): ReviewedItem[] =>
    tellReviewed(studio, reader, items);
  const turned = (reader: string | undefined, result: UndoResult): UndoAnswer => {
    if (result.kind !== 'done') return result;
    const items = new Set(result.changed.map(({ item }) => studio.project.itemId(item)));
    return { kind: 'done', action: result.action, items: told(reader, [...items]) };
  };
  return {
    'review.item': ({ item, reader }) => review(reader).item(item),
    'review.edit': ({ action, edits, reader, adjudicates }) => {
      const decoded = edits.map(({ item, patch }) => ({ item, patch: decodePatch(patch) }));
      const items = edits.map(({ item }) => item);
      const before = items.map((item) => review(reader).state(item));
      settling(items, adjudicates, () => review(reader).edit(action, decoded));
      return tellReviewed(studio, reader, items, before);
    },
    'review.decide': ({ items, decision, reason, reader, adjudicates }) => {
      settling(items, adjudicates, () => review(reader).decide(items, decision, reason));
      return told(reader, items);
    },
    'review.startOver': ({ items, reader, adjudicates }) => {
      settling(items, adjudicates, () => review(reader).startOver(items));
      return told(reader, items);
    },
    'review.undo': ({ item, reader }) => turned(reader, review(reader).undo(item)),
    'review.redo': ({ item, reader }) => turned(reader, review(reader).redo(item)),
    'review.previewBelow': ({ volume, threshold, reader }) =>
      previewBelow(studio.project, volume, threshold, readerNumber(studio.project, reader)),
    'review.acceptBelow': ({ volume, threshold, items, reader, adjudicates }) => {
      settling(items, adjudicates, () => acceptBelow(studio.project, reviewer(reader), volume, threshold, items));
      return told(reader, items);
    },
    'review.putInUse': ({ run }) => {
      putInUse(studio.project, run);
      studio.projectChanged();
      return null;
    },
    'review.outdated': ({ run }) => startOutdated(studio, run),
    'review.heart': ({ item, reader }) => heartOf(studio.project, item, readerNumber(studio.project, reader)),
    'review.position': () => readingPosition(studio.project, annotator()) ?? null,
    'review.leave': (position) => {
      leaveAt(studio.project, annotator(), position);
      return null;
    },
    'review.audit': ({ item, reader }) => {
      const only = blindReader(studio.project, reader ?? '');
      return [...auditEntries(studio.project, { item, only })];
    },
    'review.auditText': ({ format }) => auditText(studio.project, format, studio.blindReader),
  };
}

/** Compares what was reviewed with what a run suggests, as a job. */
function startOutdated(studio: Studio, run: string): JobFacts {
  const { project } = studio;
  const reader = readerNumber(project, studio.blindReader);
  return studio.jobs.start({ kind: 'compare', title: run, unit: 'images' }, ({ signal, progress }) =>
    outdatedMasks(project, { run, reader }, progress, signal),
  );
}
