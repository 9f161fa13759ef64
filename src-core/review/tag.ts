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

/** Why presence of a class cannot be learned from these tags; undefined where it can. */
export function learnability(name: string, count: ClassCount): string | undefined {
  if (count.positive + count.negative === 0) return `nothing is tagged, so "${name}" cannot be learned`;
  if (count.positive === 0) return `no tag shows "${name}", so its presence cannot be learned`;
  if (count.negative === 0)
    return `every tag shows "${name}", so its presence cannot be learned; add images or windows without it`;
  return undefined;
}
