/** A file that cannot be used, as a value: corrupt input is an expected outcome, not an exception. */
export interface Refusal {
  readonly kind: 'refused';
  /** What a usable file would have held. */
  readonly expected: string;
  /** What this one holds. */
  readonly found: string;
}

/** Makes a refusal from what was expected and what was found instead. */
export function refuse(expected: string, found: string): Refusal {
  return { kind: 'refused', expected, found };
}

/** Whether a reading is a refusal rather than a value. */
export function isRefusal(reading: unknown): reading is Refusal {
  return typeof reading === 'object' && reading !== null && 'kind' in reading && reading.kind === 'refused';
}
