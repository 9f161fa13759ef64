// What a parser makes of a broken file: it takes it, refuses it in words, or crashes.
import { explainStorageError, ProjectError } from '../../src-main/storage/project-error.ts';
import { isRefusal, type Refusal } from '../../src-core/imaging/refusal.ts';
import { createRandom } from '../../src-core/training/random.ts';
import { mutate, type Seed } from './mutate.ts';

/** A valid file with the parser that reads it. */
export interface Subject extends Seed {
  /** Reads a file of these bytes as the program does, to the last value. */
  read(bytes: Uint8Array): Promise<Reading>;
}

/** What came of a reading: nothing refused, or the first thing that was. */
export type Reading = Refusal | undefined;

/** A parser under test. */
export interface Target {
  readonly name: string;
  /** Makes the valid files, in an empty folder. */
  prepare(folder: string): Promise<readonly Subject[]>;
}

/** What came of one broken file. */
export type Outcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'crashed'; readonly error: string };

/** Longer words are not read by anybody, and are as long as what a file makes them. */
const MOST_CHARACTERS = 2000;
/** The project's own errors name a file or field and what was expected of it. */
const OWN_ERROR = /^[^\n]+: [^]*(?:expected|nothing to import|cannot be read|were changed|needs|has type|no valid)/;
const OWN_CLASSES: readonly unknown[] = [Error, RangeError];

/** The subject and the changed bytes of one run: the same for the same seed and number. */
export function brokenFile(
  { name }: Target,
  subjects: readonly Subject[],
  seed: number,
  run: number,
): { readonly subject: Subject; readonly bytes: Uint8Array } {
  const random = createRandom(seed).fork(`${name} ${run}`);
  const subject = subjects[run % subjects.length]!; // no target is without
  return { subject, bytes: mutate(subject, random) };
}

/** Reads a broken file, whatever happens. */
export async function attempt(subject: Subject, bytes: Uint8Array): Promise<Outcome> {
  try {
    const reading = await subject.read(bytes);
    if (reading === undefined) return { kind: 'accepted' };
    return judgeRefusal(reading);
  } catch (thrown) {
    return judgeError(thrown);
  }
}

function judgeRefusal({ expected, found }: Refusal): Outcome {
  const why = `expected ${expected}, found ${found}`;
  const isClear = expected.trim() !== '' && found.trim() !== '' && why.length <= MOST_CHARACTERS;
  return isClear
    ? { kind: 'refused', why }
    : { kind: 'crashed', error: `a refusal that says nothing: ${clipped(why)}` };
}

function judgeError(thrown: unknown): Outcome {
  const error = explainStorageError(thrown, 'project');
  const text = error instanceof Error ? error.message : String(error);
  const isOwn =
    error instanceof ProjectError ||
    (error instanceof Error && OWN_CLASSES.includes(error.constructor) && OWN_ERROR.test(text));
  if (isOwn && text.length <= MOST_CHARACTERS) return { kind: 'refused', why: text };
  const stack = error instanceof Error ? (error.stack ?? '').split('\n').slice(1, 4).join(' | ') : '';
  return {
    kind: 'crashed',
    error: `${error instanceof Error ? error.constructor.name : typeof error}: ${clipped(text)} ${stack}`,
  };
}

function clipped(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}... (${text.length} characters)` : text;
}

/** Passes a value on, or the refusal that stands in its place. */
export function refusalIn(value: unknown): Refusal | undefined {
  return isRefusal(value) ? value : undefined;
}
