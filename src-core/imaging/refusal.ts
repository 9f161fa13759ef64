/** A file that cannot be used, as a value: corrupt input is an expected outcome, not an exception. */
export interface Refusal {
  readonly kind: 'refused';
  /** What a usable file would have held. */
  readonly expected: string;
  /** What this one holds. */
  readonly found: string;
}

/** Longer words are not read; where they quote a file they are as long as that makes them. */
const MOST_CHARACTERS = 400;

/** Makes a refusal from what was expected and what was found instead. */
export function refuse(expected: string, found: string): Refusal {
  return { kind: 'refused', expected: shortened(expected), found: shortened(found) };
}

/** Words that may quote a file, at a length that can be read. */
export function shortened(words: string): string {
  return words.length <= MOST_CHARACTERS ? words : `${words.slice(0, MOST_CHARACTERS - 3)}...`;
}

/** Whether a reading is a refusal rather than a value. */
export function isRefusal(reading: unknown): reading is Refusal {
  return typeof reading === 'object' && reading !== null && 'kind' in reading && reading.kind === 'refused';
}
