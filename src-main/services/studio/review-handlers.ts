import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { JobFacts } from '../../../src-core/contract/job.ts';
import type { ReviewedItem, REVIEW_CALLS, UndoAnswer } from '../../../src-core/contract/review.ts';
import { decodePatch } from '../../../src-core/labels/patch-codec.ts';
import { readAudit } from '../../storage/audit-store.ts';
import { acceptBelow, previewBelow } from '../accept-below.ts';
import { auditText } from '../audit-text.ts';
import type { UndoResult } from '../gestures.ts';
import { readerNumber } from '../readers.ts';
import { outdatedMasks } from '../outdated-masks.ts';
import { leaveAt, readingPosition } from '../reading-position.ts';
import { Review, type Reviewer } from '../review.ts';
import { putInUse } from '../run-in-use.ts';
import type { Studio } from './studio.ts';

export function reviewHandlers(studio: Studio): Handlers<AreaOf<typeof REVIEW_CALLS>> {
  const annotator = (): string => studio.settings().annotator;
  const reviewer = (reader: string | undefined): Reviewer => ({
    annotator: annotator(),
    reader: readerNumber(studio.project, reader),
  });
  const review = (reader: string | undefined): Review => new Review(studio.project, reviewer(reader));
  /** Tells screens what was changed, and gives it. */
  const told = (reader: string | undefined, items: readonly string[]): ReviewedItem[] => {
    const changed = items.map((item) => review(reader).item(item));
    const states = changed.map(({ item, state }) => ({ item, state }));
    if (states.length > 0) studio.emit('reviewed', { reader: reader ?? null, items: states });
    studio.projectChanged();
    return changed;
  };
  const turned = (reader: string | undefined, result: UndoResult): UndoAnswer => {
    if (result.kind !== 'done') return result;
    const items = result.changed.map(({ item }) => studio.project.itemId(item));
    return { kind: 'done', action: result.action, items: told(reader, items) };
  };
  return {
    'review.item': ({ item, reader }) => review(reader).item(item),
    'review.edit': ({ action, edits, reader }) => {
      const decoded = edits.map(({ item, patch }) => ({ item, patch: decodePatch(patch) }));
      review(reader).edit(action, decoded);
      return told(
        reader,
        edits.map(({ item }) => item),
      );
    },
    'review.decide': ({ items, decision, reason, reader }) => {
      review(reader).decide(items, decision, reason);
      return told(reader, items);
    },
    'review.startOver': ({ items, reader }) => {
      review(reader).startOver(items);
      return told(reader, items);
    },
    'review.undo': ({ item, reader }) => turned(reader, review(reader).undo(item)),
    'review.redo': ({ item, reader }) => turned(reader, review(reader).redo(item)),
    'review.previewBelow': ({ volume, threshold, reader }) =>
      previewBelow(studio.project, volume, threshold, readerNumber(studio.project, reader)),
    'review.acceptBelow': ({ volume, threshold, items, reader }) => {
      acceptBelow(studio.project, reviewer(reader), volume, threshold, items);
      return told(reader, items);
    },
    'review.putInUse': ({ run }) => {
      putInUse(studio.project, run);
      studio.projectChanged();
      return null;
    },
    'review.outdated': ({ run }) => startOutdated(studio, run),
    'review.position': () => readingPosition(studio.project, annotator()) ?? null,
    'review.leave': (position) => {
      leaveAt(studio.project, annotator(), position);
      return null;
    },
    'review.audit': ({ item }) => [...readAudit(studio.project.database, item)],
    'review.auditText': ({ format }) => auditText(studio.project, format),
  };
}

/** Compares what was reviewed with what a run suggests, as a job. */
function startOutdated(studio: Studio, run: string): JobFacts {
  const { project } = studio;
  return studio.jobs.start({ kind: 'compare', title: run, unit: 'images' }, ({ signal, progress }) =>
    outdatedMasks(project, run, progress, signal),
  );
}
