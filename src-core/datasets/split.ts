// Splits into training, validation and test by group (patient), so that no patient is on two sides.
import { createRandom, shuffled } from '../training/random.ts';

/** Which part of the data a group belongs to. */
export type Split = 'train' | 'validation' | 'test';

/** How groups are divided. */
export type SplitRule =
  /** Seeded shuffle; shares of all groups, the rest trains. */
  | { readonly kind: 'shares'; readonly test: number; readonly validation: number; readonly seed: number }
  /** Test is every group whose number (the last digits of its name) divides by `modulus`; validation is a share of the others. */
  | { readonly kind: 'modulus'; readonly modulus: number; readonly validation: number; readonly seed: number }
  /** As stated per group; groups that are not named train. */
  | { readonly kind: 'list'; readonly splits: Readonly<Record<string, Split>> };

/** A fifth to test, a tenth of the others to validate. */
export const DEFAULT_SPLIT: SplitRule = { kind: 'shares', test: 0.2, validation: 0.1, seed: 0 };

/** A group to be placed; one that its source already placed (a `testing` folder) keeps that place. */
export interface Group {
  readonly name: string;
  readonly given?: Split;
}

/**
 * The split of every group, in the order given. `validation` is a share of the groups that are not in test,
 * at least one of them when it is above 0 and there are two or more; none is drawn where the source placed some.
 */
export function splitGroups(groups: readonly Group[], rule: SplitRule): Map<string, Split> {
  const splits = new Map<string, Split>();
  if (rule.kind === 'list') {
    for (const group of groups) splits.set(group.name, rule.splits[group.name] ?? group.given ?? 'train');
    return splits;
  }
  checkShare('validation', rule.validation);
  const test = rule.kind === 'modulus' ? dividing(groups, rule.modulus) : drawTest(groups, rule);
  for (const group of groups) splits.set(group.name, test.has(group.name) ? 'test' : (group.given ?? 'train'));

  // A source that validates on some of its groups has divided the others from them on purpose.
  if ([...splits.values()].includes('validation')) return splits;
  const training = [...splits.keys()].filter((name) => splits.get(name) === 'train').sort();
  const wanted =
    rule.validation > 0 && training.length > 1 ? Math.max(1, Math.round(rule.validation * training.length)) : 0;
  const drawn = shuffled(training, createRandom(rule.seed).fork('validation')).slice(0, wanted);
  for (const name of drawn) splits.set(name, 'validation');
  return splits;
}

/** Last run of digits in a group's name, undefined where there is none: `patient005` is 5. */
export function groupNumber(name: string): number | undefined {
  const digits = /(\d+)\D*$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function dividing(groups: readonly Group[], modulus: number): Set<string> {
  if (!Number.isInteger(modulus) || modulus < 2)
    throw new Error(`modulus: expected an integer of 2 or more, got ${modulus}`);
  return new Set(groups.filter((group) => (groupNumber(group.name) ?? 1) % modulus === 0).map((group) => group.name));
}

/** Groups already placed by their source are not drawn from; if any was placed in test, none is drawn. */
function drawTest(groups: readonly Group[], rule: { readonly test: number; readonly seed: number }): Set<string> {
  checkShare('test', rule.test);
  if (groups.some((group) => group.given === 'test'))
    return new Set(groups.filter((g) => g.given === 'test').map((g) => g.name));
  const free = groups.filter((group) => group.given === undefined).map((group) => group.name);
  const wanted = rule.test > 0 && free.length > 1 ? Math.max(1, Math.round(rule.test * free.length)) : 0;
  return new Set(shuffled(free.sort(), createRandom(rule.seed).fork('test')).slice(0, wanted));
}

function checkShare(name: string, share: number): void {
  if (!(share >= 0 && share < 1)) throw new Error(`${name} share: expected 0 to below 1, got ${share}`);
}
