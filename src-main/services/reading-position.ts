// Where each annotator left the review, so that it goes on there.
import { z } from 'zod';
import type { ReadingPosition } from '../../src-core/contract/review.ts';
import type { Project } from './project.ts';

const POSITION = z.object({ item: z.string(), view: z.json() });

const settingOf = (annotator: string): string => `position of ${annotator}`;

/** Where an annotator left; undefined where they have not been here, or the item is gone. */
export function readingPosition(project: Project, annotator: string): ReadingPosition | undefined {
  const { data } = POSITION.safeParse(project.setting(settingOf(annotator)));
  if (!data) return undefined;
  return project.database.prepare('SELECT 1 FROM items WHERE id = ?').get(data.item) ? data : undefined;
}

/** Notes where an annotator is. */
export function leaveAt(project: Project, annotator: string, position: ReadingPosition): void {
  project.itemNumber(position.item);
  project.setSetting(settingOf(annotator), position);
}
