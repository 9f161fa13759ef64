// Which classes a run's segmentation fails to show though its pseudo masks do: noted by the prediction of all images, else known
// from the newest look at validation images.
import { z } from 'zod';
import {
  nothingShown,
  vanishedClasses as vanishedOf,
  type ShownPixels,
} from '../../src-core/training/vanished-classes.ts';
import type { Project, RunRecord } from './project.ts';
import { parseSummary } from './run-summary.ts';

const SHOWN = z.object({ pseudo: z.array(z.number()), segmentation: z.array(z.number()) });

const settingOf = (run: string): string => `shown by ${run}`;

/** What a run's predictions have shown so far. */
export function readShown(project: Project, run: string): ShownPixels {
  return SHOWN.safeParse(project.setting(settingOf(run))).data ?? nothingShown(project.classes.length);
}

/** Notes it; null takes it away. */
export function noteShown(project: Project, run: string, shown: ShownPixels | null): void {
  project.setSetting(settingOf(run), shown);
}

/** Names of the classes. */
export function vanishedClasses(project: Project, { id, summary }: Pick<RunRecord, 'id' | 'summary'>): string[] {
  const noted = SHOWN.safeParse(project.setting(settingOf(id))).data;
  const places = noted ? vanishedOf(noted) : (parseSummary(summary).measures?.vanished ?? []);
  return classesAt(project, places);
}

/** Names of classes by their places. */
export function classesAt({ classes }: Project, places: readonly number[]): string[] {
  return places.flatMap((place) => classes[place] ?? []);
}
