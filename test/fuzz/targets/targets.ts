// Every parser of files that come from elsewhere, in groups that load apart: a process for one parser needs one of them.
import type { Target } from '../target.ts';

const GROUPS = {
  volumes: () => import('./volumes.ts'),
  rasters: () => import('./rasters.ts'),
  dicom: () => import('./dicom.ts'),
  importers: () => import('./importers.ts'),
  stored: () => import('./stored.ts'),
} as const satisfies Readonly<Record<string, () => Promise<{ readonly TARGETS: readonly Target[] }>>>;

export type GroupName = keyof typeof GROUPS;

export const GROUP_NAMES = Object.keys(GROUPS) as GroupName[]; // its own keys

/** The targets of a group. */
export async function targetsOf(group: GroupName): Promise<readonly Target[]> {
  return (await GROUPS[group]()).TARGETS;
}
