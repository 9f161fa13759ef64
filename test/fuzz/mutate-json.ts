// Changes of JSON documents that keep them JSON: other types, missing and repeated fields, hostile numbers and names.
import type { SeededRandom } from '../../src-core/training/random.ts';
import { pick } from './mutate-bytes.ts';
import { HOSTILE_TEXTS } from './mutate-text.ts';

const HOSTILE_NUMBERS = [
  0,
  -1,
  1,
  2,
  0.5,
  -0.5,
  255,
  256,
  65536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  -1e308,
  1e-320,
  16384,
  1e5,
];
const WRONG_TYPES: readonly unknown[] = [null, true, false, '', 'text', 0, [], {}, [[]], [null], { a: 1 }, [[[[1]]]]];
const DEEP = 1000;
const MANY = 3000;
/** Larger values are not repeated that often. */
const LARGE = 1000;
/** Deeper values are changed as a whole. */
const DEEPEST_CHANGE = 30;

type JsonObject = Record<string, unknown>;
type Place = { readonly holder: JsonObject | unknown[]; readonly key: string | number };

/** One change of a document. What is no JSON comes back as it is. */
export function changeJson(text: string, random: SeededRandom): string {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return text;
  }
  // A holder of its own, so that the root can be replaced like any other value.
  const holder: JsonObject = { root };
  changeAt(pick([...placesIn(holder)], random), random);
  try {
    return JSON.stringify(holder['root']) ?? '';
  } catch {
    // Nested by an earlier change beyond what can be written.
    return text;
  }
}

function* placesIn(value: unknown, depth = 0): Generator<Place> {
  if (typeof value !== 'object' || value === null || depth > DEEPEST_CHANGE) return;
  const holder = value as JsonObject | unknown[];
  const keys: readonly (string | number)[] = Array.isArray(holder) ? [...holder.keys()] : Object.keys(holder);
  for (const key of keys) {
    yield { holder, key };
    yield* placesIn((holder as JsonObject)[key], depth + 1);
  }
}

function changeAt(place: Place, random: SeededRandom): void {
  const value = (place.holder as JsonObject)[place.key];
  const set = (changed: unknown): void => {
    (place.holder as JsonObject)[place.key] = changed;
  };
  const changes: (() => void)[] = [
    () => set(pick(WRONG_TYPES, random)),
    () => remove(place),
    () => duplicate(place, random),
    () => set(deep(value)),
  ];
  if (typeof value === 'number') changes.push(...Array<() => void>(3).fill(() => set(pick(HOSTILE_NUMBERS, random))));
  if (typeof value === 'string') changes.push(...Array<() => void>(3).fill(() => set(pick(HOSTILE_TEXTS, random))));
  if (Array.isArray(value)) {
    changes.push(
      () => set([...(value as unknown[]), ...(value as unknown[])]),
      () => set([...(value as unknown[])].reverse()),
      () => set((value as unknown[]).slice(1)),
      () =>
        set(
          Array.from(
            { length: JSON.stringify(value).length > LARGE ? 3 : MANY },
            (_, at) => (value as unknown[])[at % Math.max(1, value.length)] ?? null,
          ),
        ),
    );
  } else if (typeof value === 'object' && value !== null) {
    // As text JSON may name a prototype; assigned, it would be one.
    changes.push(() =>
      Object.defineProperty(value, pick(HOSTILE_TEXTS, random), {
        value: pick(WRONG_TYPES, random),
        enumerable: true,
        configurable: true,
      }),
    );
    changes.push(() => set(Object.values(value)));
  }
  pick(changes, random)();
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function duplicate({ holder, key }: Place, random: SeededRandom): void {
  if (Array.isArray(holder)) holder.splice(random.below(holder.length + 1), 0, structuredClone(holder[Number(key)]));
  else holder[pick(Object.keys(holder), random)] = structuredClone(holder[key]);
}

function deep(value: unknown): unknown {
  let nested = value;
  for (let level = 0; level < DEEP; level += 1) nested = level % 2 === 0 ? [nested] : { a: nested };
  return nested;
}
