import type { AreaOf, Handlers } from '../../../src-core/contract/contract.ts';
import type { SECOND_READER_CALLS, SecondReaderFacts } from '../../../src-core/contract/second-reader.ts';
import { awaitsReview } from '../../../src-core/review/item-state.ts';
import { readFacts } from '../../storage/reading-store.ts';
import { adjudicate } from '../adjudication.ts';
import { agreementOfReaders } from '../reader-agreement.ts';
import { addSecondReader, blindReader, firstReaders, readerNumber, secondReaders } from '../readers.ts';
import { conflictsOf, countDecided, firstReading, readByBoth, readingPair, sideOf } from '../reading-pairs.ts';
import type { Studio } from './studio.ts';
import { tellReviewed } from './tell-reviewed.ts';

export function secondReaderHandlers(studio: Studio): Handlers<AreaOf<typeof SECOND_READER_CALLS>> {
  const number = (reader: string): number => readerNumber(studio.project, reader);
  /** Of two readings, one is somebody else's. */
  const seesBoth = (): void => {
    const blind = studio.blindReader;
    if (blind !== undefined) throw new Error(`${blind} reads blind: what other readers decided is not shown`);
  };
  const readers = (): SecondReaderFacts[] =>
    secondReaders(studio.project).map((reader) => ({
      ...reader,
      decided: countDecided(studio.project, number(reader.name)),
      both: readByBoth(studio.project, number(reader.name)).length,
    }));
  return {
    'second.readers': readers,
    'second.firstReaders': () => firstReaders(studio.project),
    'second.begin': (reader) => {
      addSecondReader(studio.project, reader);
      studio.projectChanged();
      return readers();
    },
    'second.first': ({ item, reader }) => {
      const row = studio.project.itemNumber(item);
      const isBlind = blindReader(studio.project, reader) !== undefined;
      const { state } = readFacts(studio.project.database, row, number(reader));
      if (isBlind && awaitsReview(state)) {
        throw new Error(`${item}: ${reader} reads blind and has not decided yet, so the first reading is not shown`);
      }
      return sideOf(firstReading(studio.project, row));
    },
    'second.pair': ({ item, reader }) => {
      seesBoth();
      return readingPair(studio.project, item, number(reader));
    },
    'second.agreement': () => {
      seesBoth();
      const { project, jobs } = studio;
      return jobs.start({ kind: 'compare', title: '', unit: 'images' }, ({ signal, progress }) =>
        agreementOfReaders(project, progress, signal),
      );
    },
    'second.conflicts': ({ reader }) => {
      seesBoth();
      const { project, jobs } = studio;
      return jobs.start({ kind: 'compare', title: reader, unit: 'images' }, ({ signal, progress }) =>
        conflictsOf(project, number(reader), progress, signal),
      );
    },
    'second.adjudicate': ({ items, reader, choice }) => {
      seesBoth();
      adjudicate(studio.project, studio.settings().annotator, reader, items, choice);
      return tellReviewed(studio, undefined, items);
    },
  };
}
