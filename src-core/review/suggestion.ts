// The suggested mask of an item: which of a run's maps it is, and what the queue has to know of it.
import { BACKGROUND, IGNORE, type LabelPlane } from '../imaging/plane.ts';

/** Label maps of a run that may be suggested, the better one first: the segmentation, else P. */
export const SUGGESTED_KINDS = ['segmentation', 'pseudo'] as const;
export type SuggestedKind = (typeof SUGGESTED_KINDS)[number];

/** What is kept of a suggested mask beside it, to sort and filter by. */
export interface SuggestionFacts {
  readonly kind: SuggestedKind;
  /** 1 - mean DSC of P and segmentation over the classes that either shows; null where the run has but one of them. */
  readonly disagreement: number | null;
  /** Pixels of each label id in the suggested mask, background first; ids above the last one shown are left out. */
  readonly areas: readonly number[];
}

/** Measures what a run suggests; undefined where it has neither of the maps. */
export function suggestionFacts(labels: Readonly<Record<string, LabelPlane>>): SuggestionFacts | undefined {
  const kind = SUGGESTED_KINDS.find((each) => labels[each]);
  if (!kind) return undefined;
  const { segmentation, pseudo } = labels;
  return {
    kind,
    disagreement: segmentation && pseudo ? maskDisagreement(segmentation, pseudo) : null,
    areas: areasOf(labels[kind]!),
  };
}

/**
 * 1 - mean DSC over the classes that either mask shows, 0 where neither shows any. Pixels that either leaves open (255) do
 * not count.
 */
export function maskDisagreement(a: LabelPlane, b: LabelPlane): number {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(`mask: expected ${a.width} x ${a.height} pixels, got ${b.width} x ${b.height}`);
  }
  const both = new Uint32Array(256);
  const either = new Uint32Array(256);
  for (let i = 0; i < a.data.length; i++) {
    const [first, second] = [a.data[i]!, b.data[i]!];
    if (first === IGNORE || second === IGNORE) continue;
    if (first === second) both[first]!++;
    either[first]!++;
    either[second]!++;
  }
  let [sum, classes] = [0, 0];
  for (let label = BACKGROUND + 1; label < IGNORE; label++) {
    if (either[label] === 0) continue;
    sum += (2 * both[label]!) / either[label]!;
    classes++;
  }
  return classes === 0 ? 0 : 1 - sum / classes;
}

function areasOf({ data }: LabelPlane): number[] {
  const counts = new Array<number>(IGNORE).fill(0);
  for (const label of data) if (label !== IGNORE) counts[label]!++;
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
}
