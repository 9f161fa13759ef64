// A valid file with something wrong: one to four changes, the same for the same random numbers.
import type { SeededRandom } from '../../src-core/training/random.ts';
import { changeBytes, pick } from './mutate-bytes.ts';
import { changeJson } from './mutate-json.ts';
import { changeText } from './mutate-text.ts';

/** A valid file to begin with. */
export interface Seed {
  readonly bytes: Uint8Array;
  /** `headed`: a text header before binary data. */
  readonly form: 'bytes' | 'text' | 'json' | 'headed';
  /** Makes sums and packing right again, so that changes get beyond the first check; applied to half of the files. */
  readonly repair?: (bytes: Uint8Array) => Uint8Array;
}

const MOST_CHANGES = 4;
/** Files that are broken and not merely large. */
const MOST_BYTES = 2 ** 21;

/** Share of each kind of change, by the form of a file. */
const KINDS: Readonly<Record<Seed['form'], readonly ('bytes' | 'text' | 'json')[]>> = {
  bytes: ['bytes'],
  headed: ['bytes', 'text', 'text'],
  text: ['bytes', 'text', 'text', 'text'],
  json: ['json', 'json', 'json', 'json', 'text', 'text', 'bytes'],
};

/** A changed copy of a file. */
export function mutate({ bytes, form, repair }: Seed, random: SeededRandom): Uint8Array {
  let changed = bytes;
  // Half of the files have one change: more of them hide one another.
  const changes = random.below(2) === 0 ? 1 : 1 + random.below(MOST_CHANGES);
  for (let count = 0; count < changes; count += 1) {
    const next = change(changed, pick(KINDS[form], random), random);
    if (next.length <= MOST_BYTES) changed = next;
  }
  return repair && random.below(2) === 0 ? repair(changed) : changed;
}

function change(bytes: Uint8Array, kind: 'bytes' | 'text' | 'json', random: SeededRandom): Uint8Array {
  if (kind === 'bytes') return changeBytes(bytes, random);
  const text = Buffer.from(bytes).toString(kind === 'json' ? 'utf8' : 'latin1');
  if (kind === 'text') return Buffer.from(changeText(text, random), 'latin1');
  return Buffer.from(changeJson(text, random), 'utf8');
}
