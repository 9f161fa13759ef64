// Readings and tags as the history sees them.
import type { DatabaseSync } from 'node:sqlite';
import { TAGS, type Documents, type Version } from './history-store.ts';
import { readReading, UNREAD, writeReading, type Reading, type ReadingFacts } from './reading-store.ts';
import { readItemTags, writeItemTags, type StoredTag } from './tag-store.ts';
import { parseStored } from './stored-json.ts';

/** The documents of a project. */
export function projectDocuments(database: DatabaseSync): Documents {
  return {
    read: ({ item, part }) =>
      part === TAGS ? tagVersion(readItemTags(database, item)) : readingVersion(readReading(database, item, part)),
    write({ item, part }, version) {
      if (part === TAGS) writeItemTags(database, item, tagsOf(version));
      else writeReading(database, item, part, readingOf(version));
    },
  };
}

/** A reading as a version of its document. */
export function readingVersion({ facts, mask, base }: Reading): Version {
  return { facts: facts.at === '' && facts.state === 'pending' ? null : JSON.stringify(facts), mask, base };
}

/** The reading of a version. */
export function readingOf({ facts, mask, base }: Version): Reading {
  // Written by `readingVersion`.
  return { facts: facts === null ? UNREAD.facts : (parseStored(facts, 'a reading') as ReadingFacts), mask, base };
}

/** The tags of an item as a version of their document. */
export function tagVersion(tags: readonly StoredTag[]): Version {
  return { facts: tags.length === 0 ? null : JSON.stringify(tags), mask: null, base: null };
}

/** The tags of a version. */
export function tagsOf({ facts }: Version): StoredTag[] {
  // Written by `tagVersion`.
  return facts === null ? [] : (parseStored(facts, 'the tags of an item') as StoredTag[]);
}
