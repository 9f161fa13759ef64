// Tags are statements about which classes are there. "None of them" is a statement too; no statement is no tag.

/** Of a class: nothing is said. A window may be tagged for one class only. */
export const UNKNOWN = 2;

/** 1 present, 0 absent, `UNKNOWN`, for each class of the project. */
export type Presence = readonly number[];

/** Whether a tag says that no class is there. */
export function isNone(present: Presence): boolean {
  return present.every((value) => value === 0);
}

/** How often each class was seen and not seen. */
export interface ClassCount {
  readonly positive: number;
  readonly negative: number;
}

/** Why presence of a class cannot be learned from tags: none speaks of it, none shows it, or all do. */
export type Unlearnable = 'untagged' | 'never shown' | 'always shown';

/** What is wrong with the tags of a class; undefined where it can be learned. */
export function unlearnable({ positive, negative }: ClassCount): Unlearnable | undefined {
  if (positive + negative === 0) return 'untagged';
  if (positive === 0) return 'never shown';
  return negative === 0 ? 'always shown' : undefined;
}

/** The same in words. */
export function learnability(name: string, count: ClassCount): string | undefined {
  switch (unlearnable(count)) {
    case 'untagged':
      return `nothing is tagged, so "${name}" cannot be learned`;
    case 'never shown':
      return `no tag shows "${name}", so its presence cannot be learned`;
    case 'always shown':
      return `every tag shows "${name}", so its presence cannot be learned; add images or windows without it`;
    case undefined:
      return undefined;
  }
}
