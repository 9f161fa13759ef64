// How far every two people who read the same items agree: the first readers, each by name, and the second ones.
import type { ItemAgreement, PairAgreement } from '../../src-core/contract/second-reader.ts';
import type { LabelPlane } from '../../src-core/imaging/plane.ts';
import { decodeLabels } from '../../src-core/labels/label-codec.ts';
import { AgreementCounter } from '../../src-core/measure/reader-agreement.ts';
import { awaitsReview, supervises, type ItemState } from '../../src-core/review/item-state.ts';
import { maskDisagreement } from '../../src-core/review/suggestion.ts';
import { isSettled } from '../../src-core/review/settled.ts';
import { READER, readFacts, readReading, type Reading } from '../storage/reading-store.ts';
import type { Project } from './project.ts';
import { readerNumber, secondReaders } from './readers.ts';
import { firstReading } from './reading-pairs.ts';

/** A reading that is decided, and whose it is. */
interface Side {
  readonly name: string;
  readonly state: ItemState;
  /** When it was decided. */
  readonly at: string;
  readonly isSecond: boolean;
  /** Null where the item was rejected. */
  readonly mask: LabelPlane | null;
}

/** What is collected of two readers. */
interface Pair {
  readonly first: string;
  readonly second: string;
  readonly counter: AgreementCounter;
  readonly items: ItemAgreement[];
  rejectedByOne: number;
}

/** Measures every pair of readers over the items for which both have given a mask. Others are answered between items. */
export async function agreementOfReaders(
  project: Project,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<PairAgreement[]> {
  const readers = secondReaders(project).map(({ name }) => ({ name, number: readerNumber(project, name) }));
  const items = itemsOfSecondReaders(project);
  const pairs = new Map<string, Pair>();
  for (const [i, item] of items.entries()) {
    signal?.throwIfAborted();
    const sides = [
      sideOf(firstReading(project, item), undefined),
      ...readers.map(({ name, number }) => sideOf(readReading(project.database, item, number), name)),
    ].filter((side) => side !== undefined);
    for (const [at, first] of sides.entries()) {
      for (const second of sides.slice(at + 1)) {
        // The same person's two readings say nothing of how two people agree.
        if (first.name !== second.name) compare(project, item, pairOf(pairs, project, first, second), first, second);
      }
    }
    onProgress(i + 1, items.length);
    if (i % 16 === 15) await new Promise(setImmediate);
  }
  return [...pairs.values()].map(({ first, second, counter, items: differing, rejectedByOne }) => ({
    ...{ first, second, rejectedByOne, ...counter.finish() },
    items: differing.toSorted((a, b) => b.disagreement - a.disagreement),
  }));
}

/** Row numbers of the items that a second reader has touched, as imported. */
function itemsOfSecondReaders(project: Project): number[] {
  const rows = project.database
    .prepare(`SELECT DISTINCT item FROM readings WHERE reader > ${READER.first} ORDER BY item`)
    .all();
  return rows.map((row) => Number(row['item']));
}

/** Undefined where the reader has not decided. */
function sideOf({ facts, mask }: Reading, reader: string | undefined): Side | undefined {
  const { state, at, annotator } = facts;
  if (awaitsReview(state)) return undefined;
  return {
    ...{ name: reader ?? annotator, state, at, isSecond: reader !== undefined },
    mask: supervises(state) && mask ? decodeLabels(mask) : null,
  };
}

function pairOf(pairs: Map<string, Pair>, project: Project, { name: first }: Side, { name: second }: Side): Pair {
  const key = JSON.stringify([first, second]);
  const known = pairs.get(key);
  if (known) return known;
  const pair = { first, second, counter: new AgreementCounter(project.classes), items: [], rejectedByOne: 0 };
  pairs.set(key, pair);
  return pair;
}

function compare(project: Project, item: number, pair: Pair, first: Side, second: Side): void {
  const spacingMm = pixelSize(project, item);
  const alone = new AgreementCounter(project.classes);
  const isRejectedByOne = (first.mask === null) !== (second.mask === null);
  if (isRejectedByOne) pair.rejectedByOne++;
  let disagreement = isRejectedByOne ? 1 : 0;
  if (first.mask && second.mask) {
    const slice = { first: first.mask, second: second.mask, spacingMm };
    pair.counter.add(slice);
    alone.add(slice);
    disagreement = maskDisagreement(first.mask, second.mask);
  }
  if (disagreement === 0) return;
  const { classes, kappa } = alone.finish();
  pair.items.push({
    item: project.itemId(item),
    first: first.state,
    second: second.state,
    disagreement,
    classes: classes.map(({ dice, hd95 }) => ({ dice, hd95Mm: hd95.value })),
    kappa,
    // Two second readers are brought together with the first reading, never with each other.
    isOpen: !first.isSecond && !isSettled(readFacts(project.database, item, READER.effective), second.at),
  });
}

/** Height and width of a pixel, mm. */
function pixelSize(project: Project, item: number): readonly [number, number] | null {
  const row = project.database
    .prepare('SELECT v.spacing_x, v.spacing_y FROM items i JOIN volumes v ON v.number = i.volume WHERE i.number = ?')
    .get(item);
  const [x, y] = [row?.['spacing_x'], row?.['spacing_y']];
  return typeof x === 'number' && typeof y === 'number' ? [y, x] : null;
}
