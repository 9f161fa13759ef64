// The run whose masks are suggested: the one a person chose, or else the newest that has predicted anything.
import type { Project } from './project.ts';

/** Setting with the run that a person chose. */
export const RUN_IN_USE = 'run-in-use';

const PREDICTED = 'SELECT r.id FROM runs r WHERE EXISTS (SELECT 1 FROM predictions p WHERE p.run = r.number)';

/** The run in use; undefined where none has predicted anything. */
export function runInUse(project: Project): string | undefined {
  const newest = project.database.prepare(`${PREDICTED} ORDER BY r.number DESC LIMIT 1`).get();
  const chosen = project.setting(RUN_IN_USE);
  if (typeof chosen === 'string' && hasPredicted(project, chosen)) return chosen;
  return newest && String(newest['id']);
}

/** Puts a run in use. Reviewed masks stay as they are; `reviewed-masks.ts` tells which of them it would draw otherwise. */
export function putInUse(project: Project, run: string): void {
  project.runNumber(run);
  if (!hasPredicted(project, run)) throw new Error(`${run} has predicted nothing yet: predict with it first`);
  project.setSetting(RUN_IN_USE, run);
}

function hasPredicted(project: Project, run: string): boolean {
  return project.database.prepare(`${PREDICTED} AND r.id = ?`).get(run) !== undefined;
}
