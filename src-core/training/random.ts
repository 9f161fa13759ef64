import type { Random } from '../unia/parameters.ts';

/** Everything a generator needs to go on where it was. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  /** The second value of the last normal pair, if it has not been given out. */
  readonly spare: number | null;
}

export interface SeededRandom extends Random {
  state(): RandomState;
  /** Whole number in [0, n). */
  below(n: number): number;
  /** An independent generator whose numbers depend on where this one stands and on the name; this one stays there. */
  fork(name: string): SeededRandom;
}

/** sfc32 (Chris Doty-Humphrey's small fast counting generator), seeded by a number or restored from a state. */
export function createRandom(seed: number | RandomState): SeededRandom {
  let [a, b, c, counter] = typeof seed === 'number' ? [0, seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, 1] : seed.words;
  let spare = typeof seed === 'number' ? null : seed.spare;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  if (typeof seed === 'number') for (let i = 0; i < 12; i++) next();
  const uniform = (): number => next() / 2 ** 32;
  const self: SeededRandom = {
    uniform,
    below: (n) => Math.floor(uniform() * n),
    normal() {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    state: () => ({ words: [a, b, c, counter], spare }),
    fork(name) {
      let hash = (a ^ b ^ c) >>> 0;
      for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
      return createRandom(hash);
    },
  };
  return self;
}

/** The values in a random order (Fisher-Yates); the input is left as it is. */
export function shuffled<T>(values: readonly T[], random: SeededRandom): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
