// Bringing two readings together: one of them becomes the effective one, by a third person's word, and both are kept.
import { awaitsReview } from '../../src-core/review/item-state.ts';
import { isBroughtTogether } from '../../src-core/review/settled.ts';
import { readingVersion } from '../storage/documents.ts';
import type { Change } from '../storage/history-store.ts';
import { READER, readFacts, readReading, type Reading } from '../storage/reading-store.ts';
import { Gestures } from './gestures.ts';
import type { Project } from './project.ts';
import { readerNumber } from './readers.ts';
import { firstReading } from './reading-pairs.ts';

/** Whose reading of the two is taken; `present`: the effective one as it stands, to be corrected by hand. */
export type Choice = 'first' | 'second' | 'present';

/**
 * Makes the chosen readings of some items effective, as one gesture of the adjudicator. Throws where the second reader has not
 * decided about one of them.
 */
export function adjudicate(
  project: Project,
  annotator: string,
  reader: string,
  items: readonly string[],
  choice: Choice,
): void {
  const number = readerNumber(project, reader);
  const changes = (): Change[] => items.flatMap((item) => changesOf(project, annotator, number, item, choice));
  new Gestures(project).perform(annotator, 'adjudicate', changes, { choice, second: reader });
}

/** Those of some items that two have decided about and nobody has brought together since; theirs is the present, effective reading. */
export function settleOpen(project: Project, annotator: string, reader: string, items: readonly string[]): void {
  const number = readerNumber(project, reader);
  const open = items.filter((id) => {
    const item = project.itemNumber(id);
    const second = readFacts(project.database, item, number);
    const first = firstReading(project, item).facts;
    const isBoth = !awaitsReview(first.state) && !awaitsReview(second.state);
    return isBoth && !isBroughtTogether(readFacts(project.database, item, READER.effective), second.at);
  });
  if (open.length > 0) adjudicate(project, annotator, reader, open, 'present');
}

function changesOf(project: Project, annotator: string, reader: number, id: string, choice: Choice): Change[] {
  const item = project.itemNumber(id);
  const [first, second] = [firstReading(project, item), readReading(project.database, item, reader)];
  for (const [who, { facts }] of [
    ['first', first],
    ['second', second],
  ] as const) {
    if (facts.state === 'pending' || facts.state === 'flagged') {
      throw new Error(
        `${id}: the ${who} reader has not decided yet (${facts.state}), so there is nothing to choose from`,
      );
    }
  }
  const at = new Date().toISOString();
  const chosen = { first, second, present: readReading(project.database, item, READER.effective) }[choice];
  const effective: Reading = { ...chosen, facts: { ...chosen.facts, annotator, at, adjudicated: at } };
  const isKept = readFacts(project.database, item, READER.first).at !== '';
  const change = (part: number, after: Reading): Change => ({
    ...{ item, part },
    before: readingVersion(readReading(project.database, item, part)),
    after: readingVersion(after),
  });
  // The first reader's own is kept apart before anything else stands in its place.
  return [change(READER.effective, effective), ...(isKept ? [] : [change(READER.first, first)])];
}
